"""The engine beside the plain way, in one run, on the same inputs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core import checkpoints, images, metrics, units
from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.pgd import pgd_l2
from core.lab import Lab
from core.problems.super_resolution import SuperResolution
from core.seeds import derive_many
from core.smoothing import smoothed_estimate


def benchmark(
    lab: Lab, checkpoint: str, image: str, *, sigma_g: float, samples: int, rounds: int
) -> dict[str, Any]:
    """Median seconds of k-sample smoothing and of PGD-10, plain and by the engine, alternating.

    Plain means: the network as loaded, float32, batch norm unfolded, one sample per forward.
    Both ways see the same noise, drawn from the same seeds.
    """
    network, metadata = checkpoints.load(checkpoint, lab.folder)
    network.to(lab.engine.device)
    estimator = lab.engine.prepare(network)
    truth = images.crop(images.bundled(image), short_side=192, x=0.5, y=0.5)
    problem = SuperResolution(metadata.factor)
    measurement = problem.measure(truth).to(lab.engine.device)
    target = units.standardise(truth).to(lab.engine.device)
    radius = units.radius(0.02, measurement.numel())
    start = ball.in_ball(measurement, radius, [0])

    @torch.no_grad()
    def plain_smoothing() -> Tensor:
        total = torch.zeros_like(measurement)
        for seed in derive_many(0, "smoothing", samples):
            total += network(measurement + sigma_g * ball.gaussian(measurement, [seed]))
        return total / samples

    def engine_smoothing() -> Tensor:
        *_, last = smoothed_estimate(
            estimator.fast, measurement, sigma=sigma_g, samples=samples, seed=0, chunk=lab.engine.chunk
        )
        return last.mean

    def attack(function: Callable[[Tensor], Tensor]) -> Tensor:
        objective = BaseError(function, target)
        *_, last = pgd_l2(objective, measurement, start, radius=radius, steps=10, step_size=radius / 4)
        return last.kept

    ways: dict[str, Callable[[], Tensor]] = {
        "plain smoothing": plain_smoothing,
        "engine smoothing": engine_smoothing,
        "plain attack": lambda: attack(network),
        "engine attack": lambda: attack(estimator.fast),
    }
    outputs = {name: way() for name, way in ways.items()}  # also warms up
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way().sum().item()
            seconds[name].append(time.perf_counter() - started)
    psnr = {
        name: metrics.psnr(units.to_picture(outputs[name]).cpu(), truth).item()
        for name in ("plain smoothing", "engine smoothing")
    }
    result: dict[str, Any] = {
        "device": lab.engine.device,
        "threads": torch.get_num_threads(),
        "precision": lab.engine.resolve("auto"),
        "plain_psnr": psnr["plain smoothing"],
        "engine_psnr": psnr["engine smoothing"],
    }
    for task in ("smoothing", "attack"):
        plain = statistics.median(seconds[f"plain {task}"])
        engine = statistics.median(seconds[f"engine {task}"])
        result[task] = {"plain_seconds": plain, "engine_seconds": engine, "ratio": plain / engine}
    return result

"""The engine beside the plain way, in one run, on the same inputs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.base.noise import gaussian
from core.base.seeds import derive_many
from core.pictures import images, metrics, units
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolution
from core.runtime.session import Lab
from core.smoothing.estimate import smooth
from core.zoo import registry


def benchmark(
    lab: Lab, checkpoint: str, photos: list[str], *, sigma_g: float, samples: int, rounds: int
) -> dict[str, Any]:
    """Median seconds of k-sample smoothing and of PGD-10, plain and by the engine, alternating.

    Plain means: the network as loaded, float32, batch norm unfolded, one sample per forward.
    Both ways see the same noise, drawn from the same seeds. The first photo is timed; the
    PSNR of both smoothed estimates is compared on all.
    """
    return lab.engine.do(lambda: _benchmark(lab, checkpoint, photos, sigma_g, samples, rounds))


def _benchmark(
    lab: Lab, checkpoint: str, photos: list[str], sigma_g: float, samples: int, rounds: int
) -> dict[str, Any]:
    network, _ = registry.load(checkpoint, lab.folder, lab.engine.device)
    network.to(lab.engine.device)
    estimator = lab.engine.prepare(network)
    problem = SuperResolution(SUPER_RESOLUTION.identity(checkpoint).factor)
    truths = [images.crop(images.bundled(name), short_side=192, x=0.5, y=0.5) for name in photos]
    measurements = [problem.measure(truth).to(lab.engine.device) for truth in truths]

    @torch.no_grad()
    def plain_smoothing(y: Tensor) -> Tensor:
        total = torch.zeros_like(y)
        for seed in derive_many(0, "smoothing", samples):
            total += network(y + sigma_g * gaussian(y, [seed]))
        return total / samples

    def engine_smoothing(y: Tensor) -> Tensor:
        return smooth(estimator.fast, y, sigma=sigma_g, samples=samples, seed=0, chunk=lab.engine.chunk)

    def attack(function: Callable[[Tensor], Tensor], y: Tensor) -> Tensor:
        objective = BaseError(function, units.standardise(truths[0]).to(y))
        return ATTACKS["pgd"].end(objective, y, Terms(units.radius(0.02, y.numel()), seeds=[0])).kept

    def gain(y: Tensor, truth: Tensor) -> float:
        plain, engine = (
            metrics.psnr(units.to_picture(way(y)).cpu(), truth).item()
            for way in (plain_smoothing, engine_smoothing)
        )
        return engine - plain

    gains = [gain(y, truth) for y, truth in zip(measurements, truths, strict=True)]
    first = measurements[0]
    return {
        "device": lab.engine.device,
        "threads": torch.get_num_threads(),
        "precision": lab.engine.resolve("auto"),
        "psnr_differences": dict(zip(photos, gains, strict=True)),
        "smoothing": _alternate(lambda: plain_smoothing(first), lambda: engine_smoothing(first), rounds),
        "attack": _alternate(lambda: attack(network, first), lambda: attack(estimator.fast, first), rounds),
    }


def _alternate(plain: Callable[[], Tensor], engine: Callable[[], Tensor], rounds: int) -> dict[str, float]:
    """Median seconds of both ways, taken in turns after one warm-up each, and their ratio."""
    seconds: dict[str, list[float]] = {"plain": [], "engine": []}
    for number in range(rounds + 1):
        for name, way in (("plain", plain), ("engine", engine)):
            started = time.perf_counter()
            way().sum().item()
            if number:
                seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    return {
        "plain_seconds": medians["plain"],
        "engine_seconds": medians["engine"],
        "ratio": medians["plain"] / medians["engine"],
    }

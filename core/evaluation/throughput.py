"""Forwards per second of our sampling beside the one-sample-at-a-time way, in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from core.base.noise import gaussian
from core.base.progress import finish
from core.base.seeds import derive
from core.pictures import units
from core.runtime.engine import Estimator
from core.smoothing.statistics import Mapped, Mean
from core.smoothing.stream import accumulate


def throughput(
    estimator: Estimator,
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    chunk: int,
    seed: int,
    rounds: int = 3,
) -> dict[str, float]:
    """Medians of ``rounds`` in which both ways draw ``samples`` in turn, after a warm-up.

    Both draw the same noise, run the network and make pictures of the outputs. The plain way
    (that of the published code) runs one float32 forward a sample and fetches each picture;
    ours runs chunks in the engine's precision on all workers, sums on the device and fetches once.

    Returns:
        ``plain`` and ``engine`` in forwards per second, and their ``ratio``.
    """

    def plain() -> None:
        for j in range(samples):
            noise = gaussian(measurement, [derive(seed, "smoothing", j)])
            units.to_picture(estimator.exact(measurement + sigma * noise)).cpu().numpy()

    def engine() -> None:
        pictures = Mean()
        finish(accumulate(
            estimator.fast, measurement, [Mapped(units.to_picture, pictures)],
            sigma=sigma, samples=samples, seed=seed, chunk=chunk,
        ))  # fmt: skip
        pictures.mean.cpu()

    seconds: dict[str, list[float]] = {"plain": [], "engine": []}
    ways: dict[str, Callable[[], None]] = {"plain": plain, "engine": engine}
    with torch.no_grad():
        for number in range(rounds + 1):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                if number:
                    seconds[name].append(time.perf_counter() - started)
    rates = {name: samples / statistics.median(taken) for name, taken in seconds.items()}
    return {**rates, "ratio": rates["engine"] / rates["plain"]}

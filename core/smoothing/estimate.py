r"""The smoothed estimate (``patsatzi2023``, section 4.2, eq. for g; ``cohen2019`` for the idea).

.. math:: \hat g(y) = \frac{1}{k} \sum_{j=1}^{k} f(y + \delta_j),
          \qquad \delta_j \sim N(0, \sigma_g^2 I)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor

from core.base.noise import gaussian
from core.base.seeds import derive
from core.base.workers import stream


@dataclass(frozen=True)
class Running:
    """The estimate after the first ``count`` samples; its figures are worked out when asked for.

    Attributes:
        count: samples so far.
        origin: ``(b, c, h, w)``, the first sample. Sums are of differences from it, so that
            none cancel (shifted data; ``chan1983``).
        total: ``(b, c, h, w)``, sum of the differences.
        squares: ``(b, c, h, w)``, sum of their squares.
    """

    count: int
    origin: Tensor
    total: Tensor
    squares: Tensor

    @cached_property
    def mean(self) -> Tensor:
        """The estimate ``(b, c, h, w)``, standardised and unclamped."""
        return (self.origin + self.total / self.count).float()

    @cached_property
    def variance(self) -> Tensor:
        """Unbiased variance ``(b, c, h, w)`` of one sample ``f(y + delta)`` per value.

        Zero while ``count`` is 1. The estimate's own variance is this over ``count``.
        """
        around = self.squares - self.total.square() / self.count
        return (around / max(1, self.count - 1)).clamp_min(0).float()


def noisy_outputs(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    stops: Collection[int] = (),
) -> Iterator[Tensor]:
    r"""Chunks ``(b, m, ...)`` of :math:`f(y + \delta_j)`, ``samples`` in all, without gradients.

    They are computed on all workers (:mod:`core.base.workers`). Arguments as in :func:`noisy_copies`.
    """

    @torch.no_grad()
    def predict(numbers: range) -> Tensor:
        noisy = noisy_copies(measurement, numbers, sigma=sigma, seed=seed)
        outputs = estimator(noisy.flatten(0, 1))
        return outputs.view(*noisy.shape[:2], *outputs.shape[1:])

    return stream(predict, parts(samples, max(1, chunk // len(measurement)), stops))


def noisy_copies(measurement: Tensor, numbers: range, *, sigma: float, seed: int) -> Tensor:
    r"""The copies ``(b, m, c, h, w)`` of :math:`y + \delta_j` whose ``numbers`` are given.

    Sample number j has its own seed, and all ``b`` images share its noise, so that a copy
    depends neither on which others are made with it nor on the company of its image.

    Args:
        measurement: ``(b, c, h, w)``.
        numbers: of the samples.
        sigma: of the noise, in the measurement's units.
        seed: of all of it.
    """
    noise = gaussian(measurement, [derive(seed, "smoothing", j) for j in numbers])
    return torch.add(measurement.unsqueeze(1), noise, alpha=sigma)


@torch.no_grad()
def smoothed_estimate(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    stops: Collection[int] = (),
) -> Iterator[Running]:
    r"""Average ``samples`` predictions, yielding the running estimate after every chunk.

    Sample number j has its own seed, and all images share its noise: a result depends
    neither on ``chunk`` nor on which images are computed together (up to rounding). Sums are
    streamed (in float64 where the device has it); no samples are held.

    Args:
        estimator: the base estimator f.
        measurement: ``(b, c, h, w)`` standardised measurements.
        sigma: :math:`\sigma_g`, standardised; 0 gives f itself from one forward.
        samples: k, at least 1.
        seed: of the whole estimate.
        chunk: images per forward call.
        stops: numbers of samples after which to yield too, whatever the chunk.

    Raises:
        ValueError: if ``samples`` or ``chunk`` is below 1, or ``sigma`` is negative.
    """
    if samples < 1 or chunk < 1 or sigma < 0:
        raise ValueError("smoothing needs samples >= 1, chunk >= 1 and sigma >= 0")
    if sigma == 0:
        still = torch.zeros_like(measurement)
        yield Running(samples, estimator(measurement), still, still)
        return
    wide = torch.float32 if measurement.device.type == "mps" else torch.float64
    total = torch.zeros_like(measurement, dtype=wide)
    squares = torch.zeros_like(total)
    origin, count = measurement, 0
    for outputs in noisy_outputs(
        estimator, measurement, sigma=sigma, samples=samples, seed=seed, chunk=chunk, stops=stops
    ):
        if count == 0:
            origin = outputs[:, 0].clone()
        shift = outputs - origin.unsqueeze(1)
        count += shift.shape[1]
        total = total + shift.sum(1)
        squares = squares + shift.square_().sum(1)
        yield Running(count, origin, total, squares)


def smooth(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
) -> Tensor:
    """The finished estimate ``(b, c, h, w)``: the last mean of :func:`smoothed_estimate`, which see."""
    walk = smoothed_estimate(estimator, measurement, sigma=sigma, samples=samples, seed=seed, chunk=chunk)
    return last_of(walk).mean


def last_of(walk: Iterator[Running]) -> Running:
    """The estimate when all samples are in."""
    return deque(walk, maxlen=1).pop()


def parts(samples: int, largest: int, stops: Collection[int] = ()) -> list[range]:
    """Sample numbers 0 to ``samples - 1`` in even parts of at most ``largest`` that end at every stop."""
    ends = sorted({samples, *(stop for stop in stops if 0 < stop < samples)})
    found = []
    for start, end in zip([0, *ends], ends, strict=False):
        count = -(-(end - start) // largest)
        marks = [start + (end - start) * place // count for place in range(count + 1)]
        found += [range(first, last) for first, last in pairwise(marks)]
    return found

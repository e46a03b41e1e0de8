r"""The one stream of noisy outputs :math:`f(y + \delta_j)` that everything smoothed is worked out from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from core.base import workers
from core.base.noise import gaussian
from core.base.seeds import derive
from core.smoothing.statistics import Statistic

SMOOTHING = "smoothing"
"""The stream of the smoothed estimate's draws."""

ATTACK_NOISE = "attack-noise"
"""That of the draws of attacks on a smoothed classifier, whose seed is also that of its votes."""


def accumulate(
    estimator: Callable[[Tensor], Tensor],
    point: Tensor,
    statistics: Sequence[Statistic],
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    stream: str = SMOOTHING,
    stops: Collection[int] = (),
) -> Generator[int, None, None]:
    r"""Show statistics the outputs :math:`f(y + \delta_j)`, yielding how many they have seen so far.

    Draw number j has a seed of its own, and all images share its noise: what is found depends neither on
    ``chunk``, nor on the number of workers (:mod:`core.base.workers`), nor on which images are computed
    together (up to rounding). No output is held unless a statistic holds it, and none has a graph.

    Args:
        estimator: f, maps ``(b, c, h, w)`` to outputs ``(b, ...)``, image by image.
        point: ``(b, c, h, w)``, y.
        statistics: what takes the outputs in; every one gets all of them, in order.
        sigma: of the noise, in the point's units. Without noise all draws are the same one, which the
            statistics see once.
        samples: draws in all, at least 1.
        seed: of all of them.
        chunk: images per call of f; decides the memory.
        stream: what the draws are for: those of two streams are independent.
        stops: numbers of draws after which to yield too, whatever the chunk.

    Raises:
        ValueError: if ``samples`` or ``chunk`` is below 1, or ``sigma`` is negative.
    """
    if samples < 1 or chunk < 1 or sigma < 0:
        raise ValueError("smoothing needs samples >= 1, chunk >= 1 and sigma >= 0")

    @torch.no_grad()
    def outputs_of(numbers: range) -> Tensor:
        noisy = noisy_copies(point, numbers, sigma=sigma, seed=seed, stream=stream)
        outputs = estimator(noisy.flatten(0, 1))
        return outputs.view(*noisy.shape[:2], *outputs.shape[1:])

    if sigma == 0:
        with torch.no_grad():
            still = estimator(point).unsqueeze(1)
        for statistic in statistics:
            statistic.add(still)
        yield samples
        return
    seen = 0
    for outputs in workers.stream(outputs_of, parts(samples, max(1, chunk // len(point)), stops)):
        for statistic in statistics:
            statistic.add(outputs)
        seen += outputs.shape[1]
        yield seen


def noisy_copies(
    point: Tensor, numbers: range, *, sigma: float, seed: int, stream: str = SMOOTHING
) -> Tensor:
    r"""The copies ``(b, m, c, h, w)`` of :math:`y + \delta_j` whose ``numbers`` are given.

    A copy depends neither on which others are made with it nor on what else is in the batch.
    Arguments as in :func:`accumulate`.
    """
    noise = gaussian(point, [derive(seed, stream, j) for j in numbers])
    return torch.add(point.unsqueeze(1), noise, alpha=sigma)


def parts(samples: int, largest: int, stops: Collection[int] = ()) -> list[range]:
    """Draws 0 to ``samples - 1`` in even parts of at most ``largest`` that end at every stop."""
    ends = sorted({samples, *(stop for stop in stops if 0 < stop < samples)})
    found = []
    for start, end in zip([0, *ends], ends, strict=False):
        count = -(-(end - start) // largest)
        marks = [start + (end - start) * place // count for place in range(count + 1)]
        found += [range(first, last) for first, last in pairwise(marks)]
    return found

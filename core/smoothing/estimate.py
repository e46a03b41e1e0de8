r"""The smoothed estimate (``patsatzi2023``, section 4.2, eq. for g; ``cohen2019`` for the idea).

.. math:: \hat g(y) = \frac{1}{k} \sum_{j=1}^{k} f(y + \delta_j),
          \qquad \delta_j \sim N(0, \sigma_g^2 I)

or, in place of the mean, the median of each value (``chiang2020``), which a few wild draws do not move.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import Literal, get_args

from torch import Tensor

from core.smoothing.statistics import Moments, PixelCounts
from core.smoothing.stream import accumulate

Average = Literal["mean", "median"]
AVERAGES: tuple[Average, ...] = get_args(Average)


class Running:
    """The estimate from the draws so far: a statistic of them.

    Args:
        average: what of the draws is the estimate.
        box: limits of outputs, each broadcasting with them; the median, which needs them, is of outputs
            clamped to the box, to the resolution of :class:`core.smoothing.statistics.PixelCounts`.

    Attributes:
        count: draws so far.

    Raises:
        ValueError: for a median without a box.
    """

    def __init__(self, average: Average = "mean", box: tuple[Tensor, Tensor] | None = None) -> None:
        if average == "median" and box is None:
            raise ValueError("a median of draws needs the box that holds them")
        self.count = 0
        self._moments = Moments()
        self._counts = PixelCounts(*box) if average == "median" and box is not None else None

    def add(self, outputs: Tensor) -> None:
        self._moments.add(outputs)
        if self._counts is not None:
            self._counts.add(outputs)

    @property
    def estimate(self) -> Tensor:
        """``(b, c, h, w)``, standardised; a mean is not clamped."""
        # Both averages of a single draw are that draw, which counts know to a bin only.
        if self._counts is None or self._moments.count == 1:
            return self._moments.mean.float()
        return self._counts.median.float()

    @property
    def variance(self) -> Tensor:
        """Unbiased variance ``(b, c, h, w)`` of one sample ``f(y + delta)`` per value.

        Zero while there is one. The variance of their mean is this over their number.
        """
        return self._moments.variance.float()


def smoothed_estimate(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    stops: Collection[int] = (),
    average: Average = "mean",
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Running]:
    r"""Average ``samples`` predictions, yielding the running estimate after every chunk.

    It is one object that goes on: read it before the next step.

    Args:
        estimator: the base estimator f.
        measurement: ``(b, c, h, w)`` standardised measurements.
        sigma: :math:`\sigma_g`, standardised; 0 gives f itself from one forward.
        samples: k, at least 1.
        seed, chunk, stops: see :func:`core.smoothing.stream.accumulate`.
        average, box: see :class:`Running`.

    Raises:
        ValueError: see :func:`core.smoothing.stream.accumulate` and :class:`Running`.
    """
    running = Running(average, box)
    for count in accumulate(
        estimator, measurement, [running], sigma=sigma, samples=samples, seed=seed, chunk=chunk, stops=stops
    ):
        running.count = count
        yield running


def smooth(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    average: Average = "mean",
    box: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """The finished estimate ``(b, c, h, w)`` of :func:`smoothed_estimate`, which see."""
    walk = smoothed_estimate(
        estimator, measurement,
        sigma=sigma, samples=samples, seed=seed, chunk=chunk, average=average, box=box,
    )  # fmt: skip
    return last_of(walk).estimate


def last_of(walk: Iterator[Running]) -> Running:
    """The estimate when all samples are in."""
    return deque(walk, maxlen=1).pop()

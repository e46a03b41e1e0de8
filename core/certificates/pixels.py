r"""C and D. Per-pixel intervals, streamed: no sample is kept.

**C, mean** (Salman et al. 2019, Lemma 2): for :math:`f_i \in [0, 1]`,
:math:`\Phi(\Phi^{-1}(\underline p_i) - t) \le g_i(y+\xi) \le \Phi(\Phi^{-1}(\bar p_i) + t)`. Derivation:
:math:`g_i` is the probability that a uniform u lies below :math:`f_i`, a randomised event, to which
the shift lemma applies. :math:`\underline p_i, \bar p_i` are empirical Bernstein limits (Maurer and
Pontil 2009, Theorem 4) of the mean at level α/(2m) each, so that all m values hold together, and for
all radii at once, as they do not depend on ε.

**D, median**: certificate A upwards and downwards for each value, at level α/(2m). Downwards,
:math:`q_{1/2}(y+\xi) \ge q_{\Phi(-t)}(y)`, bounded from below by the order statistic S + 1 − k. Counts
per grey level replace the samples: an order statistic is known to within its bin and rounded
outwards, never interpolated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from core.certificates.confidence import Floats, order_indices
from core.smoothing.statistics import Moments, PixelCounts


@dataclass(frozen=True)
class Interval:
    """Limits ``(c, h, w)`` in [0, 1] picture units that hold for all values together."""

    lower: Floats
    upper: Floats

    @property
    def width(self) -> float:
        """Mean of upper minus lower."""
        return float(np.mean(self.upper - self.lower))

    def largest_error(self, picture: Floats) -> float:
        """Largest mean squared error to ``picture`` that any picture inside can have."""
        worst = np.maximum(np.abs(self.upper - picture), np.abs(picture - self.lower))
        return float(np.mean(worst**2))

    def contains(self, picture: Floats) -> float:
        """Share of ``picture``'s values inside."""
        return float(np.mean((picture >= self.lower) & (picture <= self.upper)))


def mean_limits(moments: Moments, alpha: float) -> tuple[Floats, Floats]:
    """Lower and upper limits ``(c, h, w)`` of all means together, at confidence 1 − α, without an attack."""
    mean, variance = (t[0].double().cpu().numpy() for t in (moments.mean, moments.variance))
    slack = np.sqrt(2 * variance * _log(mean.size, alpha) / moments.count)
    slack += _least(moments.count, mean.size, alpha)
    return np.clip(mean - slack, 0, 1), np.clip(mean + slack, 0, 1)


def mean_intervals(moments: Moments, ratios: Sequence[float], *, alpha: float) -> list[Interval | None]:
    """C: where the smoothed estimate's values stay under any perturbation of norm ε = ratio·σ.

    Guarantee: with probability at least 1 − α over the draws, all values, at all ratios.

    Args:
        moments: of the outputs for one image, in [0, 1].
        ratios: t = ε/σ, same units.
        alpha: error probability of everything together.

    Returns:
        None where even a value that never varied would not be held within half the range.
    """
    if moments.count < 2:
        return [None] * len(ratios)
    lower, upper = mean_limits(moments, alpha)
    least = _least(moments.count, lower.size, alpha)
    return [
        Interval(ndtr(ndtri(lower) - ratio), ndtr(ndtri(upper) + ratio))
        if least < 0.5 and ndtri(least) + ratio < 0
        else None
        for ratio in ratios
    ]


def median_intervals(counts: PixelCounts, ratios: Sequence[float], *, alpha: float) -> list[Interval | None]:
    """D: where the medians of f's values stay under any perturbation of norm ε = ratio·σ.

    Guarantee: with probability at least 1 − α over the draws, all values at one ratio (for g
    ratios at once pass ``alpha / g``).

    Args:
        counts: of the outputs for one image, in [0, 1].
        ratios: t = ε/σ, same units.
        alpha: error probability at each ratio.

    Returns:
        None where the draws cannot bound a median at level α/(2m).
    """
    indices = order_indices(counts.count, ndtr(np.asarray(ratios)), alpha / (2 * counts.size))
    orders = [order for k in indices[indices > 0].tolist() for order in (counts.count + 1 - k, k)]
    bins = iter(_edges(counts, orders))
    return [
        Interval(np.maximum(next(bins) - 1, 0) / counts.bins, next(bins) / counts.bins) if k else None
        for k in indices.tolist()
    ]


def upper_median(counts: PixelCounts) -> Floats:
    """Upper edge of the bin that one image's median is in, ``(c, h, w)``."""
    edges: Floats = _edges(counts, [(counts.count + 1) // 2])[0] / counts.bins
    return edges


def _edges(counts: PixelCounts, orders: Sequence[int]) -> Floats:
    """Upper edges ``(orders, c, h, w)``, in bins, of where one image's order statistics are."""
    edges: Floats = counts.bins_of(orders)[:, 0].clamp_max(counts.bins).double().cpu().numpy()
    return edges


def _log(values: int, alpha: float) -> float:
    """ln(2/δ) with δ = α/(2m), one side of one value."""
    return math.log(4 * values / alpha)


def _least(samples: int, values: int, alpha: float) -> float:
    """The limit's distance from the mean of a value that never varied."""
    return 7 * _log(values, alpha) / (3 * (samples - 1))

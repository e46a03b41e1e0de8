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
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from core.certificates.confidence import Floats, order_indices


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


class Moments:
    """Sums and sums of squares of pictures in [0, 1]; :meth:`interval` is certificate C.

    Sums are of the deviations from the first picture, so that their squares do not cancel.
    """

    def __init__(self) -> None:
        self.count = 0
        self._origin = self._sum = self._squares = torch.empty(0)

    def add(self, pictures: Tensor) -> None:
        """Count ``(m, c, h, w)`` pictures in [0, 1]."""
        wide = torch.float32 if pictures.device.type == "mps" else torch.float64
        if self.count == 0:
            self._origin = pictures[0].to(wide)
            self._sum, self._squares = torch.zeros_like(self._origin), torch.zeros_like(self._origin)
        deviations = pictures.to(wide) - self._origin
        self._sum += deviations.sum(0)
        self._squares += deviations.square_().sum(0)
        self.count += len(pictures)

    @property
    def mean(self) -> Floats:
        """Mean picture ``(c, h, w)``, float64."""
        mean: Floats = (self._origin + self._sum / self.count).double().cpu().numpy()
        return mean

    @property
    def variance(self) -> Floats:
        """Unbiased variance of one sample, ``(c, h, w)``."""
        spread = self._squares - self._sum.square() / self.count
        variance: Floats = (spread.clamp_min(0) / max(1, self.count - 1)).double().cpu().numpy()
        return variance

    def limits(self, alpha: float) -> tuple[Floats, Floats]:
        """Lower and upper limits of all means together, at confidence 1 − α, without an attack."""
        slack = np.sqrt(2 * self.variance * self._log(alpha) / self.count) + self._least(alpha)
        return np.clip(self.mean - slack, 0, 1), np.clip(self.mean + slack, 0, 1)

    def interval(self, ratio: float, *, alpha: float) -> Interval | None:
        """Where the smoothed estimate's values stay under any perturbation of norm ε = ratio·σ.

        Guarantee: with probability at least 1 − α over the draws, all values, at all ratios.

        Returns:
            None where even a value that never varied would not be held within half the range.
        """
        if self.count < 2 or self._least(alpha) >= 0.5 or ndtri(self._least(alpha)) + ratio >= 0:
            return None
        lower, upper = self.limits(alpha)
        return Interval(ndtr(ndtri(lower) - ratio), ndtr(ndtri(upper) + ratio))

    def _log(self, alpha: float) -> float:
        """ln(2/δ) with δ = α/(2m), one side of one value."""
        return math.log(4 * self._sum.numel() / alpha)

    def _least(self, alpha: float) -> float:
        """The limit's distance from the mean of a value that never varied."""
        return 7 * self._log(alpha) / (3 * (self.count - 1))


class Counts:
    """How often each value fell in each bin; :meth:`interval` is certificate D.

    Bin b of ``0 … bins`` holds values in ((b−1)/bins, b/bins]. Memory: 4·(bins+1) bytes a value,
    whatever the number of samples.
    """

    def __init__(self, bins: int = 255) -> None:
        self.bins = bins
        self.count = 0
        self._counts = torch.empty(0)
        self._shape: torch.Size = torch.Size()

    def add(self, pictures: Tensor) -> None:
        """Count ``(m, c, h, w)`` pictures in [0, 1]."""
        if self.count == 0:
            self._shape = pictures.shape[1:]
            size = (pictures[0].numel(), self.bins + 1)
            self._counts = torch.zeros(size, dtype=torch.int32, device=pictures.device)
        wide = torch.float32 if pictures.device.type == "mps" else torch.float64
        # Exact in float64: a float32 value times 255 fits, so no value is put a bin too low.
        places = (pictures.flatten(1).to(wide) * self.bins).ceil_().long().T
        self._counts.scatter_add_(1, places, torch.ones_like(places, dtype=torch.int32))
        self.count += len(pictures)

    @property
    def median(self) -> Floats:
        """Upper edge of the median's bin, ``(c, h, w)``: the median to within a bin."""
        return self._edges(self._cumulated(), (self.count + 1) // 2) / self.bins

    def interval(self, ratio: float, *, alpha: float) -> Interval | None:
        """Where the medians of f's values stay under any perturbation of norm ε = ratio·σ.

        Guarantee: with probability at least 1 − α over the draws, all values at this ratio
        (for g ratios at once pass ``alpha / g``).

        Returns:
            None where the draws cannot bound a median at level α/(2m).
        """
        return self.intervals([ratio], alpha=alpha)[0]

    def intervals(self, ratios: list[float], *, alpha: float) -> list[Interval | None]:
        """:meth:`interval` for several ratios, each at level ``alpha``."""
        each = alpha / (2 * len(self._counts))
        cumulated = self._cumulated()
        found: list[Interval | None] = []
        for k in order_indices(self.count, ndtr(np.asarray(ratios)), each).tolist():
            if k == 0:
                found.append(None)
                continue
            below = self._edges(cumulated, self.count + 1 - k) - 1
            found.append(Interval(np.maximum(below, 0) / self.bins, self._edges(cumulated, k) / self.bins))
        return found

    def _cumulated(self) -> Tensor:
        return self._counts.cumsum(1, dtype=torch.int32)

    def _edges(self, cumulated: Tensor, order: int) -> Floats:
        """Bin of the order-th smallest sample of each value, ``(c, h, w)``."""
        wanted = torch.full((len(cumulated), 1), order, dtype=cumulated.dtype, device=cumulated.device)
        edges: Floats = torch.searchsorted(cumulated, wanted).view(self._shape).cpu().double().numpy()
        return edges

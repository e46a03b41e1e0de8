r"""The paper's certificate as published: **mixed units, not a bound**; and how to refute it.

The published algorithm (appendix C, Algorithms 3 and 4) takes order statistic K of S
discrepancies, K the smallest with :math:`\mathrm{BinomCDF}(K; S, p) > 1 - \alpha`,
:math:`p = \Phi(\varepsilon/\sigma)`. In its figures ε is the L2 norm on pictures in [0, 1] and σ is on the
0–255 scale, so the ratio is 255 times too small. Its reference output moves with the
perturbation, :math:`D = \ell(f(y+\xi+\delta), f(y+\xi))`, although the lemma behind it needs it fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, ndtr

from core.certificates.confidence import NONE, Floats, median_interval

SCALE = 255.0
"""Factor between the two units that the published ratio mixes."""


def as_published_mixed_units_not_a_bound(
    discrepancies: Floats, ratios: ArrayLike, *, alpha: float = 0.01
) -> Floats:
    """The number that the published algorithm would print. **It bounds nothing.**

    Args:
        discrepancies: ``(S,)`` draws of the discrepancy without an attack.
        ratios: the *true* t = ε/σ, ``(g,)``, both in one unit; the published ratio is t/255.
        alpha: 1 minus the published confidence level, 0.99 there with S = 1000.

    Returns:
        ``(g,)``; ``inf`` where the published code returns null.
    """
    size = len(discrepancies)
    ordered = np.append(NONE, np.sort(discrepancies))
    found = []
    for ratio in np.asarray(ratios, dtype=np.float64):
        cdf = bdtr(np.arange(size + 1), size, ndtr(ratio / SCALE))
        order = int(np.searchsorted(cdf, 1.0 - alpha, side="right"))
        found.append(NONE if order >= size else float(ordered[order]))
    return np.asarray(found)


@dataclass(frozen=True)
class Falsification:
    """A perturbation inside the ball against the number said to bound its median discrepancy.

    Attributes:
        claimed: the published number.
        median, low, high: measured median discrepancy under the perturbation and its
            confidence interval (order statistics).
    """

    claimed: float
    median: float
    low: float
    high: float

    @property
    def exceeded(self) -> bool:
        """Whether the whole confidence interval lies above the published number."""
        return self.low > self.claimed


def falsify(claimed: float, attacked: Floats, *, alpha: float = 0.001) -> Falsification:
    """Compare a published number with draws of the discrepancy under a perturbation.

    Args:
        claimed: from :func:`as_published_mixed_units_not_a_bound`.
        attacked: ``(S,)`` draws, to the clean output (c fixed) or to the attacked one (c moving).
        alpha: error probability of the median's interval.
    """
    low, high = median_interval(attacked, alpha)
    return Falsification(claimed, float(np.sort(attacked)[(len(attacked) - 1) // 2]), low, high)

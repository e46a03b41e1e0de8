r"""Smoothing at test time (paper, Algorithm 3): S noisy reconstructions and their discrepancies.

.. math:: D_k = \ell(h(z + \delta_k), c), \qquad \delta_k \sim N(0, \sigma^2 I),
          \qquad \ell = \text{mean squared error}

z is what is received, attacked or not, and c = h(z) is computed from it before any noise is drawn.

**The certificate.** c is fixed, so Lemma 2 of Chiang et al. (certificate A,
:mod:`core.certificates.discrepancy`) holds around z: for *every* signal within :math:`\varepsilon`
of z, so also for the one that was sent if the attack's norm is at most :math:`\varepsilon`, one
random draw has a discrepancy to c of at most the bound with probability at least one half.
:math:`\varepsilon` and :math:`\sigma` are in one unit; where their ratio is too large for S
samples there is none.

**As published** the ratio mixes units: L2 norms of pictures in [0, 1] over grey levels. That number
bounds nothing; it is here for comparison with the published tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.certificates.confidence import NONE, Floats
from core.certificates.discrepancy import percentile_bounds
from core.certificates.published import SCALE, as_published_mixed_units_not_a_bound

PUBLISHED_SIDE = 256
"""Side of the pictures in the paper's tests, where an RMS of e grey levels is a norm of 256 e / 255."""


@dataclass(frozen=True)
class Draws:
    """Discrepancies of S noisy reconstructions of one picture.

    Attributes:
        discrepancies: ``(S,)`` float64, of reconstructions clamped to [0, 1]; without noise of one.
        sigma: of the noise, signal units.
    """

    discrepancies: Floats
    sigma: float

    @property
    def samples(self) -> int:
        """S."""
        return len(self.discrepancies)

    @property
    def median(self) -> float:
        """Empirical median: an order statistic, never interpolated."""
        return float(np.sort(self.discrepancies)[(self.samples - 1) // 2])

    def bounds(self, ratios: list[float], alpha: float) -> list[float]:
        """Certified discrepancies at ratios ε/σ (one unit), each at confidence 1 − α; ``inf``: none."""
        if self.sigma == 0:
            return [0.0 if ratio == 0 else NONE for ratio in ratios]
        found: list[float] = percentile_bounds(self.discrepancies, ratios, alpha=alpha).tolist()
        return found

    def as_published(self, eps: float, alpha: float) -> float:
        """**Not a bound.** The number of the published algorithm (mixed units).

        Args:
            eps: RMS of the attack in grey levels; its norm is taken on the published 256x256 pixels.
            alpha: 1 minus the confidence.
        """
        if self.sigma == 0:
            return 0.0 if eps == 0 else NONE
        mixed = eps * PUBLISHED_SIDE / SCALE / (self.sigma * SCALE)
        (found,) = as_published_mixed_units_not_a_bound(self.discrepancies, [mixed * SCALE], alpha=alpha)
        return float(found)

    def place(self, value: float) -> int | None:
        """The number of the draw with this discrepancy; None where there is none."""
        found = np.flatnonzero(self.discrepancies == value)
        return int(found[0]) if len(found) else None

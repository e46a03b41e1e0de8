r"""F. Center smoothing (Kumar & Goldstein 2021): how far the *center* of the outputs can move.

The center at y is, of :data:`CANDIDATES` samples, the one with the smallest median distance to
n further ones; :math:`\hat r` is that distance. Derivation of the bound :math:`3 \hat R`, with d a
metric (here RMS in picture units) and :math:`y' = y + \xi`:

1. :math:`\hat R` bounds the q-quantile of the distances to the center at y,
   :math:`q = \Phi(\Phi^{-1}(\tfrac12 + \Delta) + t)`, at confidence :math:`1 - \alpha_2` on m fresh draws. By
   the shift lemma the ball B of radius :math:`\hat R` around it has mass at least ½ + Δ at y'.
2. Let r* be the radius of the smallest ball with mass ½ + Δ at y'; so r* ≤ R̂. With
   :math:`\Delta_1 = \sqrt{\ln(2/\alpha_1)/2n} \le \Delta` at least half of the n samples lie in it
   (Hoeffding, :math:`\alpha_1/2`), and so does a candidate (but for probability
   :math:`(\tfrac12 - \Delta)^{30}`): its median distance is at most 2r*, hence
   :math:`\hat r' \le 2r^* \le 2\hat R`.
3. On n fresh draws at y' the ball of radius :math:`\hat r'` around the center has mass at least
   ½ − Δ (Hoeffding, :math:`\alpha_1/2`), or the procedure abstains. Two balls of mass ½ + Δ and
   ½ − Δ meet: the centers are at most :math:`\hat R + 2 \hat R` apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from core.certificates.confidence import NONE, Floats, order_indices, shifted
from core.smoothing.statistics import Distances

CANDIDATES = 30
DELTA = 0.05
ALPHA_1 = 0.005
ALPHA_2 = 0.005
ALPHA = ALPHA_1 + ALPHA_2 + (0.5 - DELTA) ** CANDIDATES
"""Error probability of one bound."""

LEAST = math.ceil(math.log(2 / ALPHA_1) / (2 * DELTA**2))
"""Smallest n at which :math:`\\Delta_1 \\le \\Delta`; with fewer the procedure always abstains."""


@dataclass(frozen=True)
class Center:
    """Which candidate, and its median distance :math:`\\hat r` to the n samples."""

    candidate: int
    radius: float


class Centered:
    """A statistic of one image: its center, chosen by n draws, checked by n, and the distances of the others.

    Args:
        candidates: ``(candidates, c, h, w)``, draws of their own.
        n: draws to choose the center, and to check it.

    Attributes:
        center: which candidate, once it is chosen.
        picture: ``(c, h, w)``, that candidate.
    """

    def __init__(self, candidates: Tensor, n: int) -> None:
        self.n = n
        self._left = n
        self._choice = Distances(candidates)

    def add(self, outputs: Tensor) -> None:
        choosing, fresh = outputs[:, : self._left], outputs[:, self._left :]
        if self._left:
            self._choice.add(choosing)
            self._left -= choosing.shape[1]
            if self._left == 0:
                self.center = choose_center(self._choice.values)
                self.picture = self._choice.centers[self.center.candidate]
                self._fresh = Distances(self.picture.unsqueeze(0))
        if fresh.shape[1]:
            self._fresh.add(fresh)

    @property
    def inside(self) -> int:
        """How many of the draws that check the center lie within its radius."""
        return int((self._fresh.values[0, : self.n] <= self.center.radius).sum())

    @property
    def distances(self) -> Floats:
        """RMS distances of the draws after these to the center."""
        distances: Floats = self._fresh.values[0, self.n :]
        return distances


def choose_center(distances: Floats) -> Center:
    """The candidate with the smallest median distance.

    Args:
        distances: ``(candidates, n)`` to n samples that are not candidates. The median is the
            order statistic ⌈n/2⌉: at least half of the samples are within it.
    """
    n = distances.shape[1]
    middle = np.partition(distances, math.ceil(n / 2) - 1, axis=1)[:, math.ceil(n / 2) - 1]
    best = int(np.argmin(middle))
    return Center(best, float(middle[best]))


def abstains(inside: int, fresh: int) -> bool:
    r"""Whether max(Δ₁, Δ₂) > Δ, :math:`\Delta_2 = \tfrac12 - (\mathrm{frac} - \Delta_1)`.

    Args:
        inside: how many of the ``fresh`` draws lie within :math:`\hat r` of the center.
        fresh: n.
    """
    first = math.sqrt(math.log(2 / ALPHA_1) / (2 * fresh)) if fresh else math.inf
    return fresh == 0 or max(first, 0.5 - (inside / fresh - first)) > DELTA


def center_bounds(distances: Floats, ratios: ArrayLike) -> Floats:
    r"""Bounds :math:`3 \hat R` on the distance between the centers at y and at y + ξ.

    Guarantee: for each radius with probability at least 1 − :data:`ALPHA`, if neither procedure
    abstains. R̂ is the order statistic that exact binomial limits ask for, never above the
    one of the published Hoeffding term :math:`\sqrt{\ln(1/\alpha_2)/2m}`.

    Args:
        distances: ``(m,)`` of fresh draws to the center at y.
        ratios: t = ε/σ, ``(g,)``, same units.

    Returns:
        ``(g,)`` in the metric's units; ``inf`` where there is none.
    """
    indices = order_indices(len(distances), shifted(0.5 + DELTA, ratios), ALPHA_2)
    bounds: Floats = 3.0 * np.append(NONE, np.sort(distances))[indices]
    return bounds

r"""B. The error of the smoothed estimate.

.. math:: \mathrm{MSE}(g(y+\xi), x) \;\le\; E\,\varphi(y+\xi+\delta) \;\le\;
          s_0 + \sum_{j=1}^{J} (s_j - s_{j-1})\,\Phi(\Phi^{-1}(\bar U_j) + t),
          \qquad \varphi = \mathrm{MSE}(f(\cdot), x) \in [0, B]

Derivation: the first step is Jensen's inequality for the convex square. For the second,
:math:`E\varphi = \int_0^B P(\varphi > s)\,ds` and the integrand falls in s, so it is at most 1
below :math:`s_0` and :math:`P(\varphi > s_{j-1})` on :math:`[s_{j-1}, s_j]`, with :math:`s_J = B`;
each probability is bounded at y by Clopper and Pearson at level α/J (Bonferroni) and moved by the
shift lemma. The :math:`\bar U_j` do not depend on ε: **one** confidence statement covers every
radius at once. The bound also covers the expected error of the average of any number k of draws,
again by Jensen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.certificates.confidence import (
    NONE,
    Floats,
    clopper_pearson_upper,
    largest_ratio,
    shifted,
)

LEVELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
TAIL = (1.05, 1.1, 1.2, 1.35, 1.5, 2.0, 3.0)
"""Thresholds: order statistics of the pilot at these levels, then multiples of its largest."""


def thresholds(pilot: Floats, upper: float = 1.0) -> Floats:
    """Increasing thresholds :math:`s_0 < \\dots < s_J` = ``upper`` from a pilot sample.

    They must be fixed before the draws that are counted against them: the pilot is a sample
    of its own.

    Args:
        pilot: ``(P,)`` draws of φ.
        upper: B; 1 for mean squared errors of pictures in [0, 1].
    """
    ordered = np.sort(pilot)
    inside = ordered[np.round(np.asarray(LEVELS) * (len(ordered) - 1)).astype(int)]
    candidates = np.concatenate([inside, ordered[-1] * np.asarray(TAIL)])
    return np.append(np.unique(candidates[candidates < upper]), upper)


def mean_error_bounds(errors: Floats, limits: Floats, ratios: ArrayLike, *, alpha: float) -> Floats:
    r"""Bounds on :math:`E\varphi`, hence on the smoothed estimate's error.

    Guarantee: with probability at least 1 − α over the draws, *all* returned bounds hold
    together, for every perturbation within their radius.

    Beyond the ratio at which draws none of which exceeds a threshold could still not rule
    out that the attacked estimator mostly exceeds it
    (:func:`core.certificates.confidence.largest_ratio` at α/J), there is no certificate.

    Args:
        errors: ``(S,)`` independent draws of φ(y + δ), none of them from the pilot.
        limits: :math:`s_0, \dots, s_J`, see :func:`thresholds`; every φ ≤ :math:`s_J`.
        ratios: t = ε/σ, ``(g,)``, same units.
        alpha: error probability of all bounds together.

    Returns:
        ``(g,)`` in the units of φ; ``inf`` where there is none.

    Raises:
        ValueError: if an error exceeds the last threshold or the thresholds do not increase.
    """
    if (np.diff(limits) <= 0).any() or errors.max() > limits[-1] * (1 + 1e-12):
        raise ValueError("thresholds must increase and end at an upper limit of every error")
    t = np.asarray(ratios, dtype=np.float64)
    count = len(limits) - 1
    exceeding = (errors[:, None] > limits[None, :-1]).sum(0)
    chance = clopper_pearson_upper(exceeding, len(errors), alpha / count)
    bounds = limits[0] + (np.diff(limits) * shifted(chance, t[:, None])).sum(1)
    result: Floats = np.where(t < largest_ratio(len(errors), alpha / count), bounds, NONE)
    return result

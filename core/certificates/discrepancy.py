r"""A. Percentile smoothing of a discrepancy (Chiang et al. 2020, Lemma 2; the paper's Corollary
3.2 with a *fixed* reference).

For a scalar :math:`D(z) = \ell(f(z), c)` with c fixed before the noise is drawn,

.. math:: q_p(y + \xi) \le q_{\Phi(\Phi^{-1}(p) + t)}(y) \quad \text{for all } \|\xi\| \le \varepsilon.

Derivation: let s be the right-hand quantile, so :math:`P_y(D \le s) \ge \Phi(\Phi^{-1}(p)+t)`;
after the shift the event still has probability at least p, hence the p-quantile there is at
most s. The quantile at y is bounded from draws by an order statistic. If c moves with
:math:`\xi`, D is another function at every :math:`\xi` and the step fails.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.certificates.confidence import NONE, Floats, order_indices, shifted


def percentile_bounds(
    discrepancies: Floats, ratios: ArrayLike, *, alpha: float, quantile: float = 0.5
) -> Floats:
    r"""Bounds on the ``quantile`` of D under every perturbation of norm at most ε.

    Guarantee: with probability at least 1 − α over the draws, *one* random draw of the attacked
    estimator has D ≤ bound with probability at least ``quantile``. Each radius holds by
    itself; for all g radii at once pass ``alpha / g``.

    Args:
        discrepancies: ``(S,)`` independent draws of D(y + δ), without an attack.
        ratios: t = ε/σ, ``(g,)``, same units.
        alpha: error probability of each bound.
        quantile: p.

    Returns:
        ``(g,)`` in the units of D; ``inf`` where S draws cannot give a bound.
    """
    targets = shifted(quantile, ratios)
    indices = order_indices(len(discrepancies), targets, alpha)
    bounds: Floats = np.append(NONE, np.sort(discrepancies))[indices]
    return bounds

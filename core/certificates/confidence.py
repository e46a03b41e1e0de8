r"""What all certificates share: the Gaussian shift and exact confidence limits.

**Shift.** For any event A with probability p under :math:`N(y, \sigma^2 I)`, its probability
under :math:`N(y + \xi, \sigma^2 I)` lies between :math:`\Phi(\Phi^{-1}(p) - t)` and
:math:`\Phi(\Phi^{-1}(p) + t)`, :math:`t = \|\xi\| / \sigma` (Neyman and Pearson: half-spaces
along :math:`\xi` are the extreme events; Cohen et al. 2019). Everywhere below ``ratios`` are
these t = ε/σ with ε and σ in the **same** units.

**None.** Where no guarantee can be given, a bound is ``inf``. JSON shows it as null.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, betaincinv, ndtr, ndtri

Floats = np.ndarray
NONE = float("inf")
"""The bound that says: no certificate."""


def shifted(probabilities: ArrayLike, ratios: ArrayLike) -> Floats:
    r""":math:`\Phi(\Phi^{-1}(p) + t)`, the most likely an event of probability p can become."""
    result: Floats = ndtr(ndtri(np.asarray(probabilities)) + np.asarray(ratios))
    return result


def largest_ratio(samples: int, alpha: float) -> float:
    r"""Largest t at which ``samples`` draws can still bound a median, at confidence 1 − α.

    The largest of S draws is at or above the :math:`\Phi(t)`-quantile with probability
    :math:`1 - \Phi(t)^S`, which is at least :math:`1 - \alpha` up to
    :math:`t = \Phi^{-1}(\alpha^{1/S})`.

    >>> round(largest_ratio(1000, 0.001), 3)
    2.463
    """
    return float(ndtri(alpha ** (1.0 / samples)))


def clopper_pearson_lower(successes: ArrayLike, trials: ArrayLike, alpha: float) -> Floats:
    r"""Exact lower limit of a probability: at or below it with confidence 1 − α (one-sided).

    It is the p at which so many successes or more have probability exactly :math:`\alpha`, a quantile of
    a beta distribution (``clopper1934``).

    >>> round(float(clopper_pearson_lower(1000, 1000, 0.001)), 6)  # alpha ** (1 / 1000)
    0.993116

    Raises:
        ValueError: if there are more successes than trials, or alpha is not between 0 and 1.
    """
    k, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if (k < 0).any() or (k > n).any() or not 0 < alpha < 1:
        raise ValueError("a limit needs 0 <= successes <= trials and 0 < alpha < 1")
    limit = betaincinv(np.maximum(k, 1e-300), n - k + 1.0, alpha)
    result: Floats = np.where(k == 0, 0.0, limit)
    return result


def clopper_pearson_upper(successes: ArrayLike, trials: ArrayLike, alpha: float) -> Floats:
    """Exact upper limit of a probability: at or above it with confidence 1 − α (one-sided); see
    :func:`clopper_pearson_lower`."""
    return 1.0 - clopper_pearson_lower(np.asarray(trials) - np.asarray(successes), trials, alpha)


def order_indices(samples: int, probabilities: ArrayLike, alpha: float) -> np.ndarray:
    r"""Smallest k with :math:`\mathrm{BinomCDF}(k-1; S, p) \ge 1 - \alpha`, or 0 if there is none.

    The k-th smallest of S independent draws is then at or above their p-quantile
    :math:`q_p = \inf\{s : P(D \le s) \ge p\}` with probability at least 1 − α: it lies below
    only if at least k draws do, each of which does with probability at most p.

    Args:
        samples: S.
        probabilities: p, ``(g,)``.
        alpha: of each index alone.

    Returns:
        Integers ``(g,)``.
    """
    counts = np.arange(samples)
    found = np.zeros(np.shape(probabilities), dtype=np.int64)
    for place, p in enumerate(np.asarray(probabilities, dtype=np.float64)):
        cdf = bdtr(counts, samples, p)  # of 0 … S−1; nondecreasing
        first = int(np.searchsorted(cdf, 1.0 - alpha, side="left"))
        found[place] = first + 1 if first < samples else 0
    return found


def median_interval(samples: Floats, alpha: float) -> tuple[float, float]:
    """Interval that covers the median of ``(S,)`` draws with confidence 1 − α (order
    statistics, never interpolated); infinite where S is too small."""
    k = int(order_indices(len(samples), [0.5], alpha / 2)[0])
    if k == 0:
        return -NONE, NONE
    ordered = np.sort(samples)
    return float(ordered[len(samples) - k]), float(ordered[k - 1])

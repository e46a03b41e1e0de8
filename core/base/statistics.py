"""Means over images with Student's t intervals.

The percentile bootstrap is too narrow for few images: where it says 95 % it covers 87 to 91 % of the time
with 11 images, 93 to 94 % with 60. Student's t keeps nearer to what it says. The place of a maximum has no
such interval: it is resampled.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

RESAMPLES = 2000


def mean_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of ``(n,)`` values and its interval; see :func:`mean_intervals`."""
    mean, low, high = mean_intervals(np.asarray(values)[None], confidence)
    return float(mean[0]), float(low[0]), float(high[0])


def mean_intervals(values: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Means of ``(groups, n)`` values over n images, with limits :math:`\bar x \pm t\, s / \sqrt n`.

    Returns:
        ``(groups,)`` means, lower and upper limits; the limits are nan where n is 1.
    """
    from scipy.special import stdtrit  # pages of the store are drawn before anything needs scipy's rest

    means, count = values.mean(axis=1), values.shape[1]
    if count < 2:
        nowhere = np.full(len(values), np.nan)
        return means, nowhere, nowhere
    half = stdtrit(count - 1, (1 + confidence) / 2) * values.std(axis=1, ddof=1) / math.sqrt(count)
    return means, means - half, means + half


@lru_cache(maxsize=8)
def resampling(count: int) -> np.ndarray:
    """How often each of ``count`` images is in each resample, over ``count``: float32
    ``(count, RESAMPLES)``, the same at every call."""
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES)
    return np.ascontiguousarray((drawn / count).T.astype(np.float32))

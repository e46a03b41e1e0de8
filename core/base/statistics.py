"""Means over images with percentile-bootstrap intervals."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RESAMPLES = 2000


def mean_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of ``(n,)`` values and its interval; see :func:`mean_intervals`."""
    mean, low, high = mean_intervals(np.asarray(values)[None], confidence)
    return float(mean[0]), float(low[0]), float(high[0])


def mean_intervals(values: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of ``(groups, n)`` values over n images, with percentile-bootstrap limits.

    All groups share their 2,000 resamples of the images, drawn with a fixed seed: one matrix
    product instead of a loop over groups (scipy's bootstrap takes about a hundred times as
    long for a whole grid), and groups over the same images stay paired.

    Returns:
        ``(groups,)`` means, lower and upper limits; the limits are nan where n is 1.
    """
    means = values.mean(axis=1)
    if values.shape[1] < 2:
        nowhere = np.full(len(values), np.nan)
        return means, nowhere, nowhere
    # Deviations from the mean, so that float32 is precise enough and equal values give a point.
    deviations = (values - means[:, None]).astype(np.float32)
    resampled = deviations @ resampling(values.shape[1])
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(resampled, [tail, 100.0 - tail], axis=1)
    return means, means + low, means + high


@lru_cache(maxsize=8)
def resampling(count: int) -> np.ndarray:
    """How often each of ``count`` images is in each resample, over ``count``: float32
    ``(count, RESAMPLES)``."""
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES)
    return np.ascontiguousarray((drawn / count).T.astype(np.float32))

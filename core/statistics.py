"""Means over images with bootstrap intervals."""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000


def mean_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of ``(n,)`` values and its percentile-bootstrap interval over images.

    A single value has no interval: its limits are nan.
    """
    from scipy.stats import bootstrap

    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    if np.ptp(values) == 0:
        return mean, mean, mean
    interval = bootstrap(
        (values,), np.mean, confidence_level=confidence, n_resamples=RESAMPLES, method="percentile", rng=0
    ).confidence_interval
    return mean, float(interval.low), float(interval.high)

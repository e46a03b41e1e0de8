from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap

from core.base.statistics import mean_interval, mean_intervals


def test_interval_of_a_normal_sample_is_the_students_t_interval() -> None:
    """For a large normal sample the bootstrap interval is mean ± 1.96 s/√n."""
    values = np.random.default_rng(0).normal(3.0, 2.0, size=2000)
    mean, low, high = mean_interval(values)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - half, abs=0.1 * half)
    assert high == pytest.approx(mean + half, abs=0.1 * half)


def test_skewed_samples_agree_with_scipy() -> None:
    values = np.random.default_rng(1).exponential(2.0, size=(3, 40))
    means, lows, highs = mean_intervals(values)
    for row, mean, low, high in zip(values, means, lows, highs, strict=True):
        expected = bootstrap(
            (row,), np.mean, n_resamples=20_000, method="percentile", rng=5
        ).confidence_interval
        width = expected.high - expected.low
        assert mean == pytest.approx(row.mean())
        assert low == pytest.approx(expected.low, abs=0.05 * width)
        assert high == pytest.approx(expected.high, abs=0.05 * width)


def test_a_large_offset_costs_no_precision() -> None:
    values = np.random.default_rng(2).normal(0.0, 1e-3, size=(1, 50))
    (_, low, high), (_, shifted_low, shifted_high) = mean_intervals(values), mean_intervals(values + 1e4)
    np.testing.assert_allclose([shifted_low - 1e4, shifted_high - 1e4], [low, high], atol=1e-9)


def test_one_value_has_no_interval_and_equal_values_a_point() -> None:
    assert mean_interval(np.array([2.0]))[0] == 2.0
    assert math.isnan(mean_interval(np.array([2.0]))[1])
    assert mean_interval(np.array([2.0, 2.0])) == (2.0, 2.0, 2.0)

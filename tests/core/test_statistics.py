from __future__ import annotations

import math

import numpy as np
import pytest

from core.statistics import mean_interval


def test_interval_of_a_normal_sample_is_the_students_t_interval() -> None:
    """For a large normal sample the bootstrap interval is mean ± 1.96 s/√n."""
    values = np.random.default_rng(0).normal(3.0, 2.0, size=2000)
    mean, low, high = mean_interval(values)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - half, abs=0.1 * half)
    assert high == pytest.approx(mean + half, abs=0.1 * half)


def test_one_value_has_no_interval_and_equal_values_a_point() -> None:
    assert mean_interval(np.array([2.0]))[0] == 2.0
    assert math.isnan(mean_interval(np.array([2.0]))[1])
    assert mean_interval(np.array([2.0, 2.0])) == (2.0, 2.0, 2.0)

"""Exact limits against scipy's, and the table of what can be certified at all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm

from core.certificates.confidence import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    largest_ratio,
    median_interval,
    order_indices,
    shifted,
)


@pytest.mark.parametrize("trials", [1, 20, 1000])
def test_clopper_pearson_is_scipys(trials: int) -> None:
    for successes in sorted({0, 1, trials // 3, trials - 1, trials}):
        # A two-sided interval of level 1 − 2α has one-sided limits of level 1 − α.
        exact = binomtest(successes, trials).proportion_ci(1 - 2 * 0.01, method="exact")
        upper = clopper_pearson_upper(successes, trials, 0.01)
        lower = clopper_pearson_lower(successes, trials, 0.01)
        assert upper == pytest.approx(exact.high, rel=1e-9)
        assert lower == pytest.approx(exact.low, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("samples", [5, 100, 2000])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_order_index_is_the_smallest_that_scipys_binomial_allows(samples: int, alpha: float) -> None:
    probabilities = norm.cdf(np.linspace(-1, 4, 25))
    for p, k in zip(probabilities, order_indices(samples, probabilities, alpha), strict=True):
        allowed = np.flatnonzero(binom.cdf(np.arange(samples), samples, p) >= 1 - alpha) + 1
        assert k == (allowed[0] if len(allowed) else 0)


@pytest.mark.parametrize(("samples", "ratio"), [(10**3, 2.463), (10**4, 3.199), (10**5, 3.811)])
def test_largest_ratio_is_where_order_statistics_end(samples: int, ratio: float) -> None:
    """The table of the science notes (α = 0.001)."""
    found = largest_ratio(samples, 0.001)
    assert found == pytest.approx(ratio, abs=6e-4)
    inside, outside = order_indices(samples, norm.cdf([found - 1e-6, found + 1e-6]), 0.001)
    assert (inside, outside) == (samples, 0)


def test_shift_is_the_probability_of_a_shifted_half_space() -> None:
    p = np.array([0.0, 0.1, 0.5, 0.99, 1.0])
    np.testing.assert_allclose(shifted(p, 0.7), norm.cdf(norm.ppf(p) + 0.7), rtol=1e-12)


def test_median_interval_covers_and_is_never_interpolated() -> None:
    rng = np.random.default_rng(0)
    draws = rng.exponential(size=(500, 60))
    intervals = np.array([median_interval(row, 0.1) for row in draws])
    covered = (intervals[:, 0] <= np.log(2)) & (np.log(2) <= intervals[:, 1])
    assert covered.sum() >= binom.ppf(0.001, 500, 0.9)
    assert not covered.all(), "an interval that always covers is too wide to test"
    assert intervals[0, 0] in draws[0]
    assert intervals[0, 1] in draws[0]
    assert median_interval(draws[0, :3], 0.01) == (-np.inf, np.inf)

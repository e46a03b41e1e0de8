"""Every certificate against the true worst case of estimators that have one in closed form:
never below it more often than α allows, over 500 repetitions, and none where none can be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import binom, ncx2, norm

from core.certificates.bounded_mean import mean_error_bounds, thresholds
from core.certificates.center import (
    ALPHA,
    LEAST,
    abstains,
    center_bounds,
    choose_center,
)
from core.certificates.chi_square import displacement_diagnostic, largest_eigenvalue, reach
from core.certificates.confidence import NONE, largest_ratio
from core.certificates.discrepancy import percentile_bounds
from core.certificates.pixels import mean_intervals, median_intervals, upper_median
from core.certificates.published import as_published_mixed_units_not_a_bound, falsify
from core.smoothing.statistics import Moments, PixelCounts

REPEATS = 500
ALLOWED = 0.05
RATIOS = np.array([0.1, 0.5, 1.0, 1.5])
SIGMA = 0.2
HUGE = [5.0, 100.0]


def _assert_covered(held: np.ndarray, alpha: float = ALLOWED) -> None:
    """``(repeats, …)``: at each radius at least 1 − α hold, but for one in 10,000 test runs."""
    least = binom.ppf(1e-4, len(held), 1 - alpha)
    assert (held.sum(0) >= least).all(), held.mean(0)


# -- A -------------------------------------------------------------------------------------


def test_percentile_bound_of_a_linear_discrepancy_is_tight_and_covers() -> None:
    """D(z) = z: the worst median is y + ε, and nothing but the sampling separates them."""
    rng = np.random.default_rng(0)
    draws = rng.normal(0.3, SIGMA, (REPEATS, 400))
    bounds = np.array([percentile_bounds(row, RATIOS, alpha=ALLOWED) for row in draws])
    held = bounds >= 0.3 + SIGMA * RATIOS
    _assert_covered(held)
    assert (held.mean(0) < 0.995).all(), "a bound this far above the quantile is not the right one"
    assert np.isin(bounds, draws).all(), "order statistics are draws, never interpolated"


def test_percentile_bound_of_a_squared_error_covers() -> None:
    """D(z) = ‖z − c‖² in five dimensions: the worst shift points away from c, noncentral χ²."""
    rng = np.random.default_rng(1)
    offset = np.array([0.3, -0.2, 0.1, 0.0, 0.4])
    length = np.linalg.norm(offset)
    draws = ((offset + SIGMA * rng.normal(size=(REPEATS, 300, 5))) ** 2).sum(-1)
    bounds = np.array([percentile_bounds(row, RATIOS, alpha=ALLOWED) for row in draws])
    worst = SIGMA**2 * ncx2.ppf(0.5, 5, ((length + SIGMA * RATIOS) / SIGMA) ** 2)
    _assert_covered(bounds >= worst)


def test_percentile_bound_ends_where_the_draws_end() -> None:
    draws = np.random.default_rng(0).normal(size=1000)
    limit = largest_ratio(1000, 0.001)
    bounds = percentile_bounds(draws, [limit - 1e-6, limit + 1e-6, *HUGE], alpha=0.001)
    assert bounds[0] == draws.max()
    assert (bounds[1:] == NONE).all()


# -- B -------------------------------------------------------------------------------------


def _clipped_mean(y: np.ndarray) -> np.ndarray:
    """E clip(y + σZ, 0, 1) in closed form."""
    a, b = (0 - y) / SIGMA, (1 - y) / SIGMA
    inner = y * (norm.cdf(b) - norm.cdf(a)) + SIGMA * (norm.pdf(a) - norm.pdf(b))
    result: np.ndarray = inner + 1 - norm.cdf(b)
    return result


def _expected_error(y: float, x: float) -> float:
    """E (clip(y + σZ, 0, 1) − x)² by quadrature."""
    return quad(lambda z: (np.clip(y + SIGMA * z, 0, 1) - x) ** 2 * norm.pdf(z), -9, 9, points=[-y / SIGMA])[
        0
    ]


def test_mean_error_bound_covers_all_radii_at_once() -> None:
    rng = np.random.default_rng(2)
    y, x = 0.4, 0.3
    worst = np.array([max(_expected_error(y + s * SIGMA * t, x) for s in (-1, 1)) for t in RATIOS])
    smoothed = np.array([max((_clipped_mean(y + s * SIGMA * t) - x) ** 2 for s in (-1, 1)) for t in RATIOS])
    assert (smoothed <= worst).all(), "Jensen"
    held, bounds = [], []
    for draws in rng.normal(y, SIGMA, (REPEATS, 500)):
        errors = (np.clip(draws, 0, 1) - x) ** 2
        limits = thresholds(errors[:100], 0.49)
        bounds.append(mean_error_bounds(errors[100:], limits, RATIOS, alpha=ALLOWED))
        held.append((bounds[-1] >= worst).all())
    _assert_covered(np.array(held))
    finite = np.median(bounds, 0)
    assert (finite[:3] < 6 * worst[:3]).all(), "a bound, not the trivial one"
    assert np.isfinite(finite[:3]).all()
    assert (np.diff(np.array(bounds)[:, :3], axis=1) >= 0).all()


def test_mean_error_bound_abstains_and_checks_its_thresholds() -> None:
    errors = np.random.default_rng(0).uniform(0, 0.1, 1000)
    limits = thresholds(errors[:100])
    assert limits[-1] == 1.0
    assert (np.diff(limits) > 0).all()
    assert (mean_error_bounds(errors[100:], limits, HUGE, alpha=0.001) == NONE).all()
    for bad in (limits[::-1], np.array([0.0, 0.05])):
        with pytest.raises(ValueError, match="thresholds must increase"):
            mean_error_bounds(errors, bad, [0.1], alpha=0.001)


# -- C and D -------------------------------------------------------------------------------


def _pictures(values: np.ndarray) -> torch.Tensor:
    """``(S, m)`` to S pictures of one image, ``(1, S, 1, 1, m)``."""
    return torch.from_numpy(values).view(1, len(values), 1, 1, -1)


def test_per_pixel_mean_of_a_half_space_covers() -> None:
    """f_i = 1 where z_i > 0: g_i(y ± ε) = Φ(y_i/σ ± t), the shift lemma's extreme case."""
    rng = np.random.default_rng(3)
    y = np.array([-0.3, 0.0, 0.1, 0.35])
    held = []
    for _ in range(REPEATS):
        moments = Moments()
        moments.add(_pictures((y + SIGMA * rng.normal(size=(300, 4)) > 0).astype(np.float64)))
        for ratio, interval in zip(
            RATIOS[:3], mean_intervals(moments, RATIOS[:3], alpha=ALLOWED), strict=True
        ):
            assert interval is not None
            held.append(
                (interval.upper >= norm.cdf(y / SIGMA + ratio)).all()
                and (interval.lower <= norm.cdf(y / SIGMA - ratio)).all()
            )
    _assert_covered(np.array(held).reshape(REPEATS, 3))


def test_per_pixel_mean_is_the_empirical_bernstein_limit_moved() -> None:
    rng = np.random.default_rng(4)
    values = rng.beta(2, 3, (5000, 6))
    moments = Moments()
    for part in np.array_split(values, 7):
        moments.add(_pictures(part))
    np.testing.assert_allclose(moments.mean.ravel(), values.mean(0), rtol=1e-12)
    np.testing.assert_allclose(moments.variance.ravel(), values.var(0, ddof=1), rtol=1e-9)
    log = np.log(2 / (0.01 / 12))
    slack = np.sqrt(2 * values.var(0, ddof=1) * log / 5000) + 7 * log / (3 * 4999)
    (interval,) = mean_intervals(moments, [0.5], alpha=0.01)
    assert interval is not None
    np.testing.assert_allclose(
        interval.upper.ravel(), norm.cdf(norm.ppf(values.mean(0) + slack) + 0.5), rtol=1e-9
    )


def test_per_pixel_median_of_a_clipped_picture_covers() -> None:
    rng = np.random.default_rng(5)
    y = np.array([0.05, 0.3, 0.5, 0.97])
    held, widths = [], []
    for _ in range(REPEATS):
        counts = PixelCounts(bins=64)
        counts.add(_pictures(np.clip(y + SIGMA * rng.normal(size=(300, 4)), 0, 1)))
        for ratio, interval in zip(
            RATIOS[:3], median_intervals(counts, RATIOS[:3], alpha=ALLOWED), strict=True
        ):
            assert interval is not None
            worst = np.clip(np.stack([y - SIGMA * ratio, y + SIGMA * ratio]), 0, 1)
            held.append((interval.lower <= worst[0]).all() and (interval.upper >= worst[1]).all())
            widths.append(interval.width)
    _assert_covered(np.array(held).reshape(REPEATS, 3))
    assert np.mean(widths) < 0.8


def test_counted_order_statistics_hold_the_true_ones_within_a_bin() -> None:
    """The interval from counts encloses the one from sorted samples, by less than a bin."""
    rng = np.random.default_rng(6)
    values = np.concatenate([rng.uniform(size=(300, 3)), [[0.0, 1.0, 0.5]]]).astype(np.float32)
    counts = PixelCounts(bins=255)
    for part in np.array_split(values, 5):
        counts.add(_pictures(part))
    (interval,) = median_intervals(counts, [0.6], alpha=0.05)
    assert interval is not None
    exact = [
        (
            -percentile_bounds(-column, [0.6], alpha=0.05 / 6)[0],
            percentile_bounds(column, [0.6], alpha=0.05 / 6)[0],
        )
        for column in values.astype(np.float64).T
    ]
    for lower, upper, (least, most) in zip(
        interval.lower.ravel(), interval.upper.ravel(), exact, strict=True
    ):
        assert lower <= least < lower + 1 / 255 + 1e-9
        assert upper - 1 / 255 - 1e-9 < most <= upper
    assert np.abs(upper_median(counts).ravel() - np.median(values, axis=0)).max() <= 1 / 255


def test_per_pixel_intervals_abstain() -> None:
    values = np.full((1000, 6), 0.5)
    moments, counts = Moments(), PixelCounts()
    moments.add(_pictures(values))
    counts.add(_pictures(values))
    for intervals in (
        mean_intervals(moments, [1.0, *HUGE], alpha=0.001),
        median_intervals(counts, [1.0, *HUGE], alpha=0.001),
    ):
        assert [interval is None for interval in intervals] == [False, True, True]
    few = Moments()
    few.add(_pictures(values[:3]))
    assert mean_intervals(few, [0.0], alpha=0.001) == [None]


def test_interval_measures() -> None:
    counts = PixelCounts(bins=10)
    counts.add(_pictures(np.tile([[0.2, 0.8]], (50, 1))))
    (interval,) = median_intervals(counts, [0.0], alpha=0.1)
    assert interval is not None
    truth = np.array([[[0.2, 0.5]]])
    assert interval.contains(np.array([[[0.2, 0.5]]])) == 0.5
    assert interval.largest_error(truth) == pytest.approx((0.1**2 + 0.3**2) / 2)
    assert interval.width == pytest.approx(0.1)


# -- E -------------------------------------------------------------------------------------


def test_diagnostic_is_above_the_worst_displacement_of_a_linear_estimator() -> None:
    """f(z) = A z: Cov = σ²AAᵀ, and the worst displacement is ‖A‖ε."""
    rng = np.random.default_rng(7)
    matrix = rng.normal(size=(6, 6))
    norm_of = np.linalg.norm(matrix, 2)
    diagnostic = displacement_diagnostic(SIGMA**2 * norm_of**2, RATIOS, dimension=600, samples=10**6)
    assert (diagnostic >= norm_of * SIGMA * RATIOS / np.sqrt(600)).all()
    outputs = torch.from_numpy(SIGMA * rng.normal(size=(600, 6)) @ matrix.T).view(600, 1, 1, 6)
    assert largest_eigenvalue(outputs) == pytest.approx(SIGMA**2 * norm_of**2, rel=0.2)
    expected = np.linalg.eigvalsh(np.cov(outputs.view(600, 6).numpy().T))[-1]
    assert largest_eigenvalue(outputs) == pytest.approx(expected, rel=1e-6)


def test_diagnostic_says_nothing_beyond_its_samples() -> None:
    edge = reach(64)
    found = displacement_diagnostic(1e-6, [edge - 1e-3, edge + 1e-3, *HUGE], dimension=10, samples=64)
    assert np.isfinite(found[0])
    assert (found[1:] == NONE).all()


# -- F -------------------------------------------------------------------------------------


def test_centers_of_a_shifted_picture_stay_within_the_bound() -> None:
    """f(z) = z in three dimensions: run the whole procedure at y and at y + ξ and compare."""
    rng = np.random.default_rng(8)
    n, m, ratios = 2 * LEAST, 400, RATIOS[[1, 3]]

    def procedure(mean: np.ndarray) -> tuple[np.ndarray, bool]:
        candidates = mean + SIGMA * rng.normal(size=(30, 3))
        samples = mean + SIGMA * rng.normal(size=(n, 3))
        distances = np.sqrt(
            ((candidates**2).sum(1)[:, None] + (samples**2).sum(1) - 2 * candidates @ samples.T).clip(0)
        )
        center = choose_center(distances)
        fresh = mean + SIGMA * rng.normal(size=(n, 3))
        apart = np.linalg.norm(fresh - candidates[center.candidate], axis=1)
        return candidates[center.candidate], abstains(int((apart <= center.radius).sum()), n)

    held, silent = [], []
    shift = np.array([1.0, 0.0, 0.0])
    for _ in range(REPEATS):
        center, silent_here = procedure(np.zeros(3))
        distances = np.linalg.norm(SIGMA * rng.normal(size=(m, 3)) - center, axis=1)
        bounds = center_bounds(distances, ratios)
        for ratio, bound in zip(ratios, bounds, strict=True):
            moved, silent_there = procedure(SIGMA * ratio * shift)
            held.append(silent_here or silent_there or np.linalg.norm(moved - center) <= bound)
            silent.append(silent_there)
    _assert_covered(np.array(held).reshape(-1, len(ratios)), ALPHA)
    assert np.mean(silent) < 0.5, "a procedure that always abstains proves nothing"


def test_ball_mass_coverage_of_the_order_statistic() -> None:
    """3R̂/3 is at or above the shifted quantile of the distances, here |σZ| in one dimension."""
    rng = np.random.default_rng(9)
    distances = np.abs(SIGMA * rng.normal(size=(REPEATS, 400)))
    bounds = np.array([center_bounds(row, RATIOS[:3]) for row in distances]) / 3
    levels = norm.cdf(norm.ppf(0.55) + RATIOS[:3])
    _assert_covered(bounds >= SIGMA * norm.ppf((1 + levels) / 2), 0.005)
    hoeffding = np.ceil((levels + np.sqrt(np.log(1 / 0.005) / 800)) * 400).astype(int)
    for row, bound in zip(distances[:20], bounds, strict=False):
        published = [np.sort(row)[k - 1] if k <= 400 else np.inf for k in hoeffding]
        assert (bound <= published).all()


def test_center_smoothing_abstains() -> None:
    assert abstains(0, 0)
    assert abstains(LEAST - 1, LEAST - 1)
    assert not abstains(LEAST, LEAST)
    assert abstains(int(0.44 * 10**6), 10**6)
    assert not abstains(int(0.46 * 10**6), 10**6)
    distances = np.random.default_rng(0).uniform(size=1000)
    assert (center_bounds(distances, HUGE) == NONE).all()


# -- as published --------------------------------------------------------------------------


def test_the_published_number_is_exceeded_by_an_attack_inside_its_ball() -> None:
    """f(z) = z, c = f(y) fixed: at t = 1 the true worst median is far above the published number,
    which believes t = 1/255; the sound bound holds. With c moving, nothing moves for a linear f."""
    rng = np.random.default_rng(10)
    dimension, ratio = 200, 20.0
    noise = SIGMA * rng.normal(size=(1000, dimension))
    clean = (noise**2).mean(1)
    claimed = as_published_mixed_units_not_a_bound(clean, [ratio])[0]
    shift = np.full(dimension, SIGMA * ratio / np.sqrt(dimension))
    fresh = SIGMA * rng.normal(size=(1000, dimension)) + shift
    fixed = falsify(claimed, (fresh**2).mean(1))
    moving = falsify(claimed, ((fresh - shift) ** 2).mean(1))
    assert fixed.exceeded
    assert fixed.low > 1.5 * claimed
    assert not moving.exceeded
    assert percentile_bounds(clean, [ratio], alpha=0.01)[0] == NONE


def test_the_moving_reference_can_be_exceeded_too() -> None:
    """f(z) = z² far from 0: the slope, hence the spread around the moving reference, grows."""
    rng = np.random.default_rng(11)
    sigma, ratio, y = 0.05, 10.0, 0.2
    z = sigma * rng.normal(size=2000)
    clean = ((y + z) ** 2 - y**2) ** 2
    moved = y + sigma * ratio
    attacked = ((moved + sigma * rng.normal(size=2000)) ** 2 - moved**2) ** 2
    assert falsify(as_published_mixed_units_not_a_bound(clean, [ratio])[0], attacked).exceeded


def test_published_index_follows_algorithm_4() -> None:
    draws = np.arange(1, 1001) / 1000.0
    found = as_published_mixed_units_not_a_bound(draws, [0.0, 255.0, 255 * 3.0], alpha=0.01)
    for ratio, value in zip((0.0, 1.0, 3.0), found, strict=True):
        k = int(binom.ppf(0.99, 1000, norm.cdf(ratio)))
        assert value == (draws[k - 1] if k < 1000 else NONE)

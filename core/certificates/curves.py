"""Every certificate over a grid of radii from one set of draws, and what an attack reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.certificates import center
from core.certificates.bounded_mean import mean_error_bounds, thresholds
from core.certificates.center import abstains, center_bounds
from core.certificates.chi_square import displacement_diagnostic
from core.certificates.confidence import NONE, Floats, largest_ratio
from core.certificates.discrepancy import percentile_bounds
from core.certificates.draws import Draws
from core.certificates.pixels import Interval
from core.certificates.published import as_published_mixed_units_not_a_bound


@dataclass(frozen=True)
class Kind:
    """What a curve bounds.

    Attributes:
        name: in the results store.
        letter: A to F as in the modules beside; P for “as published”.
        bounded: what the number is a bound of, in words.
        unit: ``mse`` or ``rms``, of pictures in [0, 1].
        guarantee: what holds, in one sentence.
        certificate: whether it is one.
    """

    name: str
    letter: str
    bounded: str
    unit: str
    guarantee: str
    certificate: bool = True


KINDS = (
    Kind(
        "percentile_error", "A", "median error of one draw f(y+e+δ) to the truth", "mse",
        "One random draw errs by at most the bound with probability at least ½; all radii together.",
    ),
    Kind(
        "percentile_discrepancy", "A", "median discrepancy of one draw to the clean output f(y)", "mse",
        "One random draw is within the bound with probability at least ½; all radii together.",
    ),
    Kind(
        "mean_error", "B", "error of the smoothed estimate to the truth", "mse",
        "The mean of (clamped) outputs errs by at most the bound; all radii together.",
    ),
    Kind(
        "pixel_mean", "C", "largest error to the truth inside the intervals of the mean", "mse",
        "Every value of the smoothed estimate stays inside its interval; all values and radii together.",
    ),
    Kind(
        "pixel_median", "D", "largest error to the truth inside the intervals of the median",
        "mse", "The median of every value stays inside its interval; all values and radii together.",
    ),
    Kind(
        "displacement", "E", "displacement of the smoothed estimate", "rms",
        "A diagnostic: its eigenvalue is estimated, without a confidence limit.", False,
    ),
    Kind(
        "center", "F", "displacement of the center of the outputs", "rms",
        "The centers at y and y+e are at most this far apart, if neither abstains; each radius by itself.",
    ),
    Kind(
        "as_published", "P", "median discrepancy of one draw to the clean output f(y)", "mse",
        "As published: mixed units, not a bound.", False,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """One certificate over the radii.

    Attributes:
        kind: what it bounds.
        bounds: ``(g,)``; ``inf``: none.
        alpha: error probability, of all radii together where ``simultaneous``, else of each;
            nan where there is no guarantee.
        simultaneous: whether ``alpha`` covers all radii together.
        widths: ``(g,)`` mean width of the per-pixel intervals (C, D), ``inf`` without one.
    """

    kind: Kind
    bounds: Floats
    alpha: float
    simultaneous: bool
    widths: Floats | None = None


def largest_possible_error(truth: Floats) -> float:
    """Mean squared error that no picture in [0, 1] exceeds: B in certificate B."""
    return float(np.mean(np.maximum(truth, 1.0 - truth) ** 2))


def alpha_of_each(samples: int, ratios: Sequence[float], alpha: float) -> float:
    """α shared among the radii that ``samples`` draws can reach at all: beyond them nothing is
    claimed, whatever the draws."""
    return alpha / max(1, sum(ratio <= largest_ratio(samples, alpha) for ratio in ratios))


def curves(draws: Draws, truth: Floats, ratios: Sequence[float], *, alpha: float) -> list[Curve]:
    """All certificates, in the order of :data:`KINDS`.

    Args:
        draws: at the measurement that is certified.
        truth: ``(c, h, w)`` true picture in [0, 1].
        ratios: t = ε/σ, ``(g,)``, same units.
        alpha: error probability of each certificate but F, over all radii together (A and D
            divide it by the number of radii that S draws can reach at all; B and C hold at every
            radius anyway). F has its own, :data:`core.certificates.center.ALPHA`, at each radius.
    """
    each = alpha_of_each(len(draws.errors), ratios, alpha)
    limits = thresholds(draws.pilot_errors, largest_possible_error(truth))
    means = [draws.moments.interval(ratio, alpha=alpha) for ratio in ratios]
    medians = draws.counts.intervals(list(ratios), alpha=each)
    silent = abstains(draws.inside, draws.checked)
    values: dict[str, tuple[Floats, float, bool, Floats | None]] = {
        "percentile_error": (percentile_bounds(draws.errors, ratios, alpha=each), alpha, True, None),
        "percentile_discrepancy": (
            percentile_bounds(draws.discrepancies, ratios, alpha=each), alpha, True, None,
        ),
        "mean_error": (mean_error_bounds(draws.errors, limits, ratios, alpha=alpha), alpha, True, None),
        "pixel_mean": (_errors(means, truth), alpha, True, _widths(means)),
        "pixel_median": (_errors(medians, truth), alpha, True, _widths(medians)),
        "displacement": (
            displacement_diagnostic(
                draws.eigenvalue, ratios, dimension=truth.size, samples=draws.eigenvalue_samples
            ),
            np.nan, False, None,
        ),
        "center": (
            np.full(len(ratios), NONE) if silent else center_bounds(draws.distances, ratios),
            center.ALPHA, False, None,
        ),
        "as_published": (
            as_published_mixed_units_not_a_bound(draws.discrepancies, ratios), np.nan, False, None,
        ),
    }  # fmt: skip
    return [Curve(kind, *values[kind.name]) for kind in KINDS]


def measured(attacked: Draws, clean: Draws, truth: Floats) -> dict[str, float]:
    """What each curve bounds, measured under a perturbation, by the curve's name.

    Args:
        attacked, clean: draws at y + e and at y from the *same* seed, so that displacements
            are not drowned in the Monte-Carlo noise of two independent means.
        truth: ``(c, h, w)`` true picture in [0, 1].
    """
    mean_error = float(np.mean((attacked.moments.mean - truth) ** 2))
    return {
        "percentile_error": _median(attacked.errors),
        "percentile_discrepancy": _median(attacked.discrepancies),
        "mean_error": mean_error,
        "pixel_mean": mean_error,
        "pixel_median": float(np.mean((attacked.counts.median - truth) ** 2)),
        "displacement": _rms(attacked.moments.mean - clean.moments.mean),
        "center": _rms(attacked.center_picture - clean.center_picture),
        "as_published": _median(attacked.discrepancies),
    }


def _errors(intervals: Sequence[Interval | None], truth: Floats) -> Floats:
    return np.array([NONE if i is None else i.largest_error(truth) for i in intervals])


def _widths(intervals: Sequence[Interval | None]) -> Floats:
    return np.array([NONE if i is None else i.width for i in intervals])


def _median(values: Floats) -> float:
    """The order statistic ⌈S/2⌉."""
    return float(np.sort(values)[(len(values) - 1) // 2])


def _rms(difference: Floats) -> float:
    return float(np.sqrt(np.mean(difference**2)))

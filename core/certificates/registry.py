"""Every certificate in one entry: what it bounds, what it reads, how it is worked out and drawn.

A new one is its module, with the derivation and a function of statistics, and an entry here. None knows
a problem: all there is are statistics of pictures in [0, 1], ratios ε/σ in one unit, and α.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.certificates import draws as made
from core.certificates.bounded_mean import mean_error_bounds, thresholds
from core.certificates.center import ALPHA, abstains, center_bounds
from core.certificates.chi_square import displacement_diagnostic, largest_eigenvalue
from core.certificates.confidence import NONE, Floats, largest_ratio
from core.certificates.discrepancy import percentile_bounds
from core.certificates.draws import Draws, Make
from core.certificates.pixels import Interval, mean_intervals, median_intervals, upper_median
from core.certificates.published import as_published_mixed_units_not_a_bound
from core.smoothing.statistics import Discrepancies

ERROR, DISPLACEMENT = "error", "displacement"


@dataclass(frozen=True)
class Curve:
    """One certificate over the radii.

    Attributes:
        bounds: ``(g,)``; ``inf``: none.
        alpha: error probability, of all radii together where ``simultaneous``, else of each;
            nan where there is no guarantee.
        simultaneous: whether ``alpha`` covers all radii together.
        widths: ``(g,)`` mean width of the per-pixel intervals (C, D), ``inf`` without one.
    """

    bounds: Floats
    alpha: float
    simultaneous: bool
    widths: Floats | None = None


@dataclass(frozen=True)
class Bound:
    """A certificate, or what stands beside them.

    Attributes:
        letter: A to F as in the modules beside; P for “as published”.
        title: what it bounds, in the few words of a legend.
        bounded: what the number is a bound of, in words.
        unit: ``mse`` or ``rms``, of pictures in [0, 1].
        family: :data:`ERROR`, if it bounds an error to the truth, or :data:`DISPLACEMENT`, of the output.
        guarantee: what holds, in one sentence.
        look: colour, marker and dash in figures, as plotly names them.
        reads: the statistics that it reads.
        curve: the bounds from draws at the point that is certified, at ratios t = ε/σ ``(g,)`` (same
            units), with an error probability.
        measured: what it bounds, from draws under a perturbation and draws without one, of the *same*
            seed, so that displacements are not drowned in the Monte-Carlo noise of two independent means.
        certificate: whether it is one.
    """

    letter: str
    title: str
    bounded: str
    unit: str
    family: str
    guarantee: str
    look: tuple[str, str, str]
    reads: tuple[Make, ...]
    curve: Callable[[Draws, Sequence[float], float], Curve]
    measured: Callable[[Draws, Draws], float]
    certificate: bool = True


def curves(draws: Draws, ratios: Sequence[float], *, alpha: float) -> dict[str, Curve]:
    """All of :data:`BOUNDS`, by name.

    Args:
        draws: at the measurement that is certified.
        ratios: t = ε/σ, ``(g,)``, same units.
        alpha: error probability of each certificate but F, over all radii together (A and D
            divide it by the number of radii that S draws can reach at all; B and C hold at every
            radius anyway). F has its own, :data:`core.certificates.center.ALPHA`, at each radius.
    """
    return {name: bound.curve(draws, ratios, alpha) for name, bound in BOUNDS.items()}


def measured(attacked: Draws, clean: Draws) -> dict[str, float]:
    """What each of :data:`BOUNDS` bounds, measured under a perturbation: see :class:`Bound`."""
    return {name: bound.measured(attacked, clean) for name, bound in BOUNDS.items()}


def largest_possible_error(truth: Floats) -> float:
    """Mean squared error that no picture in [0, 1] exceeds: B in certificate B."""
    return float(np.mean(np.maximum(truth, 1.0 - truth) ** 2))


def alpha_of_each(samples: int, ratios: Sequence[float], alpha: float) -> float:
    """α shared among the radii that ``samples`` draws can reach at all: beyond them nothing is
    claimed, whatever the draws."""
    return alpha / max(1, sum(ratio <= largest_ratio(samples, alpha) for ratio in ratios))


def intervals_of_mean(draws: Draws, ratios: Sequence[float], alpha: float) -> list[Interval | None]:
    """Certificate C's intervals, at all radii together."""
    return mean_intervals(draws.of(made.moments), ratios, alpha=alpha)


def intervals_of_median(draws: Draws, ratios: Sequence[float], alpha: float) -> list[Interval | None]:
    """Certificate D's intervals, at all radii together."""
    counts = draws.of(made.counts)
    return median_intervals(counts, ratios, alpha=alpha_of_each(counts.count, ratios, alpha))


_Errors = Callable[[made.Pilot], Discrepancies]
_Intervals = Callable[[Draws, Sequence[float], float], list[Interval | None]]


def _percentile(make: _Errors, draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    (values,) = draws.of(make).values
    each = alpha_of_each(len(values), ratios, alpha)
    return Curve(percentile_bounds(values, ratios, alpha=each), alpha, True)


def _mean_error(draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    (values,) = draws.of(made.errors).values
    limits = thresholds(draws.pilot.errors, largest_possible_error(draws.truth))
    return Curve(mean_error_bounds(values, limits, ratios, alpha=alpha), alpha, True)


def _pixels(intervals: _Intervals, draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    truth, found = draws.truth, intervals(draws, ratios, alpha)
    bounds = np.array([NONE if i is None else i.largest_error(truth) for i in found])
    return Curve(bounds, alpha, True, np.array([NONE if i is None else i.width for i in found]))


def _displacement(draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    (outputs,) = draws.of(made.head).draws
    bounds = displacement_diagnostic(
        largest_eigenvalue(outputs), ratios, dimension=outputs[0].numel(), samples=len(outputs)
    )
    return Curve(bounds, np.nan, False)


def _center(draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    center = draws.of(made.center)
    silent = abstains(center.inside, center.n)
    bounds = np.full(len(ratios), NONE) if silent else center_bounds(center.distances, ratios)
    return Curve(bounds, ALPHA, False)


def _as_published(draws: Draws, ratios: Sequence[float], alpha: float) -> Curve:
    (values,) = draws.of(made.discrepancies).values
    return Curve(as_published_mixed_units_not_a_bound(values, ratios), np.nan, False)


def _median_of(make: _Errors, attacked: Draws, clean: Draws) -> float:
    """The order statistic ⌈S/2⌉."""
    (values,) = attacked.of(make).values
    return float(np.sort(values)[(len(values) - 1) // 2])


def _mean(draws: Draws) -> Floats:
    mean: Floats = draws.of(made.moments).mean[0].double().cpu().numpy()
    return mean


def _error_of_mean(attacked: Draws, clean: Draws) -> float:
    return float(np.mean((_mean(attacked) - attacked.truth) ** 2))


def _error_of_median(attacked: Draws, clean: Draws) -> float:
    return float(np.mean((upper_median(attacked.of(made.counts)) - attacked.truth) ** 2))


def _move_of_mean(attacked: Draws, clean: Draws) -> float:
    return float(np.sqrt(np.mean((_mean(attacked) - _mean(clean)) ** 2)))


def _move_of_center(attacked: Draws, clean: Draws) -> float:
    there, here = (draws.of(made.center).picture.double() for draws in (attacked, clean))
    return (there - here).square().mean().sqrt().item()


BOUNDS = {
    "percentile_error": Bound(
        letter="A", title="error of one noisy draw, median (A)", look=("#2F6FDE", "circle", "solid"),
        family=ERROR, unit="mse",
        bounded="median error of one draw f(y+e+δ) to the truth",
        guarantee="One random draw errs by at most the bound with probability at least ½; "
        "all radii together.",
        reads=(made.errors,),
        curve=partial(_percentile, made.errors), measured=partial(_median_of, made.errors),
    ),
    "percentile_discrepancy": Bound(
        letter="A", title="change of one noisy draw, median (A)", look=("#2F6FDE", "circle", "solid"),
        family=DISPLACEMENT, unit="mse",
        bounded="median discrepancy of one draw to the clean output f(y)",
        guarantee="One random draw is within the bound with probability at least ½; all radii together.",
        reads=(made.discrepancies,),
        curve=partial(_percentile, made.discrepancies), measured=partial(_median_of, made.discrepancies),
    ),
    "mean_error": Bound(
        letter="B", title="error of the smoothed estimate (B)", look=("#009E73", "square", "solid"),
        family=ERROR, unit="mse",
        bounded="error of the smoothed estimate to the truth",
        guarantee="The mean of (clamped) outputs errs by at most the bound; all radii together.",
        reads=(made.errors, made.moments), curve=_mean_error, measured=_error_of_mean,
    ),
    "pixel_mean": Bound(
        letter="C", title="error inside intervals of the mean (C)", look=("#56B4E9", "triangle-up", "solid"),
        family=ERROR, unit="mse",
        bounded="largest error to the truth inside the intervals of the mean",
        guarantee="Every value of the smoothed estimate stays inside its interval; "
        "all values and radii together.",
        reads=(made.moments,), curve=partial(_pixels, intervals_of_mean), measured=_error_of_mean,
    ),
    "pixel_median": Bound(
        letter="D", title="error inside intervals of the median (D)",
        look=("#CC79A7", "triangle-down", "solid"),
        family=ERROR, unit="mse",
        bounded="largest error to the truth inside the intervals of the median",
        guarantee="The median of every value stays inside its interval; all values and radii together.",
        reads=(made.counts,), curve=partial(_pixels, intervals_of_median), measured=_error_of_median,
    ),
    "displacement": Bound(
        letter="E", title="change of the smoothed estimate (E, a diagnostic)",
        look=("#8A8F98", "cross", "dash"),
        family=DISPLACEMENT, unit="rms",
        bounded="displacement of the smoothed estimate",
        guarantee="A diagnostic: its eigenvalue is estimated, without a confidence limit.",
        reads=(made.head, made.moments), curve=_displacement, measured=_move_of_mean, certificate=False,
    ),
    "center": Bound(
        letter="F", title="change of the center of the outputs (F)", look=("#E69F00", "diamond", "solid"),
        family=DISPLACEMENT, unit="rms",
        bounded="displacement of the center of the outputs",
        guarantee="The centers at y and y+e are at most this far apart, if neither abstains; "
        "each radius by itself.",
        reads=(made.center,), curve=_center, measured=_move_of_center,
    ),
    "as_published": Bound(
        letter="P", title="as published (not a bound)", look=("#CC79A7", "x", "dot"),
        family=DISPLACEMENT, unit="mse",
        bounded="median discrepancy of one draw to the clean output f(y)",
        guarantee="As published: mixed units, not a bound.",
        reads=(made.discrepancies, made.moving),
        curve=_as_published, measured=partial(_median_of, made.discrepancies), certificate=False,
    ),
}  # fmt: skip
"""By name in the results store, in the order in which they are shown."""

STATISTICS = tuple(dict.fromkeys(make for bound in BOUNDS.values() for make in bound.reads))
"""All that they read, for :func:`core.certificates.draws.draw`."""

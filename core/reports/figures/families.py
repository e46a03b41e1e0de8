"""One look for each estimator in every figure: hue by kind of training, shade and marker by level.

Hues are Okabe and Ito's colour-blind-safe ones; each stands out on light and on dark ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.problems.names import OWN, Identity
from core.problems.problem import Problem
from core.problems.super_resolution import EPS_REL, SIGMA_F
from core.reports import titles

MARKERS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "star")
SMOOTHING = ("#8FD0F5", "#56B4E9", "#3A9FD8", "#1F8AC6", "#0072B2", "#00609A", "#2F6FDE")
ADVERSARIAL = ("#F5C26B", "#E69F00", "#E07B00", "#D55E00", "#B84A00")
STANDARD = "#CC79A7"
DENOISED = "#009E73"
INTERPOLATION = "#8A8F98"


@dataclass(frozen=True)
class Look:
    """``colour``, plotly ``marker`` and ``dash``, and the ``name`` in legends."""

    colour: str
    marker: str
    dash: str
    name: str


def look(objective: str, level: float, estimator: str = "") -> Look:
    """The look of an estimator; ``estimator`` names the interpolation, or tells an added network from the
    shipped one of its kind: by its owner's word, and dots."""
    _, added, word = estimator.partition(OWN)
    dash, end = ("dot", f" · {word}") if added else ("solid", "")
    if objective == "smoothing":
        place = _nearest(level, SIGMA_F)
        return Look(SMOOTHING[place], MARKERS[place], dash, f"smoothed, σ_f {level:g}{end}")
    if objective == "adversarial":
        place = _nearest(level, EPS_REL)
        return Look(ADVERSARIAL[place], MARKERS[place], dash, f"adversarial, ε_rel {level:g}{end}")
    if objective == "denoised":
        return Look(DENOISED, "hexagon", dash, f"denoised, σ {level:g}{end}")
    if objective == "standard":
        return Look(STANDARD, "x", dash, f"standard{end}")
    dash, marker = ("dot", "hexagon") if estimator == "bilinear" else ("dash", "hexagram")
    return Look(INTERPOLATION, marker, dash, estimator)


FIVE = {
    "ord": ("#CC79A7", "x"),
    "jcb": ("#8A8F98", "cross"),
    "adv": ("#E07B00", "square"),
    "smt-adv": ("#009E73", "diamond"),
    "smt-grad": ("#2F6FDE", "circle"),
}
"""Hue and marker of the objectives of ``sun2024``."""

SHADES = {"standard": (STANDARD,), "smoothing": SMOOTHING[::2], "adversarial": ADVERSARIAL[::2]}
"""Of any other objective where networks are shown both as they are and smoothed, from the weakest level of
training to the strongest."""


def looks(problem: Problem, rows: pd.DataFrame) -> dict[str, Look]:
    """The look of each estimator of some rows of a problem's evaluations, in the order of legends: by
    objective and level, those without weights last."""
    once = rows.drop_duplicates("estimator")
    if not problem.smooths_all:
        once = once.assign(level=once.get("level", 0.0)).sort_values(["objective", "level", "estimator"])
        return {row.estimator: look(row.objective, row.level, row.estimator) for row in once.itertuples()}
    found: dict[str, Look] = {}
    for objective in (*FIVE, *SHADES):
        names = once.loc[once["objective"] == objective, "estimator"]
        for place, name in enumerate(sorted(names, key=lambda name: Identity.parse(name).level)):
            shades = SHADES.get(objective, ())
            colour, marker = FIVE.get(objective) or (
                shades[place % len(shades)], MARKERS[len(found) % len(MARKERS)]
            )  # fmt: skip
            found[name] = Look(colour, marker, "solid", titles.short(name))
    others = [name for name in once["estimator"] if name not in found]
    baseline = [Look(INTERPOLATION, "hexagram", "dash", titles.estimator(problem, name)) for name in others]
    return found | dict(zip(others, baseline, strict=True))


def hue(objective: str, level: float) -> str:
    """The colour of a way of training."""
    return {"start": FIVE["ord"], **FIVE}.get(objective, (look(objective, level).colour,))[0]


def _nearest(level: float, levels: tuple[float, ...]) -> int:
    return min(range(len(levels)), key=lambda place: abs(levels[place] - level))


ATTACKS = {
    "f": Look("#D55E00", "square", "solid", "on f (thesis)"),
    "noise": Look(INTERPOLATION, "x", "dot", "Gaussian noise"),
    "strongest": Look("#009E73", "diamond", "dash", "strongest of all"),
}
"""Looks of attacks on a smoothed estimate that have no number of samples."""

ON_SMOOTHED = ("#8FD0F5", "#56B4E9", "#1F8AC6", "#2F6FDE")

MEASURED = Look("#D55E00", "star", "solid", "strongest attack on ĝ, measured")


def on_smoothed(samples: int, algorithm: str = "") -> Look:
    """The look of an attack on ĝ with M ``samples``; four times as many are one shade darker."""
    place = min(len(ON_SMOOTHED) - 1, max(0, (max(1, samples).bit_length() - 1) // 2))
    name = f"{algorithm} on ĝ, M = {samples}".strip()
    return Look(ON_SMOOTHED[place], MARKERS[place], "solid", name)


def interval_bars(rows: pd.DataFrame, metric: str) -> dict[str, Any]:
    """Error bars from the columns ``<metric>_low`` and ``<metric>_high``, as plotly wants them."""
    return {
        "type": "data",
        "array": rows[f"{metric}_high"] - rows[metric],
        "arrayminus": rows[metric] - rows[f"{metric}_low"],
        "thickness": 1,
        "width": 3,
    }

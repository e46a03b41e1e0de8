"""What can be chosen on the page Findings: its views, and which evaluations they are of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.attacks.registry import ATTACKS
from core.base.options import Control, Options, Widget, option
from core.base.references import THESIS, cite
from core.evaluation.studies.strength import ALGORITHMS
from core.problems import restoring
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.tables.text import TITLES
from pages.widgets.page.controls import DEFENCE, METRICS, STRENGTH, attack_switch, one_of

VIEWS = {
    "curves": "Curves", "plane": "Plane", "map": "Heat map", "noise": "Smoothing noise",
    "compare": "Attacks on ĝ", "effort": "Effort", "transfer": "Transfer", "norms": "Norms", 
    "checks": "Checklist", "tables": "Tables",
}  # fmt: skip
FORMERLY = {"Robustness–accuracy": "plane", "f or ĝ": "compare", "Over σ": "noise"}
STUDIES = ("compare", "effort", "transfer", "norms", "checks")
TABLES = "tables"
QUALITIES = {**METRICS, "psnr_median": "PSNR, median draw", "psnr_published": "PSNR, published draw"}
DISCREPANCIES = {
    "median": "Median",
    "certified_quarter": "Certified, L2 ≤ σ/4",
    "certified_half": "Certified, L2 ≤ σ/2",
    "certified_one": "Certified, L2 ≤ σ",
    "as_published": "As published (mixed units)",
}
CURVES, NOISE, COMPARED = (("part", [part]) for part in ("curves", "noise", "compare"))
ONE_NETWORK = ("part", ["noise", "map"])
AT_ONE_NOISE = ("part", ["curves", "plane"])
AT_ONE_STRENGTH = ("part", ["curves", "plane", "map", "noise", "compare", "effort", "transfer", "checks"])
TABLE = ("part", [TABLES])


def _levels(label: str, text: str, *usual: str, former: str) -> Any:
    control = Control(label, Widget.PILLS, names={"0": "no defence"}, when=CURVES)
    return option(usual, text, control, former=former)


def _problem() -> Any:
    control = Control("Problem", names=lambda: {name: each.title for name, each in restoring().items()})
    return option(SUPER_RESOLUTION.name, "", control, choices=lambda: tuple(restoring()))


@dataclass(frozen=True)
class View(Options):
    """What the page shows; settings and samples as the store has them are texts here."""

    problem: str = _problem()
    attack: str = attack_switch()
    setting: str = option("", "", Control("Setting", Widget.SEGMENTS), former="factor")
    part: str = option(
        "curves", "", Control("View", Widget.SEGMENTS, names=VIEWS, formerly=FORMERLY), choices=tuple(VIEWS),
        former="chart look",
    )  # fmt: skip
    quality: str = option(
        "psnr", "", Control("Measure", names={**TITLES, **QUALITIES}), choices=(*{**QUALITIES, **TITLES},),
        former="score figure",
    )  # fmt: skip
    strength: float = option(0.05, "", replace(STRENGTH, when=AT_ONE_STRENGTH), former="at")
    noise: float = option(0.0, "", Control("Smoothing noise", when=AT_ONE_NOISE))
    draws: str = option("", "", Control("Samples S", Widget.SEGMENTS, when=NOISE))
    discrepancy: str = one_of("Discrepancy of a draw", DISCREPANCIES, widget=Widget.SELECT, when=NOISE)
    network: str = option("", "", Control("Network", Widget.SEGMENTS, when=ONE_NETWORK))
    standard: tuple[str, ...] = _levels(
        "Standard", "Trained on clean measurements, no defence.", "0", former="show_standard"
    )
    smoothing: tuple[str, ...] = _levels(
        "Smoothed: trained with noise σ_f", "Noise of the base network's training, standardised.",
        "0.1", "0.4", "1", former="show_smoothing",
    )  # fmt: skip
    adversarial: tuple[str, ...] = _levels(
        "Adversarially trained at ε_rel", "Strength of the attacks it saw in training.",
        "0.02", "0.1", former="show_adversarial",
    )  # fmt: skip
    published: bool = option(
        False,
        f"Overlay the numbers of the thesis ({cite(THESIS)}), dashed. Other photos, and for standard and "
        "adversarial training another space (standardised, unclamped): compare shapes, not decibels.",
        Control("As published", Widget.TOGGLE, when=CURVES),
    )
    defence: str = option("", "", replace(DEFENCE, when=("part", STUDIES)))
    by: str = one_of(
        "Attack on ĝ", {key: ATTACKS[key].title for key in ALGORITHMS}, when=COMPARED,
        text="PGD is what the thesis uses on f; APGD adapts its steps.",
    )  # fmt: skip
    table: str = option("", "", Control("Table", Widget.SEGMENTS, when=TABLE))

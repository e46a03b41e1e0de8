"""The views of a problem's evaluations: what is chosen, and the figures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.base.references import THESIS, cite
from core.problems import RESTORING
from core.problems.problem import Problem
from core.problems.scenario import Scenario
from core.reports.documents import DOCUMENTS
from core.reports.figures import tradeoff as figures
from core.reports.figures.families import looks
from core.reports.titles import LEMMA
from core.results import summary as results
from core.results.evaluations import CHOSEN_BY, table_of
from core.results.points import scenario_at
from core.results.published import published
from pages.widgets.page import results_data
from pages.widgets.page.controls import METRICS, STRENGTH, Controls, attack_switch, one_of
from pages.widgets.scenario import outcome_tables, scenario_controls

VIEWS = {"curves": "Curves", "plane": "Robustness–accuracy", "noise": "Smoothing noise", "map": "Heat map"}
SAYS = {
    "curves": "How each network loses quality as the attack grows; bars are 95 % intervals over photos.",
    "plane": "Up is more robust, right is more accurate; no network beats those on the dotted front in both.",
    "noise": "Quality on validation photos over the smoothing noise; stars mark the best for each attack.",
    "map": "Smoothed networks over a level of noise and attack strength; the best of each column is framed.",
}
QUALITIES = {**METRICS, "psnr_median": "PSNR, median draw", "psnr_published": "PSNR, published draw"}
DISCREPANCIES = {
    "median": "Median",
    "certified_quarter": "Certified, L2 ≤ σ/4",
    "certified_half": "Certified, L2 ≤ σ/2",
    "certified_one": "Certified, L2 ≤ σ",
    "as_published": "As published (mixed units)",
}
OBJECTIVES = ("standard", "smoothing", "adversarial")
CURVES, NOISE = (("part", [part]) for part in ("curves", "noise"))
AT_ONE_STRENGTH = ("part", [*VIEWS])
ONE_NETWORK = ("part", ["noise", "map"])
AT_ONE_NOISE = ("part", ["curves", "plane"])
MANY = 8
"""Networks from which on those that are drawn are chosen by their levels."""
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def _levels(label: str, text: str, *usual: str, former: str) -> Any:
    control = Control(label, Widget.PILLS, names={"0": "no defence"}, when=CURVES)
    return option(usual, text, control, former=former)


@dataclass(frozen=True)
class View(Options):
    """What the figures show; settings and samples as the store has them are texts here."""

    problem: str = one_of("Problem", {n: p.title for n, p in RESTORING.items()}, widget=Widget.SELECT)
    attack: str = attack_switch()
    setting: str = option("", "", Control("Setting", Widget.SEGMENTS), former="factor")
    part: str = one_of("View", VIEWS, former="chart")
    quality: str = one_of("Quality", QUALITIES, widget=Widget.SELECT)
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


@dataclass(frozen=True)
class Shown:
    """What was chosen of a problem's evaluations, and where.

    Attributes:
        controls: of the page, with the fields of :class:`View`.
        setting: as in the column ``problem.apart``.
        test, validation: means of the setting.
        deployed: each estimator with one smoothing noise at each attack strength; see :func:`deployed`.
    """

    problem: Problem
    controls: Controls[View]
    setting: float
    test: pd.DataFrame
    validation: pd.DataFrame
    deployed: pd.DataFrame

    @property
    def part(self) -> str:
        """The view."""
        return str(self.controls["part"])

    @property
    def metric(self) -> str:
        """The quality."""
        return str(self.controls["quality"])

    @property
    def attacks(self) -> str:
        """The kind of attack, of :data:`core.attacks.terms.ATTACKED`."""
        return str(self.controls["attack"])

    @property
    def rows(self) -> pd.DataFrame:
        """Those that the view is made of."""
        if self.part != "noise" and self.problem.grid.selected:
            return self.deployed
        return self.validation if self.problem.grid.selected else self.test

    def among(self, field: str, control: Control, values: Sequence[float]) -> float:
        """Draw a choice of one level, at first the one in the middle."""
        there = sorted(map(float, values))
        self.controls.keep_among(field, there, usual=there[(len(there) - 1) // 2])
        self.controls.draw(field, control, values=there)
        return float(self.controls[field])


def begin(controls: Controls[View], problem: Problem) -> Shown | None:
    """Draw the choice of the setting; nothing where nothing was evaluated."""
    metric = controls["quality"] if controls["quality"] in METRICS else "psnr"
    data = results_data.load(problem, controls["attack"], metric)
    if data.test.empty:
        return None
    values = sorted(data.test[problem.apart].unique())
    said = {f"{value:g}": problem.setting(problem.at(value)).split(", ")[0] for value in values}
    usual = "".join(f"{setting:g}" for setting in problem.grid.settings[:1])
    controls.keep_among("setting", [*said], usual if usual in said else next(iter(said)), said.__getitem__)
    controls.draw("setting", values=[*said], said=said.__getitem__)
    setting = float(controls["setting"])
    parts = (
        table[table[problem.apart] == setting] if len(table) else table
        for table in (data.test, data.validation, data.deployed)
    )
    return Shown(problem, controls, setting, *parts)


def answer(shown: Shown) -> str:
    """What to use at the chosen strength by the chosen quality, in a sentence.

    Nothing where noises are not selected, where the view is of validation photos, or before it is drawn.
    """
    problem = shown.problem
    if not problem.grid.selected or shown.part == "noise":
        return ""
    return results_data.answer(
        problem, shown.attacks, shown.metric, shown.setting, shown.controls["strength"]
    )


def _strength(shown: Shown) -> None:
    """Draw the choice of the attack strength that the answer is of."""
    strengths = sorted(float(eps) for eps in shown.deployed["eps"].unique() if eps > 0)
    if strengths:
        shown.controls.keep_among("strength", strengths)
        shown.controls.draw("strength", values=strengths)


def says(shown: Shown) -> str:
    """What the view shows, in a sentence."""
    if shown.part == "noise" and not shown.problem.grid.selected:
        return f"Discrepancy and quality over the smoothing noise, one line for each network. {LEMMA}"
    return SAYS[shown.part]


def qualities(shown: Shown) -> list[str]:
    """Those that the view has: of single draws only over the smoothing noise, where they were measured."""
    drawn = shown.part == "noise" and _drawn(shown)
    there = [name for name in QUALITIES if shown.problem.published or "published" not in name]
    found = [name for name in there if drawn or name in METRICS]
    shown.controls.keep_among("quality", found, found[0])
    return found


def _drawn(shown: Shown) -> bool:
    """Whether single draws were measured."""
    return set(DISCREPANCIES) <= set(table_of(shown.problem, shown.attacks).metrics)


def figure(shown: Shown) -> dict[str, Any]:
    """The figures of the view by the metric they show, beside each other; draws what else is chosen."""
    problem, metric = shown.problem, shown.metric
    if shown.part == "noise" and not problem.grid.selected:
        return _over_noise(shown)
    rows = shown.rows
    if shown.part == ("noise" if problem.grid.selected else "map"):
        rows = _of_one_network(shown)
    if rows.empty:
        return {}
    if shown.part == "noise":
        return {metric: figures.smoothing_noise(problem, rows, metric)}
    if shown.part in ("map", "plane") and problem.grid.selected:
        _strength(shown)
    if shown.part == "map" and problem.grid.selected:
        rows = results.of_the_grid(rows[rows["objective"] == "smoothing"])
        whole = results_data.load(problem).deployed  # of the thesis's attacks: the map's levels and strengths
        whole = results.of_the_grid(whole[(whole["objective"] == "smoothing")])
        cells = whole["level"].unique(), whole["eps"].unique()
        return {metric: figures.heat_map(problem, rows, metric, "level", "training noise σ_f", cells)}
    if shown.part == "map":
        return {metric: figures.heat_map(problem, _everywhere(rows), metric, "sigma", "smoothing noise σ")}
    if shown.part == "curves":
        return {metric: _curves(shown, deployed(shown))}
    if problem.grid.selected:  # the strength is chosen above
        return {metric: figures.plane(problem, deployed(shown), metric, shown.controls["strength"])}
    left, right = st.columns(2)
    with left:
        rows = deployed(shown)
    control = replace(problem.scenario.controls()[problem.eps], group="")
    with right:
        strength = shown.among("strength", control, [eps for eps in rows["eps"].unique() if eps > 0])
    return {metric: figures.plane(problem, rows, metric, strength)}


def deployed(shown: Shown) -> pd.DataFrame:
    """Each estimator with one smoothing noise at each attack strength: the one selected for it, or, where
    none is, the one that is chosen here for all networks."""
    problem, rows = shown.problem, shown.deployed
    if problem.grid.selected:
        return rows[rows["residual"]]
    rows = _everywhere(shown.test)
    control = replace(problem.scenario.controls()[problem.sigma], group="")
    noises = sorted(rows["sigma"].unique())
    shown.controls.keep_among("noise", noises)
    shown.controls.draw("noise", control, values=noises)
    without = rows["objective"] == problem.without_weights
    return rows[(rows["sigma"] == shown.controls["noise"]) | without]


def _everywhere(rows: pd.DataFrame) -> pd.DataFrame:
    """Smoothing noises that stand at every attack strength, with the fewest samples."""
    strengths = rows.groupby("sigma")["eps"].nunique()
    kept = rows[rows["sigma"].isin(strengths.index[strengths == strengths.max()])]
    return kept.sort_values("samples").drop_duplicates(["estimator", "sigma", "eps"])


def _of_one_network(shown: Shown) -> pd.DataFrame:
    """Of those that stand with several smoothing noises; the one in the middle at first."""
    noises = shown.rows.groupby("estimator")["sigma"].nunique()
    there = shown.rows[shown.rows["estimator"].isin(noises.index[noises > 1])]
    names = {name: look.name.removeprefix("smoothed, ") for name, look in looks(shown.problem, there).items()}
    if names:
        usual = [*names][len(names) // 2]
        shown.controls.keep_among("network", [*names], usual=usual, said=names.__getitem__)
        shown.controls.draw("network", values=[*names], said=names.__getitem__)
    return there[there["estimator"] == shown.controls["network"]]


def _curves(shown: Shown, rows: pd.DataFrame) -> Any:
    problem, controls = shown.problem, shown.controls
    document = DOCUMENTS.get(problem.document)
    printed = published(problem, *(document.curves if document else ()))
    if rows["estimator"].nunique() >= MANY:
        chosen: set[tuple[str, str]] = set()
        columns = st.columns([1, 3.1, 2.3, 2.4, 1.3], vertical_alignment="bottom")
        for column, objective in zip(columns, OBJECTIVES, strict=False):
            there = rows.loc[rows["objective"] == objective, "level"]
            levels = [f"{level:g}" for level in sorted(there.unique())]
            controls[objective] = [level for level in controls[objective] if level in levels]
            with column:
                controls.draw(objective, values=levels)
            chosen |= {(objective, level) for level in controls[objective]}
        if problem.grid.selected:
            with columns[-2]:
                _strength(shown)
        if len(printed):
            with columns[-1]:
                controls.draw("published")
            printed = printed[(printed[problem.apart] == shown.setting) & controls["published"]]
            printed = printed[_chosen(printed, chosen)]
        rows = rows[_chosen(rows, chosen) | (rows["objective"] == problem.without_weights)]
    return figures.curves(problem, rows, printed, shown.metric)


def _chosen(table: pd.DataFrame, chosen: set[tuple[str, str]]) -> pd.Series:
    ids = zip(table["objective"], table["level"].map("{:g}".format), strict=True)
    return pd.Series([each in chosen for each in ids], index=table.index, dtype=bool)


def _over_noise(shown: Shown) -> dict[str, Any]:
    """Every network over the smoothing noise under one attack: how far draws are apart, and the quality."""
    problem, controls = shown.problem, shown.controls
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control = replace(problem.scenario.controls()[problem.eps], group="")
        rows = results.at(shown.test, eps=shown.among("strength", control, shown.test["eps"].unique()))
        samples = [str(count) for count in sorted(rows.loc[rows["sigma"] > 0, "samples"].unique())] or ["1"]
        controls.keep_among("draws", samples, samples[0])
        controls.draw("draws", values=samples)
        rows = results.at(rows, int(controls["draws"]))
        metrics = [shown.metric]
        if _drawn(shown):
            there = [value for value in DISCREPANCIES if problem.published or "published" not in value]
            controls.keep_among("discrepancy", there, there[0])
            controls.draw("discrepancy", values=there, width=215)
            metrics = [controls["discrepancy"], *metrics]
    drawn = {metric: figures.over_sigma(problem, rows, metric) for metric in metrics}
    for each in drawn.values():
        each.update_layout(legend={"orientation": "h", "y": -0.22, "x": 0})
    return drawn


def draw(shown: Shown, drawn: dict[str, Any]) -> None:
    """The figures; a click leaves for the live view. Their keys change then, or the click would stay."""
    name, one = shown.controls.name, len(drawn) == 1
    visits = st.session_state.get(f"{name}.visits", 0)
    for column, (metric, each) in zip(st.columns(len(drawn)), drawn.items(), strict=True):
        with column, st.container(key="tall" if one else f"half-{metric}"):
            event: Any = st.plotly_chart(
                each, key=f"{name}.figure.{metric}.{visits}", on_select="rerun", selection_mode="points",
                config=CONFIG, height="stretch" if one else "content",
                alt=f"{VIEWS[shown.part]}: {figures.TITLES[metric]} of all estimators, "
                f"{shown.problem.title.lower()}",
            )  # fmt: skip
        points = [point for point in event["selection"]["points"] if point.get("customdata")]
        if points:
            st.session_state[f"{name}.visits"] = visits + 1
            estimator, eps, sigma = list(points[0]["customdata"])[:3]
            samples = int(shown.controls["draws"]) if shown.controls["draws"] else None
            where = estimator, shown.setting, float(eps), float(sigma), samples
            _open(scenario_at(shown.problem, *where, attacks=shown.attacks))


def _open(scenario: Scenario) -> None:
    """Leave for the live view of the scenario's problem."""
    problem = scenario.problem
    scenario_controls.of(problem.name).open_at(scenario)


def protocol(shown: Shown) -> str:
    """What the figures were measured on, and how."""
    rows, selected = shown.rows, shown.problem.grid.selected
    photos, draws = results.span(rows["images"]), results.said(rows["draws"])
    attack = f"{results.attack_words(rows['attack'])} ({results.said(rows['made'])}), k = {draws}."
    if not selected:
        units = outcome_tables.units(shown.problem)
        return (
            f"{photos} pictures of {results.said(rows['dataset'])}, {attack} σ = 0 is the network itself. A "
            "discrepancy is a mean squared difference of draws and the network's output; 1e-3 is 8.1 grey "
            f"levels RMS. {units}"
        )
    if shown.part == "noise":
        return f"{photos} validation photos, {attack} The test photos play no part in choosing σ_g."
    return (
        f"{photos} test photos, {attack} Smoothed networks have the σ_g of highest {_chosen_by(shown)} on "
        "validation photos for each ε_rel under the same kind of attack. Bilinear is the measurement itself, "
        "bicubic a linear map: both attacked too."
    )


def _chosen_by(shown: Shown) -> str:
    """The metric that the shown smoothing noises were chosen by."""
    by = CHOSEN_BY[shown.attacks]
    return (shown.metric if shown.metric in by else by[0]).upper()


def command(shown: Shown) -> str:
    """The shell line that prints the numbers of the view."""
    problem, controls = shown.problem, shown.controls
    words = ["python -m core curves", f"--problem {problem.name}", f"--setting {shown.setting:g}"]
    if not problem.grid.selected and shown.part in ("curves", "plane"):
        words += [f"--sigma {controls['noise']:g}"]
    elif not problem.grid.selected and shown.part == "noise":
        words += [f"--eps {controls['strength']:g}", f"--samples {controls['draws']}"]
        words += [f"--discrepancy {controls['discrepancy']}"]
    words += [f"--attack {shown.attacks}", f"--quality {shown.metric}"]
    if shown.part == ("noise" if problem.grid.selected else "map"):
        words += [f"--network {controls['network']}"]
    return " ".join(words)

"""The views of a problem's evaluations: the question, its answer, and the figures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.attacks.terms import ATTACKED, STRONGEST, THESIS
from core.base.options import Control
from core.base.references import PAPER, cite
from core.problems.problem import Problem
from core.reports.documents import DOCUMENTS
from core.reports.figures import tradeoff as figures
from core.reports.figures.families import looks
from core.reports.titles import LEMMA, symbol
from core.results import evaluations
from core.results import summary as results
from core.results.evaluations import CHOSEN_BY, table_of
from core.results.points import scenario_at
from core.results.published import published
from pages.widgets.page import chart, links, notices, results_data, share
from pages.widgets.page.controls import METRICS, STRENGTH, Controls
from pages.widgets.scenario import outcome_tables, scenario_controls
from pages.widgets.studies.views import DISCREPANCIES, QUALITIES, VIEWS, View

SAYS = {
    "curves": "How each network loses quality as the attack grows.",
    "plane": "Up is more robust, right is more accurate; no network beats those on the dotted front in both.",
    "noise": "Quality on validation photos over the smoothing noise; stars mark the best for each attack.",
    "map": "Smoothed networks over a level of noise and attack strength; the best of each column is framed.",
}
LABELS = (
    "Labels with σ_f are smoothed networks by the noise of their training, labels with ε_rel adversarially "
    "trained ones by the attacks of theirs."
)
OBJECTIVES = ("standard", "smoothing", "adversarial")
MANY = 8
"""Networks from which on those that are drawn are chosen by their levels."""


@dataclass(frozen=True)
class Shown:
    """What was chosen of a problem's evaluations, and where.

    Attributes:
        controls: of the page, with the fields of :class:`View`.
        attacks: the kind of attack, of :data:`core.attacks.terms.ATTACKED`.
        setting: as in the column ``problem.apart``.
        test, validation: means of the setting.
        deployed: each estimator with one smoothing noise at each attack strength; see :func:`deployed`.
    """

    problem: Problem
    controls: Controls[View]
    attacks: str
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


def show(
    controls: Controls[View],
    problem: Problem,
    address: dict[str, str],
    asked: DeltaGenerator,
    heading: DeltaGenerator,
) -> None:
    """The question, the answer, the figures, and what was measured.

    Args:
        controls: of the page, begun.
        problem: that is chosen.
        address: what the page's address says in any case.
        asked: where the question is chosen.
        heading: where question and answer stand.
    """
    with asked:
        shown = _begin(controls, problem)
        if shown is not None:
            controls.draw("quality", values=_qualities(shown), width=115)
    drawn = _figure(shown, asked) if shown is not None else {}
    if shown is None or not drawn:
        kinds = controls["attack"]
        heading.markdown(f"#### What should I use?\n{problem.title}")
        links.write({**address, "attack": kinds} if kinds == STRONGEST else address)
        st.info(results_data.EMPTY.format(problem.name, kinds), icon=":material/database_off:")
        return
    heading.markdown(_answered(shown))
    notices.show(evaluations.notices(problem, attacks=shown.attacks))
    _draw(shown, drawn)
    labels = f" {LABELS}" * (shown.part == "plane" and problem.grid.selected)
    st.caption(f"{_says(shown)}{labels} Click a point to open it live. {_protocol(shown)}")
    share.show_view({**controls.to_query(), **address}, _command(shown))


def _begin(controls: Controls[View], problem: Problem) -> Shown | None:
    """Draw the choice of the attack and the setting; nothing where nothing was evaluated."""
    metric = controls["quality"] if controls["quality"] in METRICS else "psnr"
    attacks = controls["attack"]
    data = results_data.load(problem, attacks, metric)
    if results_data.attacked_both_ways(problem):
        controls.draw("attack")
    elif data.test.empty:  # what there is, whatever the switch says
        attacks = STRONGEST if attacks == THESIS else THESIS
        data = results_data.load(problem, attacks, metric)
    if data.test.empty:
        return None
    values = sorted(data.test[problem.apart].unique())
    said = {f"{value:g}": problem.setting(problem.at(value)).split(", ")[0] for value in values}
    usual = "".join(f"{setting:g}" for setting in problem.grid.settings[:1])
    controls.keep_among("setting", [*said], usual if usual in said else next(iter(said)), said.__getitem__)
    if len(said) > 1:
        controls.draw("setting", values=[*said], said=said.__getitem__)
    setting = float(controls["setting"])
    parts = (
        table[table[problem.apart] == setting] if len(table) else table
        for table in (data.test, data.validation, data.deployed)
    )
    return Shown(problem, controls, attacks, setting, *parts)


def _answered(shown: Shown) -> str:
    """The question of the view, and what answers it."""
    problem, controls = shown.problem, shown.controls
    of = f"{problem.title}, {problem.setting(problem.at(shown.setting)).split(', ')[0]}"
    if shown.part == "noise":
        figure = f" This is Figure 1 of the paper ({cite(PAPER)})." * problem.published
        return f"#### How much smoothing noise is best?\n{of}. Here {_under(shown)}. {_says(shown)}{figure}"
    eps, metric = controls["strength"], METRICS[shown.metric]
    noise = None if problem.grid.selected or shown.part == "map" else float(controls["noise"])
    found = "" if noise is None and not problem.grid.selected else results_data.answer(
        problem, shown.attacks, shown.metric, shown.setting, eps, noise
    )  # fmt: skip
    unit = "" if problem.space.grey_levels(1) != 1 else " grey levels"
    asks = f"At {symbol(problem.eps)} {eps:g}{unit}, judged by {metric}, what should I use?"
    beware = f" Here {_under(shown)}." * (shown.attacks == THESIS or not found)
    return f"#### {asks}\n{found or f'{of}. {_says(shown)}'}{beware}"


def _under(shown: Shown) -> str:
    """Who is attacked with what."""
    if shown.attacks == THESIS:
        return f"each network is attacked with PGD, and {results_data.on_f_alone(shown.problem)}"
    return f"each estimator faces the {ATTACKED[shown.attacks]}"


def _strength(shown: Shown, rows: pd.DataFrame) -> None:
    """Draw the choice of the attack strength that the answer is of."""
    problem, there = shown.problem, sorted(map(float, rows["eps"].unique()))
    own = replace(problem.scenario.controls()[problem.eps], group="")
    usual = None if problem.grid.selected else there[(len(there) - 1) // 2]
    shown.controls.keep_among("strength", there, usual=usual)
    if len(there) > 1:
        shown.controls.draw("strength", STRENGTH if problem.grid.selected else own, values=there, width=240)


def _says(shown: Shown) -> str:
    """What the view shows, in a sentence."""
    if shown.part == "noise" and not shown.problem.grid.selected:
        return f"Discrepancy and quality over the smoothing noise, one line for each network. {LEMMA}"
    return SAYS[shown.part]


def _qualities(shown: Shown) -> list[str]:
    """Those that the view has: of single draws only over the smoothing noise, where they were measured."""
    drawn = shown.part == "noise" and _drawn(shown)
    there = [name for name in QUALITIES if shown.problem.published or "published" not in name]
    found = [name for name in there if drawn or name in METRICS]
    shown.controls.keep_among("quality", found, found[0])
    return found


def _drawn(shown: Shown) -> bool:
    """Whether single draws were measured."""
    return set(DISCREPANCIES) <= set(table_of(shown.problem, shown.attacks).metrics)


def _figure(shown: Shown, asked: DeltaGenerator) -> dict[str, Any]:
    """The figures of the view by the metric they show, beside each other; draws what else is chosen."""
    problem, metric, part, selected = shown.problem, shown.metric, shown.part, shown.problem.grid.selected
    if part == "noise" and not selected:
        return _over_noise(shown, asked)
    rows = shown.rows
    if part == ("noise" if selected else "map"):
        rows = _of_one_network(shown)
    if rows.empty:
        return {}
    if part == "noise":
        return {metric: figures.smoothing_noise(problem, rows, metric)}
    with asked:
        _strength(shown, rows[rows["eps"] > 0])
    if part == "map" and selected:
        rows = results.of_the_grid(rows[rows["objective"] == "smoothing"])
        whole = results_data.load(problem).deployed  # of the thesis's attacks: the map's levels and strengths
        whole = results.of_the_grid(whole[(whole["objective"] == "smoothing")])
        cells = whole["level"].unique(), whole["eps"].unique()
        return {metric: figures.heat_map(problem, rows, metric, "level", "training noise σ_f", cells)}
    if part == "map":
        return {metric: figures.heat_map(problem, _everywhere(rows), metric, "sigma", "smoothing noise σ")}
    rows = _deployed(shown, asked)
    if part == "curves":
        return {metric: _curves(shown, rows, asked)}
    return {metric: figures.plane(problem, rows, metric, shown.controls["strength"])}


def _deployed(shown: Shown, asked: DeltaGenerator) -> pd.DataFrame:
    """Each estimator with one smoothing noise at each attack strength: the one selected for it, or, where
    none is, the one that is chosen here for all networks."""
    problem, rows = shown.problem, shown.deployed
    if problem.grid.selected:
        return rows[rows["residual"]]
    rows = _everywhere(shown.test)
    control = replace(problem.scenario.controls()[problem.sigma], group="")
    noises = sorted(rows["sigma"].unique())
    shown.controls.keep_among("noise", noises)
    with asked:
        shown.controls.draw("noise", control, values=noises, width=240)
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


def _curves(shown: Shown, rows: pd.DataFrame, asked: DeltaGenerator) -> Any:
    problem, controls = shown.problem, shown.controls
    document = DOCUMENTS.get(problem.document)
    printed = published(problem, *(document.curves if document else ()))
    if rows["estimator"].nunique() >= MANY:
        chosen: set[tuple[str, str]] = set()
        with asked, st.popover("Networks", icon=":material/tune:"):
            for objective in OBJECTIVES:
                there = rows.loc[rows["objective"] == objective, "level"]
                levels = [f"{level:g}" for level in sorted(there.unique())]
                controls[objective] = [level for level in controls[objective] if level in levels]
                controls.draw(objective, values=levels)
                chosen |= {(objective, level) for level in controls[objective]}
            if len(printed):
                controls.draw("published")
        if len(printed):
            printed = printed[(printed[problem.apart] == shown.setting) & controls["published"]]
            printed = printed[_chosen(printed, chosen)]
        rows = rows[_chosen(rows, chosen) | (rows["objective"] == problem.without_weights)]
    return figures.curves(problem, rows, printed, shown.metric)


def _chosen(table: pd.DataFrame, chosen: set[tuple[str, str]]) -> pd.Series:
    ids = zip(table["objective"], table["level"].map("{:g}".format), strict=True)
    return pd.Series([each in chosen for each in ids], index=table.index, dtype=bool)


def _over_noise(shown: Shown, asked: DeltaGenerator) -> dict[str, Any]:
    """Every network over the smoothing noise under one attack: how far draws are apart, and the quality."""
    problem, controls = shown.problem, shown.controls
    with asked:
        _strength(shown, shown.test)
        rows = results.at(shown.test, eps=controls["strength"])
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


def _draw(shown: Shown, drawn: dict[str, Any]) -> None:
    """The figures; a click leaves for the live view. Their keys change then, or the click would stay."""
    name, one = shown.controls.name, len(drawn) == 1
    visits = st.session_state.get(f"{name}.visits", 0)
    for column, (metric, each) in zip(st.columns(len(drawn)), drawn.items(), strict=True):
        with column, st.container(key="tall" if one else f"half-{metric}"):
            event = chart.show(
                each, f"{name}.figure.{metric}.{visits}",
                f"{VIEWS[shown.part]}: {figures.TITLES[metric]}, {shown.problem.title.lower()}",
                on_select="rerun", selection_mode="points", height="stretch" if one else "content",
            )  # fmt: skip
        points = [point for point in event["selection"]["points"] if point.get("customdata")]
        if points:
            st.session_state[f"{name}.visits"] = visits + 1
            estimator, eps, sigma = list(points[0]["customdata"])[:3]
            samples = int(shown.controls["draws"]) if shown.controls["draws"] else None
            where = estimator, shown.setting, float(eps), float(sigma), samples
            scenario = scenario_at(shown.problem, *where, attacks=shown.attacks)
            scenario_controls.of(shown.problem.name).open_at(scenario)


def _protocol(shown: Shown) -> str:
    """What the figures were measured on, and how."""
    rows, selected = shown.rows, shown.problem.grid.selected
    photos, draws = results.span(rows["images"]), results.said(rows["draws"])
    attack = f"{results.attack_words(rows['attack'])} ({results.said(rows['made'])}), k = {draws}."
    if not selected:
        units = outcome_tables.units(shown.problem)
        return (
            f"Measured on {photos} pictures of {results.said(rows['dataset'])}, {attack} σ = 0 is the "
            "network itself. A discrepancy is a mean squared difference of draws and the network's output; "
            f"1e-3 is 8.1 grey levels RMS. {units}"
        )
    if shown.part == "noise":
        return (
            f"Measured on {photos} validation photos, {attack} The test photos play no part in choosing σ_g."
        )
    return (
        f"Measured on {photos} test photos, {attack} Smoothed networks have the σ_g of highest "
        f"{_chosen_by(shown)} on validation photos for each ε_rel under the same kind of attack. Bilinear "
        "interpolation is the measurement itself, bicubic another linear map of it; both were attacked too. "
        "Brackets and bars are 95 % intervals over photos."
    )


def _chosen_by(shown: Shown) -> str:
    """The metric that the shown smoothing noises were chosen by."""
    by = CHOSEN_BY[shown.attacks]
    return (shown.metric if shown.metric in by else by[0]).upper()


def _command(shown: Shown) -> str:
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

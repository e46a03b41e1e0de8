"""Trade-off: what each defence costs on clean photos and gains under attack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.base.references import THESIS, cite
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.figures import tradeoff as figures
from core.reports.tables.thesis import QUALITY
from core.results import evaluations
from core.results import summary as results
from core.results.points import scenario_at
from core.results.published import published
from pages.widgets.page import notices, refusals, results_data, share, style
from pages.widgets.page.controls import METRICS, STRENGTH, Controls, one_of
from pages.widgets.page.names import unusual
from pages.widgets.scenario import scenario_controls

VIEWS = {"curves": "Curves", "plane": "Robustness–accuracy", "noise": "Smoothing noise", "map": "Heat map"}
SAYS = {
    "curves": "How each network loses quality as the attack grows; bars are 95 % intervals over photos.",
    "plane": "Up is more robust, right is more accurate; no network beats those on the dotted front in both.",
    "noise": "Quality on validation photos over the smoothing noise; stars mark the best for each attack.",
    "map": "Smoothed networks over training noise and attack strength; the best of each column is framed.",
}
OBJECTIVES = ("standard", "smoothing", "adversarial")
CURVES, PLANE, NOISE = (("part", [part]) for part in ("curves", "plane", "noise"))


def _levels(label: str, text: str, *usual: str, former: str) -> Any:
    control = Control(label, Widget.PILLS, names={"0": "no defence"}, when=CURVES)
    return option(usual, text, control, former=former)


@dataclass(frozen=True)
class View(Options):
    """What the figure shows."""

    factor: int = option(2, "", Control("Factor", Widget.SEGMENTS, (2, 3, 4), form="×{}"))
    part: str = one_of("View", VIEWS, former="chart")
    quality: str = one_of("Quality", METRICS)
    strength: float = option(0.05, "", replace(STRENGTH, when=PLANE), former="at")
    network: str = option("", "", Control("Smoothing network", Widget.SEGMENTS, when=NOISE))
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


CONTROLS = Controls(View, "tradeoff", page="trade-off")


def page() -> None:
    """Controls on top, one figure, and what was measured."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    heading.markdown("#### Trade-off")
    data = results_data.load()
    if data.test.empty:
        st.info(results_data.EMPTY, icon=":material/database_off:")
        return
    factor, view, metric = _choices(data.test)
    heading.markdown(
        f"#### Trade-off: {results_data.on_f_alone()}\n{SAYS[view]} Click a point to open it live; "
        "[Attack strength](/attacks) shows what an attack on the smoothed estimate itself takes."
    )
    figure = _figure(view, metric, data, factor)
    if figure is None:
        return
    notices.show(evaluations.notices(SUPER_RESOLUTION))
    _show(figure, factor, view, metric)
    st.caption(_protocol(view, data, factor))
    share.show_view(CONTROLS.to_query(), _command(view, metric, factor), sharing)


def _choices(test: pd.DataFrame) -> tuple[int, str, str]:
    factors = sorted(map(int, test["factor"].unique()))
    CONTROLS.begin()
    CONTROLS.keep_among("factor", factors)
    left, middle, right = st.columns([1, 4, 2], vertical_alignment="bottom")
    with left:
        CONTROLS.draw("factor", values=factors)
    with middle:
        CONTROLS.draw("part")
    with right:
        CONTROLS.draw("quality")
    return CONTROLS["factor"], CONTROLS["part"], CONTROLS["quality"]


def _figure(view: str, metric: str, data: results_data.Data, factor: int) -> Any:
    deployed = data.deployed[(data.deployed["factor"] == factor) & data.deployed["residual"]]
    if view == "curves":
        return _curves(deployed, metric, factor)
    if view == "plane":
        strengths = [float(e) for e in sorted(deployed["eps"].unique()) if e > 0]
        if not strengths:
            st.info(results_data.EMPTY, icon=":material/database_off:")
            return None
        CONTROLS.keep_among("strength", strengths)
        CONTROLS.draw("strength", values=strengths)
        return figures.plane(SUPER_RESOLUTION, deployed, metric, CONTROLS["strength"])
    if view == "noise":
        validation = data.validation[data.validation["factor"] == factor]
        names = {name: _noise_name(name) for name in validation["estimator"].unique()}
        if not names:
            st.info(results_data.EMPTY, icon=":material/database_off:")
            return None
        CONTROLS.keep_among(
            "network", list(names), usual=list(names)[len(names) // 2], said=names.__getitem__
        )
        CONTROLS.draw("network", values=list(names), said=names.__getitem__)
        name = CONTROLS["network"]
        return figures.smoothing_noise(SUPER_RESOLUTION, validation[validation["estimator"] == name], metric)
    rows = results.of_the_grid(deployed)
    rows = rows[rows["objective"] == "smoothing"]
    return figures.heat_map(SUPER_RESOLUTION, rows, metric, "level", "training noise σ_f")


def _curves(deployed: pd.DataFrame, metric: str, factor: int) -> Any:
    chosen: set[tuple[str, str]] = set()
    columns = st.columns([1.1, 3.6, 2.7, 1.2], vertical_alignment="bottom")
    for column, objective in zip(columns, OBJECTIVES, strict=False):
        there = deployed.loc[deployed["objective"] == objective, "level"]
        levels = [f"{level:g}" for level in sorted(there.unique())]
        CONTROLS[objective] = [level for level in CONTROLS[objective] if level in levels]
        with column:
            CONTROLS.draw(objective, values=levels)
        chosen |= {(objective, level) for level in CONTROLS[objective]}
    with columns[-1]:
        CONTROLS.draw("published")
    shown = deployed[_chosen(deployed, chosen) | (deployed["objective"] == "interpolation")]
    printed = published(SUPER_RESOLUTION, *QUALITY)
    printed = printed[(printed["factor"] == factor) & CONTROLS["published"]]
    return figures.curves(SUPER_RESOLUTION, shown, printed[_chosen(printed, chosen)], metric)


def _chosen(table: pd.DataFrame, chosen: set[tuple[str, str]]) -> pd.Series:
    ids = zip(table["objective"], table["level"].map("{:g}".format), strict=True)
    return pd.Series([each in chosen for each in ids], index=table.index, dtype=bool)


def _show(figure: Any, factor: int, view: str, metric: str) -> None:
    """The figure; a click leaves for the Live lab. Its key changes then, or the click would stay."""
    visits = st.session_state.get("tradeoff.visits", 0)
    with st.container(key="tall"):
        event = st.plotly_chart(
            figure, key=f"tradeoff.figure.{visits}", on_select="rerun", selection_mode="points",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
            alt=f"{VIEWS[view]}: {METRICS[metric]} of all estimators, factor {factor}", height="stretch",
        )  # fmt: skip
    points = [point for point in event["selection"]["points"] if point.get("customdata")]
    if points:
        st.session_state["tradeoff.visits"] = visits + 1
        estimator, eps_rel, sigma_g = list(points[0]["customdata"])[:3]
        scenario_controls.CONTROLS.open_at(
            scenario_at(SUPER_RESOLUTION, estimator, factor, float(eps_rel), float(sigma_g))
        )


def _protocol(view: str, data: results_data.Data, factor: int) -> str:
    of = data.validation if view == "noise" else data.test
    of = of[of["factor"] == factor]
    photos, draws = results.span(of["images"]), results.said(of["draws"])
    attack = f"{results.attack_words(of['attack'])} ({results.said(of['made'])}), k = {draws}."
    if view == "noise":
        return f"{photos} validation photos, {attack} The test photos play no part in choosing σ_g."
    return (
        f"{photos} test photos, {attack} Smoothed networks have the σ_g of highest SSIM on validation "
        "photos for each ε_rel. Bilinear is the measurement itself, bicubic a linear map: both attacked too."
    )


def _noise_name(network: str) -> str:
    identity = SUPER_RESOLUTION.identity(network)
    return f"σ_f {identity.level:g}{unusual(identity)}"


def _command(view: str, metric: str, factor: int) -> str:
    network = f" --network {CONTROLS['network']}" if view == "noise" else ""
    return f"python -m core curves --factor {factor} --quality {metric}{network}"


with refusals.said():
    page()

"""Trade-off: what each defence costs on clean photos and gains under attack."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.base.references import THESIS, cite
from core.problems.names import SuperResolutionIdentity
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.figures import tradeoff as figures
from core.results import evaluations
from core.results import summary as results
from pages.widgets.page import choice, notices, refusals, results_data, share, style
from pages.widgets.page.names import unusual
from pages.widgets.page.numbers import both_units
from pages.widgets.scenario import scenario_controls

VIEWS = {"curves": "Curves", "plane": "Robustness–accuracy", "noise": "Smoothing noise", "map": "Heat map"}
METRICS = {"psnr": "PSNR", "ssim": "SSIM", "mse": "MSE"}
FEATURED = {"standard": ("0",), "smoothing": ("0.1", "0.4", "1"), "adversarial": ("0.02", "0.1")}
HEADINGS = {
    "standard": ("Standard", "Trained on clean measurements, no defence."),
    "smoothing": ("Smoothed: trained with noise σ_f", "Noise of the base network's training, standardised."),
    "adversarial": ("Adversarially trained at ε_rel", "Strength of the attacks it saw in training."),
}
SAYS = {
    "curves": "How each network loses quality as the attack grows; bars are 95 % intervals over photos.",
    "plane": "Up is more robust, right is more accurate; no network beats those on the dotted front in both.",
    "noise": "Quality on validation photos over the smoothing noise; stars mark the best for each attack.",
    "map": "Smoothed networks over training noise and attack strength; the best of each column is framed.",
}


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
    notices.show(evaluations.notices(SUPER_RESOLUTION, results_data.RESULTS))
    _show(figure, factor, view, metric)
    st.caption(_protocol(view, data, factor))
    with sharing:
        share.show_page(_command(view, metric, factor), pinned=_pinned(view))


def _choices(test: pd.DataFrame) -> tuple[int, str, str]:
    factors = sorted(test["factor"].unique())
    left, middle, right = st.columns([1, 4, 2], vertical_alignment="bottom")
    with left:
        factor = choice.one_of("Factor", {f"x{f}": f"×{f}" for f in factors}, key="factor")
    with middle:
        view = choice.one_of("View", VIEWS, key="chart")
    with right:
        metric = choice.one_of("Quality", METRICS, key="quality")
    return int(factor.removeprefix("x")), view, metric


def _figure(view: str, metric: str, data: results_data.Data, factor: int) -> Any:
    deployed = data.deployed[(data.deployed["factor"] == factor) & data.deployed["residual"]]
    if view == "curves":
        return _curves(deployed, metric, factor)
    if view == "plane":
        strengths = [f"{e:g}" for e in sorted(deployed["eps_rel"].unique()) if e > 0]
        if not strengths:
            st.info(results_data.EMPTY, icon=":material/database_off:")
            return None
        default = "0.05" if "0.05" in strengths else strengths[0]
        eps_rel = st.select_slider(
            "Attack strength ε_rel", strengths, default, key="at", bind="query-params",
            format_func=lambda text: both_units(float(text)),
        )  # fmt: skip
        return figures.plane(deployed, metric, float(eps_rel))
    if view == "noise":
        validation = data.validation[data.validation["factor"] == factor]
        names = {name: _noise_name(name) for name in validation["estimator"].unique()}
        if not names:
            st.info(results_data.EMPTY, icon=":material/database_off:")
            return None
        middle = list(names)[len(names) // 2]
        name = choice.one_of("Smoothing network", names, key="network", default=middle)
        return figures.smoothing_noise(validation[validation["estimator"] == name], metric)
    return figures.heat_map(results.of_the_grid(deployed), metric)


def _curves(deployed: pd.DataFrame, metric: str, factor: int) -> Any:
    chosen: set[tuple[str, str]] = set()
    columns = st.columns([1.1, 3.6, 2.7, 1.2], vertical_alignment="bottom")
    for column, (objective, (heading, explanation)) in zip(columns, HEADINGS.items(), strict=False):
        there = deployed.loc[deployed["objective"] == objective, "level"]
        levels = [f"{level:g}" for level in sorted(there.unique())]
        with column:
            picked = st.pills(
                heading, levels, selection_mode="multi", key=f"show_{objective}", help=explanation,
                default=[level for level in FEATURED[objective] if level in levels], bind="query-params",
                format_func=lambda level: "no defence" if level == "0" else level,
            )  # fmt: skip
        chosen |= {(objective, level) for level in picked}
    with columns[-1]:
        overlay = st.toggle(
            "As published", key="published", bind="query-params",
            help=f"Overlay the numbers of the thesis ({cite(THESIS)}), dashed. Other photos, and for "
            "standard and adversarial training another space (standardised, unclamped): compare shapes, "
            "not decibels.",
        )  # fmt: skip
    shown = deployed[_chosen(deployed, chosen) | (deployed["objective"] == "interpolation")]
    published = results.published()
    published = published[(published["factor"] == factor) & overlay]
    return figures.curves(shown, published[_chosen(published, chosen)], metric)


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
            results.scenario_at(estimator, float(eps_rel), float(sigma_g), factor)
        )


def _protocol(view: str, data: results_data.Data, factor: int) -> str:
    of = data.validation if view == "noise" else data.test
    of = of[of["factor"] == factor]
    photos, draws = results.span(of["images"]), results.said(of["draws"])
    attack = (
        f"{results.attack_words(of['attack'])} (L2, steps of ε/4, random start, "
        f"{results.said(of['iterate'])}), k = {draws}."
    )
    if view == "noise":
        return f"{photos} validation photos, {attack} The test photos play no part in choosing σ_g."
    return (
        f"{photos} test photos, {attack} Smoothed networks have the σ_g of highest SSIM on validation "
        "photos for each ε_rel. Bilinear is the measurement itself, bicubic a linear map: both attacked too."
    )


def _pinned(view: str) -> dict[str, str]:
    """The network that stands by default depends on which were evaluated."""
    return {"network": _noise_name(st.session_state["network"])} if view == "noise" else {}


def _noise_name(network: str) -> str:
    identity = SuperResolutionIdentity.parse(network)
    return f"σ_f {identity.level:g}{unusual(identity)}"


def _command(view: str, metric: str, factor: int) -> str:
    network = f" --network {st.session_state['network']}" if view == "noise" else ""
    return f"python -m core curves --factor {factor} --quality {metric}{network}"


with refusals.said():
    page()

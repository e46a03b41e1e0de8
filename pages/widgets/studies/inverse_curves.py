"""The paper's Figure 1 from the results store: discrepancy and quality over the smoothing noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.problems.linear import LinearInverse
from core.reports.figures import tradeoff as figures
from core.results import evaluations
from core.results.points import scenario_at
from core.results.summary import at, attack_words, span
from pages.widgets.page import links, notices, results_data, share
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.scenario import inverse_controls, inverse_names, inverse_tables

DISCREPANCIES = {
    "median": "Median",
    "certified_quarter": "Certified, L2 ≤ σ/4",
    "certified_half": "Certified, L2 ≤ σ/2",
    "certified_one": "Certified, L2 ≤ σ",
    "as_published": "As published (mixed units)",
}
QUALITIES = {
    "psnr": "PSNR of the mean",
    "psnr_median": "PSNR, median draw",
    "psnr_published": "PSNR, published draw",
    "ssim": "SSIM of the mean",
}


@dataclass(frozen=True)
class View(Options):
    """What the two charts show; levels as the store has them are texts here."""

    setting: str = option("", "")
    strength: str = option("", "", Control("Attack ε, grey levels", Widget.SEGMENTS))
    draws: str = option("", "", Control("Samples S", Widget.SEGMENTS))
    discrepancy: str = one_of("Discrepancy of a draw", DISCREPANCIES, widget=Widget.SELECT)
    quality: str = one_of("Quality", QUALITIES, widget=Widget.SELECT)


VIEW = Controls(View, "inverse.curves", page=inverse_controls.PAGE)
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def show(sharing: st.delta_generator.DeltaGenerator) -> None:
    """Choose setting, attack and figures; two charts; a click opens the live view there."""
    problem: str = inverse_controls.now()["problem"]
    address = {"part": "noise", "problem": problem}
    rows = results_data.evaluated(inverse_names.problems()[problem])
    if rows.empty:
        links.write(address)
        _nothing(problem)
        return
    picked, panel = _choices(problem, rows)
    address |= picked
    notices.show(evaluations.notices(inverse_names.problems()[problem]))
    left, right = st.columns(2)
    with left:
        _chart(panel, picked, "discrepancy")
    with right:
        _chart(panel, picked, "quality")
    st.caption(_protocol(problem, panel))
    share.show_view(address, _command(problem, picked), sharing)


def _command(problem: str, picked: dict[str, str]) -> str:
    line = f"python -m core curves --problem {problem} --setting {picked['setting']}"
    line += f" --eps {picked['strength']} --samples {picked['draws']}"
    return f"{line} --discrepancy {picked['discrepancy']} --quality {picked['quality']}"


def _nothing(problem: str) -> None:
    st.info(
        f"Nothing is evaluated yet: run `python -m core evaluate --problem {problem} --data DIR`, or "
        "restore the results folder from git. “Live” works without it.",
        icon=":material/database_off:",
    )


def _choices(problem: str, rows: pd.DataFrame) -> tuple[dict[str, str], pd.DataFrame]:
    """What was chosen, as the address says it, and the rows of it."""
    solved = inverse_names.problems()[problem]
    column = solved.own[0]
    label = solved.scenario.controls()[column].label
    VIEW.begin()
    with st.container(horizontal=True, vertical_alignment="top"):
        usual = "".join(f"{whole:g}" for whole in solved.grid.settings[:1])
        setting = _level("setting", rows[column], Control(label, Widget.SEGMENTS), usual=usual)
        rows = rows[rows[column] == float(setting)]
        eps = _level("strength", rows["eps"])
        rows = rows[rows["eps"] == float(eps)]
        samples = _level("draws", rows.loc[rows["sigma"] > 0, "samples"], place=0.0)
        _figure("discrepancy", list(DISCREPANCIES), solved)
        _figure("quality", list(QUALITIES), solved)
    return VIEW.value().to_dict(), at(rows, int(samples), eps=float(eps))


def _level(
    field: str, there: pd.Series, control: Control | None = None, place: float = 0.5, usual: str = ""
) -> str:
    """Draw a choice among levels: at first the address's, the usual, or that at ``place`` in order."""
    values = [f"{value:g}" for value in sorted(there.unique())] or ["0"]
    VIEW.keep_among(field, values, usual if usual in values else values[int((len(values) - 1) * place)])
    VIEW.draw(field, control, values=values)
    return str(VIEW[field])


def _figure(field: str, values: list[str], problem: LinearInverse) -> None:
    """Draw a choice of figures: what was published only where it was."""
    there = [value for value in values if problem.published or "published" not in value]
    VIEW.keep_among(field, there, there[0])
    VIEW.draw(field, values=there, width=215)


def _chart(panel: pd.DataFrame, picked: dict[str, str], name: str) -> None:
    """One chart. Its key changes with a click that leaves, or the click would stay."""
    problem, metric = inverse_names.problems()[inverse_controls.now()["problem"]], picked[name]
    figure = figures.over_sigma(problem, panel, metric)
    figure.update_layout(legend={"orientation": "h", "y": -0.22, "x": 0})
    visits = st.session_state.get("inverse.visits", 0)
    event: Any = st.plotly_chart(
        figure, key=f"inverse.{name}.{visits}", on_select="rerun", selection_mode="points", config=CONFIG,
        alt=f"{figures.TITLES[metric]} over the smoothing noise, one line for each network",
    )  # fmt: skip
    points = [point for point in event["selection"]["points"] if point.get("customdata")]
    if points:
        st.session_state["inverse.visits"] = visits + 1
        estimator, eps, sigma = list(points[0]["customdata"])
        inverse_controls.now().open_at(
            scenario_at(problem, estimator, float(picked["setting"]), eps, sigma, int(picked["draws"]))
        )


def _protocol(problem: str, panel: pd.DataFrame) -> str:
    datasets = ", ".join(sorted(panel["dataset"].unique()))
    note = inverse_tables.units(inverse_names.problems()[problem])
    return (
        f"{span(panel['images'])} pictures of {datasets}, {attack_words(panel['attack'])}; bars are 95 % "
        "intervals over pictures, σ = 0 is the base network (no discrepancy). Click a point to open it live. "
        f"An MSE of 1e-3 is {inverse_names.root(1e-3):.1f} grey levels RMS. A certificate holds for every "
        f"‖ξ‖₂ in the unit of σ, far below a grey level RMS. {note}"
    )

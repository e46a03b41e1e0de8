"""What was evaluated of the linear problems: over the smoothing noise, and the tables of publications."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.base.references import PAPER, cite
from core.problems.denoising import DenoisingScenario
from pages.widgets.page import names, refusals, style
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.scenario import lab_page
from pages.widgets.studies import inverse_curves, inverse_published

NOISE, TABLES = "noise", "tables"
PARTS = {NOISE: "Over σ", TABLES: "Tables"}
OURS = {
    NOISE: "Discrepancy and quality over the smoothing noise, one line for each network.",
    TABLES: "What was evaluated: each network, as it is and smoothed.",
}
SAYS = {
    NOISE: "Discrepancy and quality over the smoothing noise, as in Figure 1 of the paper "
    f"({cite(PAPER)}), one line for each objective.",
    TABLES: "The paper’s Tables 1, 2 and 4: ours, as published, and the difference.",
}


@dataclass(frozen=True)
class View(Options):
    """Which problem, and which of its results."""

    part: str = one_of("View", PARTS)
    problem: str = option("denoising", "", Control("Problem", Widget.SEGMENTS))


CONTROLS = Controls(View, "linear", page="denoising-sensing")


def page() -> None:
    """Choose a view and a problem."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    CONTROLS.begin()
    heading = title.empty()
    problems = names.linear_problems()
    CONTROLS.keep_among("problem", list(problems), "denoising")
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        CONTROLS.draw(
            "problem", values=list(problems), said=lambda name: problems[name].title,
            label_visibility="collapsed",
        )  # fmt: skip
        CONTROLS.draw("part", label_visibility="collapsed")
    problem, part = problems[CONTROLS["problem"]], CONTROLS["part"]
    says = (SAYS if problem.published else OURS)[part]
    heading.markdown(f"#### {problem.title}\n{says}")
    if part == NOISE:
        inverse_curves.show(problem.name, sharing)
    else:
        inverse_published.show(problem.name, heading, sharing)


if st.query_params.get("part") in PARTS:
    with refusals.said():
        page()
else:  # the live view, as links from before the Lab have it
    lab_page.show(DenoisingScenario())

"""Tables: what was evaluated of a problem, where a document printed such numbers beside them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.problems import RESTORING
from pages.widgets.page import refusals, style
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.studies import figure_view, table_view


@dataclass(frozen=True)
class View(table_view.View):
    """Which problem, which of its tables, and which of the table's figures."""

    problem: str = one_of("Problem", {name: problem.title for name, problem in RESTORING.items()})


CONTROLS = Controls(View, "tables", page="thesis-tables")


def page() -> None:
    """Choose a problem and a table."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    CONTROLS.begin()
    choices = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom")
    with choices:
        CONTROLS.draw("problem")
    table_view.show(RESTORING[CONTROLS["problem"]], CONTROLS, {}, choices, heading, sharing)
    figure_view.show()


with refusals.said():
    page()

"""Findings: what to use at some attack strength, and the views of what was evaluated."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.problems import restoring
from core.problems.super_resolution import SUPER_RESOLUTION
from pages.widgets.page import refusals, style
from pages.widgets.page.controls import Controls
from pages.widgets.studies import attack_views, figure_view, table_view, tradeoff_view
from pages.widgets.studies.views import STUDIES, TABLES, VIEWS, View

CONTROLS = Controls(View, "findings", page="trade-off")


def show(part: str = "curves", problem: str = SUPER_RESOLUTION.name) -> None:
    """The page.

    Args:
        part: the view of an address that names none.
        problem: of an address that names none.
    """
    style.show()
    with refusals.said():
        _page(part, problem)


def _page(part: str, usual: str) -> None:
    heading = st.empty()
    CONTROLS.begin(partial(_opened, part, usual))
    asked = st.container(horizontal=True, vertical_alignment="bottom", key="asked")
    with asked:
        CONTROLS.draw("problem", on_change=_anew, width=160)
    problem = restoring()[CONTROLS["problem"]]
    there = [name for name in VIEWS if name not in STUDIES or problem is SUPER_RESOLUTION]
    CONTROLS.keep_among("part", there, there[0])
    CONTROLS.draw("part", values=there, label_visibility="collapsed")
    part = CONTROLS["part"]
    address = {"part": part, "problem": problem.name}
    with st.container(key="found"):
        if part == TABLES:
            table_view.show(problem, CONTROLS, address, asked, heading)
            figure_view.show()
        elif part in STUDIES:
            attack_views.show(CONTROLS, address, asked, heading)
        else:
            tradeoff_view.show(CONTROLS, problem, address, asked, heading)


def _opened(part: str, problem: str, value: View) -> tuple[View, list[str]]:
    """What an address shows: older ones name neither the view nor the problem, which their page had."""
    said = {name for name in st.query_params if st.query_params[name]}
    if not said & {"part", "chart", "look"}:
        value = value.replace(part=part)
    if "problem" not in said:
        value = value.replace(problem=problem)
    if value.part in STUDIES and "attack" not in said:  # nothing there depends on it
        value = value.replace(attack=View().attack)
    return value, []


def _anew() -> None:
    """Of another problem all is chosen anew but the view."""
    for field, value in vars(View()).items():
        if field not in ("problem", "part", "attack"):
            CONTROLS[field] = [*value] if isinstance(value, tuple) else value

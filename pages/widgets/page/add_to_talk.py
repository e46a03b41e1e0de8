"""“Add to talk”: what a page shows becomes a scene, as it is seen."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from core.base.errors import UserError
from core.problems.scenario import PhotoScenario
from core.problems.super_resolution import SuperResolutionScenario
from core.reports.talk import Figure, Scene
from pages.widgets.page import javascript, session_talk

_HERE = Path(__file__).parent
CHARTS, TABLES = "[data-testid=stPlotlyChart]", "[data-testid=stDataFrame], [data-testid=stMarkdown] table"
"""What of a page is taken, if it says nothing else: its charts, or, where it has none, its tables."""

_component = st.components.v2.component(
    "robustness_lab.add_to_talk",
    html="<button type='button' class='add-to-talk'>+ Add to talk</button>",
    css=(_HERE / "add_to_talk.css").read_text(encoding="utf-8"),
    js=javascript.bundle(_HERE / "add_to_talk.js"),
)


def view(title: str, scenario: PhotoScenario, seen: Callable[[], Mapping[str, str]]) -> None:
    """The button of the Lab.

    Args:
        title: of the scene.
        scenario: what the Lab shows.
        seen: how its pictures are looked at when the button is pressed.
    """
    _component(
        key="add_to_talk", data={"selectors": []},
        on_add_change=lambda: add(Scene(title, "", scenario, seen(), exhibit=True)),
    )  # fmt: skip


def page(command: str, selector: str = CHARTS) -> None:
    """The button of a page whose view is in its figures.

    Args:
        command: the shell line that prints its numbers.
        selector: of the elements that are taken, in CSS.
    """
    _component(
        key="add_to_talk", data={"selectors": [selector, TABLES]},
        on_add_change=lambda: add_figure(st.session_state["add_to_talk"].add or {}, command),
    )  # fmt: skip


def add_figure(taken: Mapping[str, str], command: str) -> None:
    """Add the picture that the browser took of a page; says so where there is none."""
    try:
        figure = Figure(base64.b64decode(taken.get("png", ""), validate=True), command)
        figure.open()
    except (UserError, binascii.Error, ValueError):
        st.toast("There is no figure here that could be added.", icon=":material/error:")
        return
    title = taken.get("title", "").partition(":")[0]
    add(Scene(title, "", SuperResolutionScenario(), figure=figure))


def add(scene: Scene) -> None:
    """Add a scene to the session's talk, and say so."""
    try:
        count = session_talk.add(scene)
    except UserError as error:
        st.toast(str(error), icon=":material/error:")
        return
    st.toast(f"Added to the talk as scene {count}.", icon=":material/slideshow:")

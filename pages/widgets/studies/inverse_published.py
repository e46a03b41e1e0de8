"""The tables of a linear inverse problem among its views."""

from __future__ import annotations

import streamlit as st

from core.problems import PROBLEMS
from pages.widgets.page.controls import Controls
from pages.widgets.studies import table_view

VIEW = Controls(table_view.View, "inverse.published", page="denoising-sensing")


def show(
    name: str, heading: st.delta_generator.DeltaGenerator, sharing: st.delta_generator.DeltaGenerator
) -> None:
    """See :func:`pages.widgets.studies.table_view.show`."""
    VIEW.begin()
    problem = PROBLEMS[name]
    choices = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom")
    table_view.show(problem, VIEW, {"part": "tables"}, choices, heading, sharing)

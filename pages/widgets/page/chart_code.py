"""Streamlit's chart code, loaded early: the first page with a chart would wait a second for it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.widgets.page import javascript

_component = st.components.v2.component(
    "robustness_lab.chart_code", html="", js=javascript.bundle(Path(__file__).with_suffix(".js"))
)


def file_name() -> str:
    """Name of the script that Streamlit loads with its first chart; empty if it is not where it was."""
    scripts = Path(st.__file__).parent / "static" / "static" / "js"
    return next((script.name for script in scripts.glob("PlotlyChart.*.js")), "")


def load_early() -> None:
    """Have the browser load it when it is idle."""
    _component(key="chart_code", data={"file": file_name()})

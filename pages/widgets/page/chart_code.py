"""What charts need of the browser: Streamlit's code, for which the first chart would wait a second, loaded
early; and the screen's width, after which they are laid out."""

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


def on_a_phone() -> bool:
    """Whether the screen is so narrow that columns stand below each other."""
    return bool((st.session_state.get("chart_code") or {}).get("phone"))


def load_early() -> None:
    """Have the browser load the code when it is idle; on another width of the screen the page runs again."""
    _component(
        key="chart_code", data={"file": file_name(), "phone": on_a_phone()}, on_phone_change=lambda: None
    )

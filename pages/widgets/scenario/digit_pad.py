"""A pad to draw a digit on with mouse, finger or pen, drawn by a component of ours (``digit_pad.js``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.widgets.page import javascript

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "robustness_lab.digit_pad",
    html="<div class='pad'></div>",
    css=(_HERE / "digit_pad.css").read_text(encoding="utf-8"),
    js=javascript.bundle(_HERE / "digit_pad.js"),
)


def show(strokes: str, picture: str, *, key: str, on_draw: Callable[[str], None]) -> None:
    """Draw the pad.

    Args:
        strokes: what stands on the pad, as :func:`core.problems.digits.drawing.encode` writes it; empty for a
            digit that is not made of strokes.
        picture: such a digit as the URL of a PNG; empty otherwise.
        key: of the element on the page.
        on_draw: called with the strokes, all so far, when a stroke ends; with none when the pad is cleared.
    """

    def ended() -> None:
        on_draw(st.session_state[key].drawing)

    _component(key=key, data={"strokes": strokes, "picture": picture}, on_drawing_change=ended)

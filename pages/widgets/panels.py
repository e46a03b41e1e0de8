"""Rows of labelled pictures, drawn by a small component of ours (``panels.js``).

Pictures travel as PNG and are drawn pixel by pixel (nearest neighbour). A click, or Enter,
opens one large; arrow keys then step through all of them in place.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core import render

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "robustness_lab.panels",
    html="<div class='panels'></div>",
    css=(_HERE / "panels.css").read_text(),
    js=(_HERE / "panels.js").read_text(),
)


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes:
        title: what it shows, short.
        png: the picture.
        alt: what it shows, for those who cannot see it.
        levels: the settings behind it, in small type below the title.
        figure: the first line below, in large type (e.g. PSNR).
        note: the second line below.
        tone: ``bad`` or ``good`` colours the note; empty leaves it plain.
        scale: upper end of the map's colour scale, drawn as a bar below; empty for photos.
    """

    title: str
    png: bytes
    alt: str
    figure: str = ""
    note: str = ""
    tone: str = ""
    scale: str = ""
    levels: str = ""


def show(rows: list[tuple[str, list[Panel]]], *, key: str, version: str) -> None:
    """Draw headed rows of panels; an update with the same key swaps the pictures in place.

    Args:
        rows: heading and panels of each row.
        key: of the element on the page.
        version: what is shown; the element's ``data-drawn`` says it once all pictures stand.
    """
    _component(
        key=key,
        data={
            "version": version,
            "bar": _url(render.png(render.scale_bar())),
            "rows": [
                {
                    "heading": heading,
                    "panels": [{**vars(panel), "png": _url(panel.png)} for panel in panels],
                }
                for heading, panels in rows
            ],
        },
    )


def _url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()

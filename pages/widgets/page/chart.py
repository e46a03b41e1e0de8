"""A figure on a page: legible on a projector, its tools where they cover nothing."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
SMALLEST = 14
"""Pixels: no letter of a figure is smaller."""
TOOLS = 34
"""Pixels above a figure, for the tools that appear when it is pointed at."""


def show(figure: go.Figure, key: str, alt: str, **how: Any) -> Any:
    """Draw it.

    Args:
        figure: with margins for its own words.
        key: of the element.
        alt: what it shows, in words.
        how: goes to ``st.plotly_chart``.
    """
    font = {"size": SMALLEST}
    figure.update_layout(font=font, legend_font=font, hoverlabel_font=font, margin_t=TOOLS)
    figure.update_xaxes(tickfont=font, title_font=font)
    figure.update_yaxes(tickfont=font, title_font=font)
    bar = {"tickfont": font, "title_font": font}
    figure.update_traces(colorbar=bar, textfont=font, selector={"type": "heatmap"})
    figure.for_each_annotation(lambda note: note.update(font_size=max(SMALLEST, note.font.size or 0)))
    return st.plotly_chart(figure, key=key, alt=alt, config=CONFIG, **how)

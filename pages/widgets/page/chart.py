"""A figure on a page: legible on a projector, its tools where they cover nothing."""

from __future__ import annotations

import textwrap
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.widgets.page import chart_code

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
SMALLEST = 14
"""Pixels: no letter of a figure is smaller."""
TOOLS = 34
"""Pixels above a figure, for the tools that appear when it is pointed at."""
PHONE, PLOT, BELOW, ROW = 340, 270, 80, 22
"""Pixels of a phone: its width, the height of a plot, of an axis' words, and of a row of the legend."""


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
    if chart_code.on_a_phone():
        stack(figure)
        how["height"] = "content"
    return st.plotly_chart(figure, key=key, alt=alt, config=CONFIG, **how)


def stack(figure: go.Figure) -> None:
    """Lay a figure out for a phone: plots below each other in the whole width, and below them the legend.

    Names of points, which would cover each other, stand in the legend too; cells say three digits.
    """
    figure.update_traces(mode="markers", showlegend=True, selector={"mode": "markers+text"})
    figure.update_traces(legend="legend", selector=lambda trace: "legend" in trace)
    figure.update_traces(
        texttemplate="%{z:.3g}", showscale=False,
        selector=lambda trace: trace.type == "heatmap" and trace.texttemplate,
    )  # fmt: skip
    plots = [axis for axis in figure.select_xaxes() if not axis.overlaying]
    for place, axis in enumerate(plots):
        top = 1 - place / len(plots)
        axis.domain = (0, 1)
        beside = figure.layout["yaxis" + (axis.anchor or "y")[1:]]
        beside.update(domain=(top - (0.7 if len(plots) > 1 else 1) / len(plots), top), showticklabels=True)
    titles = [each for each in figure.layout.annotations if each.yref == "paper" and each.xref == "paper"]
    for place, title in enumerate(titles if len(titles) == len(plots) > 1 else ()):
        title.update(x=0.5, y=1 - place / len(plots))
    for note in figure.layout.annotations:
        note.text = _wrapped(note.text, 36 if note in titles else 16)
    for axis in plots:
        axis.title.text = _wrapped(axis.title.text or "", 38)
    named = [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]
    across = max(1, int(PHONE / (7 * max(map(len, named)) + 50))) if len(named) > 1 else 1
    legend = ROW * -(-len(named) // across) if len(named) > 1 else 0
    figure.update_layout(
        height=TOOLS + PLOT * len(plots) + BELOW + legend,
        margin_b=BELOW + legend,
        legend={
            "orientation": "h", "x": 0, "xanchor": "left", "xref": "container",
            "y": 0, "yanchor": "bottom", "yref": "container", "maxheight": legend + BELOW,
        },
    )  # fmt: skip


def _wrapped(text: str, letters: int) -> str:
    return textwrap.fill(text, letters).replace("\n", "<br>")

"""The training curve of a network."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.families import look

HEIGHT = 265
MOST_TICKS = 8


def training_curve(curve: pd.DataFrame, objective: str, level: float) -> go.Figure:
    """A figure of the training loss over the images seen, logarithmic upwards.

    Args:
        curve: ``step``, ``images_seen`` (160x160 images' worth of pixels) and ``loss`` (mean
            squared error in standardised units on noisy or attacked inputs, as trained), one row
            per report.
        objective: of the training, see :mod:`core.identity`; with ``level`` it gives the look.
        level: of the training.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve["images_seen"],
        y=curve["loss"],
        mode="lines",
        line={"color": look(objective, level).colour, "width": 2},
        customdata=curve[["step"]],
        hovertemplate="%{x:,.0f} images, step %{customdata[0]:,}<br>loss %{y:.5f}<extra></extra>",
    )
    ticks = _ticks(curve["loss"].min(), curve["loss"].max())
    figure.update_yaxes(
        type="log",
        title="training loss (MSE, standardised)",
        tickvals=ticks,
        ticktext=[f"{t:g}" for t in ticks],
    )
    figure.update_xaxes(title="images seen", rangemode="tozero", tickformat=",")
    return figure.update_layout(
        height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False, dragmode=False
    )


def _ticks(low: float, high: float) -> list[float]:
    """Three to eight round values from ``low`` to ``high``; plotly leaves a logarithmic axis of less
    than a decade nearly bare."""
    for step in (step * 10.0**power for power in range(-8, 6) for step in (1, 2, 5)):
        places = np.arange(math.ceil(low / step), math.floor(high / step) + 1)
        if len(places) <= MOST_TICKS:
            return [float(f"{place * step:.6g}") for place in places]
    return []

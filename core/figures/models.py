"""The training curve of a network."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.figures.families import look

HEIGHT = 300


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
    figure.update_yaxes(type="log", title="training loss (MSE, standardised)", dtick="D1", minor_ticks="")
    figure.update_xaxes(title="images seen", rangemode="tozero", tickformat=",")
    return figure.update_layout(
        height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False, dragmode=False
    )

"""The training curve of a network."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from core.reports.figures.families import hue

HEIGHT = 265
MOST_TICKS = 8


def training_curve(curve: pd.DataFrame, objective: str, level: float, loss: str) -> go.Figure:
    """A figure of the training loss over the images seen, logarithmic upwards.

    Args:
        curve: ``step``, ``images_seen`` (160x160 images' worth of pixels, or digits) and ``loss`` (on
            noisy or attacked inputs, as trained), one row per report.
        objective: of the training, see :mod:`core.problems.names`; with ``level`` it gives the look.
        level: of the training.
        loss: which it is, and its units.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve["images_seen"],
        y=curve["loss"],
        mode="lines",
        line={"color": hue(objective, level), "width": 2},
        customdata=curve[["step"]],
        hovertemplate="%{x:,.0f} images, step %{customdata[0]:,}<br>loss %{y:.5f}<extra></extra>",
    )
    ticks = _ticks(float(curve["loss"].min()), float(curve["loss"].max()))
    figure.update_yaxes(
        type="log",
        title=f"training loss ({loss})",
        tickvals=ticks,
        ticktext=[f"{t:g}" for t in ticks],
    )
    figure.update_xaxes(title="images seen", rangemode="tozero", tickformat=",")
    return figure.update_layout(
        height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False, dragmode=False
    )


def _ticks(low: float, high: float) -> list[float]:
    """A few round values from ``low`` to ``high``, both above 0, for a logarithmic axis.

    Plotly leaves one of less than a decade nearly bare.
    """
    decades = [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    for steps in ((1, 2, 5), (1,)):
        round_values = [step * decade for decade in decades for step in steps]
        inside = [float(f"{value:.6g}") for value in round_values if low <= value <= high]
        if 3 <= len(inside) <= MOST_TICKS:
            return inside
    if len(inside) > MOST_TICKS:
        return inside[:: -(-len(inside) // MOST_TICKS)]
    # Less than a decade: evenly spaced values, at most six of them.
    rough = max(high - low, 1e-3 * high) / 5
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(step * decade for step in (1, 2, 5, 10) if step * decade >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{place * step:.6g}") for place in range(first, last + 1)] or [float(f"{low:.3g}")]

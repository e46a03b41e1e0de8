"""The paper's Figure 1: discrepancy and PSNR over the smoothing noise, for the five objectives.

All take the frames of :mod:`core.results.inverse`. Points carry :data:`POINT` as ``customdata``, so
that a click can open that scenario.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.reports.figures.families import Look, interval_bars
from core.results.inverse import NAMES

POINT = ["network", "sigma_b", "ratio", "eps", "sigma", "samples"]
HEIGHT = 415

LOOKS = {
    "ord": Look("#CC79A7", "x", "solid", NAMES["ord"]),
    "jcb": Look("#8A8F98", "cross", "solid", NAMES["jcb"]),
    "adv": Look("#E07B00", "square", "solid", NAMES["adv"]),
    "smt-adv": Look("#009E73", "diamond", "solid", NAMES["smt-adv"]),
    "smt-grad": Look("#2F6FDE", "circle", "solid", NAMES["smt-grad"]),
}
"""Okabe and Ito's hues, each with a marker of its own."""

TITLES = {
    "psnr": "PSNR of the mean (dB)",
    "psnr_median": "PSNR of the median draw (dB)",
    "psnr_published": "PSNR of the published draw (dB)",
    "ssim": "SSIM of the mean",
    "ssim_median": "SSIM of the median draw",
    "median": "median discrepancy (MSE)",
    "as_published": "discrepancy as published: mixed units, not a bound",
    "certified": "certified discrepancy at ε (MSE)",
    "certified_quarter": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ/4",
    "certified_half": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ/2",
    "certified_one": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ",
}

QUALITIES = ("psnr", "psnr_median", "psnr_published", "ssim", "ssim_median")
"""Metrics on a linear axis. Discrepancies span three decades and have a logarithmic one, where the base
network's, which is 0, has no place."""

NOTHING = "no certificate: ε/σ is too large for so few samples"


def at(summary: pd.DataFrame, problem: str, setting: float, eps: float, samples: int = 50) -> pd.DataFrame:
    """The rows of one panel: all networks and smoothing noises under one attack.

    Args:
        summary: rows of :func:`core.results.inverse.load`.
        problem: ``denoising`` or ``compressed_sensing``.
        setting: sigma_b in grey levels, or the ratio.
        eps: attack strength in grey levels RMS.
        samples: S; the base estimates (sigma 0) are in every panel.
    """
    column = "sigma_b" if problem == "denoising" else "ratio"
    return summary[
        (summary["problem"] == problem)
        & (summary[column] == setting)
        & (summary["eps"] == eps)
        & ((summary["samples"] == samples) | (summary["sigma"] == 0))
    ]


def over_sigma(panel: pd.DataFrame, metric: str) -> go.Figure:
    """One metric over the smoothing noise, one line per objective, 95 % intervals over pictures.

    Args:
        panel: rows of :func:`at`.
        metric: a key of :data:`TITLES`. Where there is no certificate no point is drawn; a legend
            entry then says so.
    """
    figure = go.Figure()
    linear = metric in QUALITIES
    for objective, style in LOOKS.items():
        rows = panel[panel["objective"] == objective].sort_values("sigma")
        rows = rows if linear else rows[rows[metric] != 0]
        if rows.empty:
            continue
        none = "" if rows.loc[rows["sigma"] > 0, metric].notna().any() else ": none"
        figure.add_scatter(
            x=rows["sigma"],
            y=rows[metric],
            error_y=interval_bars(rows, metric),
            mode="lines+markers",
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={"symbol": style.marker, "size": 9},
            customdata=rows[POINT],
            hovertemplate=f"<b>{style.name}</b><br>σ %{{x:g}}<br>%{{y:.4g}}<extra></extra>",
            name=style.name + none,
        )
    shown = panel.loc[panel["sigma"] > 0, metric].notna().any()
    if not shown:
        figure.add_annotation(
            text=NOTHING, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14}
        )
    edge = 0.03 * float(panel["sigma"].max()) if len(panel) else 0.0
    return figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={
            "title": "smoothing noise σ (grey levels)",
            "range": [-edge, float(panel["sigma"].max()) + edge] if len(panel) else None,
        },
        yaxis={
            "title": TITLES[metric],
            "type": "linear" if linear else "log",
            "tickformat": "" if linear else ".0e",
            "showticklabels": bool(shown),
        },
        hovermode="closest",
        clickmode="event+select",
        dragmode=False,
        legend={"itemsizing": "constant"},
    )


def figure_1(panel: pd.DataFrame, *, discrepancy: str = "median", quality: str = "psnr") -> tuple[
    go.Figure, go.Figure
]:  # fmt: skip
    """A column of the paper's Figure 1: discrepancy above, PSNR below.

    Args:
        panel: rows of :func:`at`.
        discrepancy: ``median``, one of the certified columns, or ``as_published``.
        quality: ``psnr``, ``psnr_median`` (the paper's estimate), ``psnr_published`` or ``ssim``.
    """
    return over_sigma(panel, discrepancy), over_sigma(panel, quality)

"""The paper's Figure 1: discrepancy and PSNR over the smoothing noise, one line for each network.

All take the frames of :mod:`core.results.evaluations`. Points carry :data:`POINT` as ``customdata``, so
that a click can open that scenario.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.problems.names import Identity
from core.problems.problem import Problem
from core.reports.figures.families import (
    ADVERSARIAL,
    INTERPOLATION,
    MARKERS,
    SMOOTHING,
    STANDARD,
    Look,
    interval_bars,
)
from core.results.evaluations import table_of
from core.results.inverse import NAMES

POINT = ["network", "at", "eps", "sigma", "samples"]
"""``at`` is the value of the problem's most telling field."""

HEIGHT = 415

LOOKS = {
    "ord": Look("#CC79A7", "x", "solid", NAMES["ord"]),
    "jcb": Look("#8A8F98", "cross", "solid", NAMES["jcb"]),
    "adv": Look("#E07B00", "square", "solid", NAMES["adv"]),
    "smt-adv": Look("#009E73", "diamond", "solid", NAMES["smt-adv"]),
    "smt-grad": Look("#2F6FDE", "circle", "solid", NAMES["smt-grad"]),
}
"""By objective of the paper: Okabe and Ito's hues, each with a marker of its own."""

SHADES = {"standard": (STANDARD,), "smoothing": SMOOTHING[::2], "adversarial": ADVERSARIAL[::2]}
"""By any other objective, from the weakest level of training to the strongest."""

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


def at(
    summary: pd.DataFrame, problem: Problem, setting: float | None, eps: float, samples: int = 50
) -> pd.DataFrame:
    """The rows of one panel: all networks and smoothing noises under one attack.

    Args:
        summary: rows of :func:`core.results.evaluations.load` of the problem.
        problem: what was evaluated.
        setting: value of its most telling field, such as sigma_b in grey levels; None where it has none.
        eps: attack strength in grey levels RMS.
        samples: S; the base estimates (sigma 0) are in every panel.

    Returns:
        The rows with the columns of :data:`POINT`.
    """
    summary = summary.rename(columns={table_of(problem).estimator: "network"})
    summary = summary.assign(at=summary.get("".join(problem.own[:1]), float("nan")))
    if setting is not None:
        summary = summary[summary["at"] == setting]
    drawn = (summary["samples"] == samples) | (summary["sigma"] == 0)
    return summary[(summary["eps"] == eps) & drawn]


def over_sigma(panel: pd.DataFrame, metric: str) -> go.Figure:
    """One metric over the smoothing noise, one line per network, 95 % intervals over pictures.

    Args:
        panel: rows of :func:`at`.
        metric: a key of :data:`TITLES`. Where there is no certificate no point is drawn; a legend
            entry then says so.
    """
    figure = go.Figure()
    linear = metric in QUALITIES
    for network, style in looks(panel).items():
        rows = panel[panel["network"] == network].sort_values("sigma")
        rows = rows if linear else rows[rows[metric] != 0]
        if rows.empty:
            continue
        smoothed = rows.loc[rows["sigma"] > 0, metric]
        none = ": none" if len(smoothed) and smoothed.isna().all() else ""
        figure.add_scatter(
            x=rows["sigma"],
            y=rows[metric],
            error_y=interval_bars(rows, metric),
            mode="lines+markers",
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={"symbol": style.marker, "size": 9},
            customdata=rows[POINT] if style.dash == "solid" else None,
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
            "dtick": None if linear else "D2",
            "showticklabels": bool(shown),
        },
        hovermode="closest",
        clickmode="event+select",
        dragmode=False,
        legend={"itemsizing": "constant"},
    )


def looks(panel: pd.DataFrame) -> dict[str, Look]:
    """The look of each network of a panel, in the order of the objectives and levels; estimators without
    weights come last."""
    found: dict[str, Look] = {}
    for objective in (*LOOKS, *SHADES):
        names = panel.loc[panel["objective"] == objective, "network"].unique()
        for place, name in enumerate(sorted(names, key=lambda name: Identity.parse(name).level)):
            shades = SHADES.get(objective, ())
            found[name] = LOOKS.get(objective) or Look(
                shades[place % len(shades)], MARKERS[place % len(MARKERS)], "solid", name
            )
    others = [name for name in panel["network"].unique() if name not in found]
    return found | {name: Look(INTERPOLATION, "line-ew-open", "dash", name) for name in others}

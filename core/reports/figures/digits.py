"""Figures of the digits page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.attacks.registry import ATTACKS
from core.attacks.terms import NORMS
from core.problems.digits.problem import KINDS

NETWORKS = {
    "digits-std": ("standard", "#D55E00", "solid", "circle"),
    "digits-adv-sign": ("adversarial, signed step", "#E69F00", "dash", "square"),
    "digits-ds-0.50": ("standard behind a denoiser, σ = 0.5", "#8A8F98", "dashdot", "hexagon"),
    "digits-adv-l2": ("adversarial, L2", "#CC79A7", "dot", "diamond"),
    "digits-rs-0.25": ("noise σ = 0.25", "#56B4E9", "solid", "triangle-up"),
    "digits-rs-0.50": ("noise σ = 0.5", "#0072B2", "dash", "triangle-down"),
    "digits-rs-1.00": ("noise σ = 1", "#009E73", "dot", "x"),
}
"""Name in legends, colour (Okabe and Ito), dash and marker of every network."""

SAME, UNDECIDED, CHANGED = "#BFE2F7", "#DCDFE3", "#EDBB94"
CERTIFIED, CERTIFIED_TEXT = "#009E73", "#00664A"
INK = "#15191E"
"""The plane keeps its colours in a dark scheme, like a picture: what is drawn on it stays readable
even where the scheme changes while the page is open."""
_MARGIN = {"l": 48, "r": 8, "t": 30, "b": 40}


def attack_curves(table: pd.DataFrame) -> go.Figure:
    """Accuracy over the attack's radius, one panel an attack, one line a network.

    Args:
        table: of :func:`core.reports.digits.accuracy_under_attack`.
    """
    figure = _panels([f"{ATTACKS[attack].title}, {NORMS[norm]}" for attack, norm in KINDS.values()])
    for column, kind in enumerate(KINDS, start=1):
        part = table[table["attack"] == kind]
        _lines(figure, part, "epsilon", column)
        figure.update_xaxes(title_text="radius ε", row=1, col=column)
    return _percent(figure, "accuracy under attack")


def certified_curves(table: pd.DataFrame, sigmas: Sequence[float]) -> go.Figure:
    """Certified accuracy over the L2 radius, one panel a noise level, one line a base network.

    Args:
        table: of :func:`core.reports.digits.certified_accuracy`.
        sigmas: the noise levels to show.
    """
    figure = _panels([f"smoothed with σ = {sigma:g}" for sigma in sigmas])
    for column, sigma in enumerate(sigmas, start=1):
        part = table[table["sigma"] == sigma]
        _lines(figure, part, "radius", column, markers=False)
        # Beyond the largest certified radius there is only the axis.
        certified = part[part["accuracy"] > 0]["radius"]
        largest = float(certified.max()) if len(certified) else 1.0
        figure.update_xaxes(title_text="L2 radius", range=[0, 1.03 * largest], row=1, col=column)
    return _percent(figure, "certified accuracy")


def _panels(titles: list[str]) -> go.Figure:
    return make_subplots(1, len(titles), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.03)


def _lines(figure: go.Figure, table: pd.DataFrame, x: str, column: int, markers: bool = True) -> None:
    for name, (label, colour, dash, marker) in NETWORKS.items():
        part = table[table["network"] == name].sort_values(x)
        if not len(part):
            continue
        band = np.concatenate([part["high"], part["low"][::-1]])
        figure.add_scatter(
            x=np.concatenate([part[x], part[x][::-1]]),
            y=band,
            fill="toself",
            fillcolor=colour,
            opacity=0.15,
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            legendgroup=name,
            row=1,
            col=column,
        )
        figure.add_scatter(
            x=part[x],
            y=part["accuracy"],
            name=label,
            legendgroup=name,
            showlegend=column == 1,
            mode="lines+markers" if markers else "lines",
            line={"color": colour, "dash": dash, "width": 2.2},
            marker={"symbol": marker, "size": 7},
            customdata=np.stack([part["low"], part["high"], part["digits"]], axis=1),
            hovertemplate=f"{label}<br>%{{x:g}}: %{{y:.1%}} [%{{customdata[0]:.1%}}, %{{customdata[1]:.1%}}] "
            "of %{customdata[2]} digits<extra></extra>",
            row=1,
            col=column,
        )


def _percent(figure: go.Figure, title: str) -> go.Figure:
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title_text=title, row=1, col=1)
    figure.update_layout(
        height=380,
        margin={**_MARGIN, "b": 90},
        legend={"orientation": "h", "y": -0.22, "x": 0.5, "xanchor": "center"},
    )
    return figure


def plane(
    answers: np.ndarray,
    reach: float,
    end: tuple[float, float],
    *,
    title: str,
    answer: int,
    certified: float,
    epsilon: float | None,
) -> go.Figure:
    """Answers on a plane through a digit: where the answer stays, and where it is another one.

    Args:
        answers: ``(rows, columns)`` classes from ``-reach`` to ``reach`` along both axes; below 0
            where votes do not decide.
        reach: half the side of the plane.
        end: where the attack ended, in the plane.
        title: above the figure.
        answer: the classifier's answer to the digit.
        certified: certified radius, drawn as a circle; 0 draws none.
        epsilon: radius of an L2 attack, drawn as a dashed circle; None for other norms.
    """
    steps = np.linspace(-reach, reach, answers.shape[0])
    undecided = answers < 0
    figure = go.Figure(
        go.Heatmap(
            x=steps,
            y=steps,
            z=np.where(undecided, 0.5, answers != answer),
            zmin=0,
            zmax=1,
            colorscale=[[0, SAME], [0.5, UNDECIDED], [1, CHANGED]],
            showscale=False,
            customdata=np.where(undecided, "not decided", answers.astype(str)),
            hovertemplate="answer: %{customdata}<extra></extra>",
        )
    )
    if epsilon:
        _circle(figure, epsilon, {"color": INK, "dash": "dash", "width": 1.5}, f"ε = {epsilon:g}", -45)
    if certified > 0:
        _circle(
            figure, certified, {"color": CERTIFIED, "width": 4}, f"R = {certified:.2f}", 135, CERTIFIED_TEXT
        )
    figure.add_scatter(
        x=[0, end[0]],
        y=[0, end[1]],
        mode="lines+markers",
        line={"color": INK, "width": 2},
        marker={"symbol": ["circle", "star"], "size": [8, 14], "color": INK},
        hoverinfo="skip",
    )
    labels = [(epsilon or 0.0, -45), (certified, 135)]
    taken = [(radius * np.cos(np.deg2rad(at)), radius * np.sin(np.deg2rad(at))) for radius, at in labels]
    for digit in np.unique(answers[~undecided]):
        x, y, share = _middle(answers == digit, steps, [end, *taken])
        if share > 0.01:
            figure.add_annotation(
                x=x, y=y, text=f"<b>{digit}</b>", showarrow=False, font={"size": 20, "color": INK}
            )
    limits = {"range": [-reach, reach], "zeroline": False, "showgrid": False, "constrain": "domain"}
    figure.update_xaxes(**limits, nticks=7)
    figure.update_yaxes(**limits, nticks=7, scaleanchor="x")
    figure.update_layout(
        title={"text": title, "font": {"size": 14}, "x": 0.02, "y": 0.98},
        height=300,
        margin={"l": 30, "r": 6, "t": 28, "b": 24},
        showlegend=False,
    )
    return figure


def _circle(
    figure: go.Figure, radius: float, line: dict[str, object], name: str, degrees: float, ink: str = INK
) -> None:
    """A circle around the digit with its name on the outside, in the direction of ``degrees``."""
    around = np.linspace(0, 2 * np.pi, 181)
    figure.add_scatter(
        x=radius * np.cos(around), y=radius * np.sin(around), mode="lines", line=line, hoverinfo="skip"
    )
    at = np.deg2rad(degrees)
    figure.add_annotation(
        x=radius * np.cos(at),
        y=radius * np.sin(at),
        text=f"<b>{name}</b>",
        showarrow=False,
        xanchor="right" if np.cos(at) < 0 else "left",
        yanchor="bottom" if np.sin(at) > 0 else "top",
        font={"size": 14, "color": ink},
    )


def _middle(
    mask: np.ndarray, steps: np.ndarray, taken: list[tuple[float, float]]
) -> tuple[float, float, float]:
    """A point well inside a region, clear of the arrow to the first of ``taken`` and of the other
    points there, and the region's share of the plane."""
    from scipy.ndimage import distance_transform_edt

    x, y = np.meshgrid(steps, steps)
    along = np.array(taken[0])
    place = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-12), 0, 1)
    clear = np.hypot(x - place * along[0], y - place * along[1]) > 0.14 * steps[-1]
    for u, v in taken[1:]:
        clear &= np.hypot(x - u, y - v) > 0.3 * steps[-1]
    inside = distance_transform_edt(np.pad(mask & clear, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return float(steps[column]), float(steps[row]), float(mask.mean())

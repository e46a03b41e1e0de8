"""Figures of how strong attacks on a smoothed estimate are (thesis, appendix A.3).

All take the frames of :mod:`core.evaluation.studies.strength` and :mod:`core.evaluation.studies.reading`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.attacks.registry import ATTACKS
from core.evaluation.studies.strength import STRONGEST
from core.pictures.units import grey_levels
from core.reports.figures import families
from core.reports.figures.families import Look, interval_bars, on_smoothed
from core.reports.figures.tradeoff import HEIGHT, TITLES

UNITS = {"psnr": " dB", "ssim": "", "mse": ""}
DIGITS = {"psnr": ".2f", "ssim": ".3f", "mse": ".4f"}


def look(line: str, samples: int, algorithm: str = "") -> Look:
    """The look of one line of :func:`core.evaluation.studies.strength.curve`."""
    return families.ATTACKS[line] if line in families.ATTACKS else on_smoothed(samples, algorithm)


def comparison(
    curve: pd.DataFrame, gains: pd.DataFrame, interpolated: pd.DataFrame, metric: str, algorithm: str
) -> go.Figure:
    """Left: quality of ĝ over attack strength; right: what attacking ĝ takes beyond attacking f.

    Args:
        curve: of :func:`core.evaluation.studies.strength.curve`.
        gains: of :func:`core.evaluation.studies.strength.gains`, paired by photo.
        interpolated: of :func:`core.evaluation.studies.beside.interpolations`, drawn without
            intervals; may be empty.
        metric: ``psnr``, ``ssim`` or ``mse``.
        algorithm: of the attacks on ĝ in ``curve``.
    """
    figure = make_subplots(1, 2, column_widths=[0.6, 0.4], horizontal_spacing=0.09)
    order = [line for line in ("noise", "f", "smoothed", STRONGEST) if line in set(curve["line"])]
    for line in order:
        for samples, rows in curve[curve["line"] == line].groupby("attack_samples"):
            style, rows = look(line, int(samples), ATTACKS[algorithm].title), rows.sort_values("eps_rel")
            figure.add_scatter(
                x=[f"{e:g}" for e in rows["eps_rel"]], y=rows[metric], error_y=interval_bars(rows, metric),
                mode="lines+markers", line={"color": style.colour, "dash": style.dash, "width": 2},
                marker={"symbol": style.marker, "size": 9}, name=style.name,
                hovertemplate=f"<b>{style.name}</b><br>ε_rel %{{x}}<br>"
                f"{TITLES[metric]} %{{y:{DIGITS[metric]}}}<extra></extra>",
                row=1, col=1,
            )  # fmt: skip
    for estimator, rows in interpolated.groupby("estimator", sort=True):
        style = families.look("interpolation", 0.0, str(estimator))
        means = rows.groupby("eps_rel")[metric].mean()
        figure.add_scatter(
            x=[f"{e:g}" for e in means.index], y=means, mode="lines", name=f"{style.name}, attacked",
            line={"color": style.colour, "dash": style.dash, "width": 2},
            hovertemplate=f"<b>{style.name}</b><br>ε_rel %{{x}}<br>"
            f"{TITLES[metric]} %{{y:{DIGITS[metric]}}}<extra></extra>",
            row=1, col=1,
        )  # fmt: skip
    for name, rows in gains.groupby("attack", sort=False):
        rows = rows.sort_values("attack_samples")
        colour, marker = ("#2F6FDE", "circle") if name == "apgd" else ("#56B4E9", "square")
        figure.add_scatter(
            x=rows["attack_samples"].astype(str), y=rows[metric], error_y=interval_bars(rows, metric),
            mode="lines+markers", line={"color": colour, "width": 2}, legend="legend2",
            marker={"symbol": marker, "size": 10}, name=f"{ATTACKS[str(name)].title} on ĝ",
            hovertemplate=f"<b>{ATTACKS[str(name)].title} on ĝ, M = %{{x}}</b><br>"
            f"%{{y:+{DIGITS[metric]}}}{UNITS[metric]} beyond the attack on f<extra></extra>",
            row=1, col=2,
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": families.ATTACKS["f"].colour, "width": 2}, row=1, col=2)
    eps_rels = sorted(curve["eps_rel"].unique())
    names = [f"{e:g}" for e in eps_rels]
    figure.update_xaxes(
        type="category", categoryarray=names, tickvals=names, row=1, col=1,
        ticktext=[f"{e:g}<br>{grey_levels(e):.1f}" for e in eps_rels],
        title="attack strength ε_rel, not to scale; below it grey levels RMS",
    )  # fmt: skip
    figure.update_yaxes(title=f"{TITLES[metric]} of ĝ", row=1, col=1)
    figure.update_xaxes(type="category", title="samples M of the attack on ĝ", row=1, col=2)
    figure.update_yaxes(title=f"stronger than the attack on f{_unit(metric)}", row=1, col=2)
    falling = metric != "mse"
    inside = {"y": 0.02 if falling else 0.98, "yanchor": "bottom" if falling else "top"}
    figure.update_layout(legend2={**_legend(0.655), "y": 0.98, "yanchor": "top"})
    return _layout(figure, legend={**_legend(0.01), **inside})


def effort(iterations: pd.DataFrame, restarts: pd.DataFrame, metric: str) -> go.Figure:
    """Left: highest loss so far of APGD from zero over the iterations; right: quality over the starts.

    Args:
        iterations: of :func:`core.evaluation.studies.strength.iterations`.
        restarts: of :func:`core.evaluation.studies.strength.restarts`; may be empty.
        metric: of the right part.
    """
    figure = make_subplots(1, 2, column_widths=[0.66, 0.34], horizontal_spacing=0.09)
    kept = iterations[(iterations["attack"] == "apgd") & (iterations["start"] == "zero")]
    for (steps, samples), rows in kept.groupby(["steps", "attack_samples"]):
        style, rows = on_smoothed(int(samples)), rows.sort_values("iteration")
        name = f"M = {samples}, {steps} steps"
        longest = steps == kept["steps"].max()
        figure.add_scatter(
            x=rows["iteration"], y=rows["loss"], mode="lines", name=name,
            line={"color": "#009E73" if longest else style.colour, "width": 3 if longest else 2},
            hovertemplate=f"<b>{name}</b><br>step %{{x}}: loss %{{y:.5g}}<extra></extra>", row=1, col=1,
        )  # fmt: skip
    if not restarts.empty:
        figure.add_scatter(
            x=restarts["starts"].astype(str), y=restarts[metric], error_y=interval_bars(restarts, metric),
            mode="lines+markers", line={"color": "#009E73", "width": 2}, showlegend=False,
            marker={"symbol": "diamond", "size": 10},
            hovertemplate=f"strongest of %{{x}} starts<br>%{{y:{DIGITS[metric]}}}<extra></extra>",
            row=1, col=2,
        )  # fmt: skip
    figure.update_xaxes(title="gradient steps", row=1, col=1)
    figure.update_yaxes(title="highest loss so far (MSE, standardised)", row=1, col=1)
    figure.update_xaxes(type="category", title="starts tried", row=1, col=2)
    figure.update_yaxes(title=f"{TITLES[metric]} of ĝ", row=1, col=2)
    return _layout(figure, legend={**_legend(0.62), "xanchor": "right", "y": 0.98, "yanchor": "top"})


def transfer(matrix: pd.DataFrame, metric: str, names: dict[str, str]) -> go.Figure:
    """Made on (row), tested on (column).

    Args:
        matrix: of :func:`core.evaluation.studies.reading.transfer_matrix`.
        metric: what it holds.
        names: what its networks are called; others keep their own.
    """
    rows, columns = ([names.get(n, n) for n in index] for index in (matrix.index, matrix.columns))
    figure = go.Figure(
        go.Heatmap(
            z=matrix.to_numpy(), x=columns, y=rows, colorscale="Cividis", reversescale=metric == "mse",
            texttemplate=f"%{{z:{DIGITS[metric]}}}", textfont={"size": 15}, xgap=2, ygap=2,
            hovertemplate="made on %{y}<br>tested on %{x}<br>"
            f"{TITLES[metric]} %{{z:{DIGITS[metric]}}}<extra></extra>",
            colorbar={"title": TITLES[metric]},
        )
    )  # fmt: skip
    worst = np.nanargmax if metric == "mse" else np.nanargmin
    for column in range(matrix.shape[1]):
        values = matrix.iloc[:, column].to_numpy(dtype=float)
        if np.isfinite(values).any():
            row = int(worst(values))
            figure.add_shape(
                type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
                line={"color": "#D55E00", "width": 3},
            )  # fmt: skip
    figure.update_xaxes(title="tested on", side="top")
    figure.update_yaxes(title="made on", autorange="reversed", automargin=True)
    return _layout(figure)


def _unit(metric: str) -> str:
    return {"psnr": " (dB)", "ssim": " (SSIM)", "mse": " (MSE)"}[metric]


def _legend(x: float) -> dict[str, Any]:
    return {"x": x, "xanchor": "left", "bgcolor": "rgba(0,0,0,0)"}


def _layout(figure: go.Figure, **changes: Any) -> go.Figure:
    margin = {"l": 10, "r": 10, "t": 10, "b": 10}
    return figure.update_layout(
        height=HEIGHT, margin=margin, hovermode="closest", dragmode=False, **changes
    )  # fmt: skip

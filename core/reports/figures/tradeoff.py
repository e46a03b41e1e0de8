"""Figures of the robustness-accuracy trade-off (``patsatzi2023``, chapter 4; ``sun2024``, Figure 1).

All take frames of :mod:`core.results.evaluations` of one problem in one setting. Points carry :data:`POINT`
as ``customdata``, so that a click can open the live view there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.problems.problem import Problem
from core.reports.figures.families import MARKERS, Look, interval_bars, look, looks
from core.reports.titles import symbol

TITLES = {
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "mse": "MSE",
    "psnr_median": "PSNR of the median draw (dB)",
    "psnr_published": "PSNR of the published draw (dB)",
    "ssim_median": "SSIM of the median draw",
    "median": "median discrepancy (MSE)",
    "as_published": "discrepancy as published: mixed units, not a bound",
    "certified": "certified discrepancy at ε (MSE)",
    "certified_quarter": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ/4",
    "certified_half": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ/2",
    "certified_one": "certified discrepancy (MSE) for ‖ξ‖ ≤ σ",
}

QUALITIES = ("psnr", "ssim", "mse", "psnr_median", "psnr_published", "ssim_median")
"""Metrics on a linear axis. Discrepancies span three decades and have a logarithmic one, where the base
network's, which is 0, has no place."""

POINT = ["estimator", "eps", "sigma"]
HEIGHT = 415
NOTHING = "no certificate: ε/σ is too large for so few samples"
SHADES = ("#F0E442", "#E69F00", "#D55E00", "#CC79A7", "#0072B2", "#56B4E9", "#009E73")


def _form(metric: str) -> str:
    return ".2f" if metric.startswith("psnr") else ".3f" if metric == "ssim" else ".4g"


def _hover(problem: Problem, metric: str) -> str:
    eps, sigma = symbol(problem.eps), symbol(problem.sigma)
    figure = ".2f" if metric.startswith("psnr") else ".4g"
    return (
        f"<b>%{{fullData.name}}</b><br>{eps} %{{customdata[1]:~g}}, {sigma} %{{customdata[2]:~g}}<br>"
        f"{TITLES[metric]} %{{y:{figure}}}<extra></extra>"
    )


def _layout(figure: go.Figure, x: str, y: str) -> go.Figure:
    return figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis_title=x,
        yaxis_title=y,
        hovermode="closest",
        clickmode="event+select",
        dragmode=False,
        legend={"itemsizing": "constant", "tracegroupgap": 4},
    )


def _noise(problem: Problem) -> str:
    unit = " (grey levels)" * (problem.space.grey_levels(1) == 1)
    return f"smoothing noise {symbol(problem.sigma)}{unit}"


def _strengths(problem: Problem, epses: Collection[float]) -> list[str]:
    """What attack strengths are called on an axis: each with its grey levels below it."""
    grey = problem.space.grey_levels
    return [f"{eps:g}" if grey(1) == 1 else f"{eps:g}<br>{grey(eps):.1f}" for eps in epses]


def _strength_title(problem: Problem) -> str:
    below = "" if problem.space.grey_levels(1) == 1 else "; below it "
    return f"attack strength {symbol(problem.eps)}{below or ' ('}grey levels RMS{')' * (not below)}"


def _line(figure: go.Figure, x: pd.Series, rows: pd.DataFrame, metric: str, style: Look, hover: str) -> None:
    """One estimator with its intervals."""
    figure.add_scatter(
        x=x,
        y=rows[metric],
        error_y=interval_bars(rows, metric),
        mode="lines+markers",
        line={"color": style.colour, "dash": style.dash, "width": 2},
        marker={"symbol": style.marker, "size": 9},
        customdata=rows[POINT],
        hovertemplate=hover,
        name=style.name,
    )


def curves(problem: Problem, summary: pd.DataFrame, published: pd.DataFrame, metric: str) -> go.Figure:
    """A figure of quality over attack strength, one line per estimator.

    Args:
        problem: whose rows.
        summary: each estimator with one smoothing noise at each strength.
        published: rows of :func:`core.results.published.published` to overlay, dashed; may be empty.
        metric: a key of :data:`TITLES`.
    """
    figure, hover = go.Figure(), _hover(problem, metric)
    for estimator, style in looks(problem, summary).items():
        rows = summary[summary["estimator"] == estimator].sort_values("eps")
        _line(figure, rows["eps"], rows, metric, style, hover)
    epses = {*summary["eps"]}
    for (objective, level), rows in published.groupby(["objective", "level"]) if len(published) else ():
        style, rows = look(objective, level), rows.sort_values("eps")
        epses |= {*rows["eps"]}
        figure.add_scatter(
            x=rows["eps"],
            y=rows[metric],
            mode="lines+markers",
            line={"color": style.colour, "dash": "dash", "width": 1.5},
            marker={"symbol": f"{style.marker}-open", "size": 7},
            opacity=0.75,
            hovertemplate=f"<b>{style.name}, as published</b><br>{symbol(problem.eps)} %{{x}}<br>%{{y}}"
            "<extra></extra>",
            name=f"{style.name} (published)",
        )
    ticks: list[float] = []
    for eps in sorted(epses):
        if not ticks or eps - ticks[-1] > max(epses) / 14:  # closer ones would cover each other
            ticks.append(eps)
    figure.update_xaxes(tickvals=ticks, ticktext=_strengths(problem, ticks))
    return _layout(figure, _strength_title(problem), TITLES[metric])


def over_sigma(problem: Problem, summary: pd.DataFrame, metric: str) -> go.Figure:
    """One metric over the smoothing noise, one line per network, 95 % intervals over pictures.

    Args:
        problem: whose rows.
        summary: rows of one attack strength and number of samples.
        metric: a key of :data:`TITLES`. Where there is no certificate no point is drawn; a legend
            entry then says so.
    """
    figure, hover = go.Figure(), _hover(problem, metric)
    linear = metric in QUALITIES
    for estimator, style in looks(problem, summary).items():
        rows = summary[summary["estimator"] == estimator].sort_values("sigma")
        if linear and (rows["objective"] == problem.without_weights).all():
            # Smoothing gives linear estimators back (patsatzi2023, Lemma A.1.2).
            rows = pd.concat([rows, rows.assign(sigma=summary["sigma"].max())])
            style = replace(style, name=f"{style.name}, smoothed or not")
        rows = rows if linear else rows[rows[metric] != 0]
        if len(rows):
            _line(figure, rows["sigma"], rows, metric, style, hover)
        smoothed = rows.loc[rows["sigma"] > 0, metric]
        if len(smoothed) and smoothed.isna().all():
            figure.data[-1].name += ": none"
    shown = bool(summary.loc[summary["sigma"] > 0, metric].notna().any())
    if not shown:
        figure.add_annotation(
            text=NOTHING, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14}
        )
    if len(summary):
        largest = float(summary["sigma"].max())
        figure.update_xaxes(range=[-0.03 * largest, 1.03 * largest])
    figure.update_yaxes(showticklabels=shown)
    if not linear:
        figure.update_yaxes(type="log", tickformat=".0e", dtick="D2")
    return _layout(figure, _noise(problem), TITLES[metric])


def pareto(clean: np.ndarray, attacked: np.ndarray) -> np.ndarray:
    """Indices of the points that no other point beats in both, by descending ``clean``."""
    order = np.lexsort((-attacked, -clean))
    best, front = -np.inf, []
    for place in order:
        if attacked[place] > best:
            best = attacked[place]
            front.append(place)
    return np.array(front, dtype=int)


_PLACES = {
    "middle right": (0.5, 0), "middle left": (-0.5, 0), "top center": (0, 1), "bottom center": (0, -1),
    "top right": (0.5, 1), "bottom right": (0.5, -1), "top left": (-0.5, 1), "bottom left": (-0.5, -1),
}  # fmt: skip
"""Of labels beside their points: where a label's middle then is, in widths and heights of a label."""


def _places(points: np.ndarray, labels: Sequence[str], front: np.ndarray) -> list[str]:
    """Where each label has most room: away from points, the front, labels before it and the edges.

    Args:
        points: ``(n, 2)``, in the extent of the plot.
        labels: their texts; a letter takes about 1/120 of the plot's width, a line 1/18 of its height.
        front: indices of the points that a line joins.
    """
    boxes = [(*point, 0.01, 0.02) for point in points]
    for start, end in pairwise(points[front]):
        boxes += [(*(start + share * (end - start)), 0.004, 0.008) for share in np.linspace(0, 1, 30)]
    found = []
    for (x, y), label in zip(points, labels, strict=True):
        wide = len(label) / 120
        costs = {}
        for name, (right, up) in _PLACES.items():
            box = (x + right * (wide + 0.03), y + up * 0.06, wide / 2, 0.028)
            inside = box[2] <= box[0] <= 1 - box[2] and 0 <= box[1] <= 1
            shared = (
                max(0.0, box[2] + w - abs(box[0] - a)) * max(0.0, box[3] + h - abs(box[1] - b))
                for a, b, w, h in boxes
            )
            costs[name] = sum(shared) + 0.01 * (not inside), box
        best = min(costs, key=lambda name: costs[name][0])
        boxes.append(costs[best][1])
        found.append(best)
    return found


def plane(problem: Problem, summary: pd.DataFrame, metric: str, eps: float) -> go.Figure:
    """The robustness-accuracy plane: quality clean against quality attacked, with its Pareto front.

    Args:
        problem: whose rows.
        summary: each estimator with one smoothing noise, clean and at ``eps``.
        metric: ``psnr``, ``ssim`` or ``mse``.
        eps: attack strength of the vertical axis.
    """
    clean = summary[summary["eps"] == 0].set_index("estimator")[metric].rename("clean")
    both = summary[summary["eps"] == eps].join(clean, on="estimator").dropna(subset="clean")
    sign = -1 if metric == "mse" else 1
    styles = looks(problem, both)
    once = both.set_index("estimator").loc[[*styles]]
    values = once[["clean", metric]].to_numpy(dtype=float)
    order = pareto(*(sign * values.T))
    front = once.iloc[order]
    figure = go.Figure()
    figure.add_scatter(
        x=front["clean"], y=front[metric], mode="lines", name="Pareto front", hoverinfo="skip",
        showlegend=False, line={"color": "#009E73", "width": 2, "dash": "dot"},
    )  # fmt: skip
    names = {estimator: style.name.rpartition(", ")[2] for estimator, style in styles.items()}
    low, extent = values.min(0), np.ptp(values, axis=0)
    spread = (values - low) / np.where(extent > 0, 1.1 * extent, 1) + 0.05
    places = _places(spread, [*names.values()], order)
    for (estimator, style), place in zip(styles.items(), places, strict=True):
        row = once.loc[[estimator]].reset_index()
        figure.add_scatter(
            x=row["clean"], y=row[metric], mode="markers+text", text=[names[estimator]], textposition=place,
            marker={"symbol": style.marker, "size": 13, "color": style.colour},
            customdata=row[POINT], name=style.name, showlegend=False,
            hovertemplate=f"<b>{style.name}</b><br>clean %{{x:.4g}}<br>attacked %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    title, at = TITLES[metric], f"{symbol(problem.eps)} {eps:g}"
    return _layout(
        figure, f"{title}, clean", f"{title} at {at} ({problem.space.grey_levels(eps):.1f} grey levels)"
    )


def smoothing_noise(problem: Problem, summary: pd.DataFrame, metric: str) -> go.Figure:
    """Quality of one network over the smoothing noise, one line per attack strength, optimum marked
    (``patsatzi2023``, Figures A.3 to A.8).

    Args:
        problem: whose rows.
        summary: rows of one network.
        metric: ``psnr``, ``ssim`` or ``mse``.
    """
    figure, hover, strength = go.Figure(), _hover(problem, metric), symbol(problem.eps)
    for number, (eps, rows) in enumerate(summary.groupby("eps")):
        rows = rows.sort_values("sigma", ignore_index=True)
        place = rows[metric].argmin() if metric == "mse" else rows[metric].argmax()
        colour, best = SHADES[number % len(SHADES)], rows.loc[[place]]
        figure.add_scatter(
            x=rows["sigma"], y=rows[metric], mode="lines+markers", line={"color": colour, "width": 2},
            marker={"size": 6, "symbol": MARKERS[number % len(MARKERS)]}, customdata=rows[POINT],
            hovertemplate=hover, name=f"{strength} {eps:g}", legendgroup=str(eps),
        )  # fmt: skip
        figure.add_scatter(
            x=best["sigma"], y=best[metric], mode="markers", customdata=best[POINT],
            marker={"size": 15, "symbol": "star", "color": colour, "line": {"width": 1, "color": "#555"}},
            hovertemplate=hover, name=f"best at {strength} {eps:g}", legendgroup=str(eps),
            showlegend=False,
        )  # fmt: skip
    return _layout(figure, _noise(problem), TITLES[metric])


def _hatch(figure: go.Figure, x: float, y: float) -> None:
    """Three lines across a cell around a point."""
    for shift in (-0.5, 0.0, 0.5):
        low, high = max(-0.5, shift - 0.5), min(0.5, shift + 0.5)
        figure.add_shape(
            type="line", x0=x + low, x1=x + high, y0=y + low - shift, y1=y + high - shift,
            line={"color": "#999999", "width": 1},
        )  # fmt: skip


def heat_map(
    problem: Problem,
    summary: pd.DataFrame,
    metric: str,
    down: str,
    title: str,
    whole: tuple[Collection[float], Collection[float]] = ((), ()),
) -> go.Figure:
    """Quality over another level and attack strength, the best level of each attack strength framed.

    Args:
        problem: whose rows.
        summary: one row for each cell.
        metric: ``psnr``, ``ssim`` or ``mse``.
        down: the column of the vertical axis, ``level`` or ``sigma``.
        title: of that axis.
        whole: levels and attack strengths that belong to the map; what was not evaluated is hatched.
    """
    grid = summary.pivot(index=down, columns="eps", values=metric)
    levels, epses = (
        sorted({*found, *all_}) for found, all_ in zip((grid.index, grid.columns), whole, strict=True)
    )
    grid = grid.reindex(index=levels, columns=epses)
    x, y = ([f"{level:g}" for level in levels] for levels in (grid.columns, grid.index))
    chosen = "" if down == "sigma" else f" ({symbol(problem.sigma)} {{sigma:g}})"
    told = [f"{row[metric]:{_form(metric)}}{chosen.format(**row)}" for row in summary.to_dict("records")]
    texts = summary.assign(told=told).pivot(index=down, columns="eps", values="told")
    figure = go.Figure(
        go.Heatmap(
            z=grid.to_numpy(), x=x, y=y, colorscale="Cividis", reversescale=metric == "mse",
            text=texts.reindex(index=levels, columns=epses).fillna("").to_numpy(), texttemplate="%{text}",
            hoverinfo="skip",
            colorbar={"title": TITLES[metric]},
        )
    )  # fmt: skip
    values = grid.to_numpy() if metric != "mse" else -grid.to_numpy()
    for column in np.flatnonzero(np.isfinite(values).any(axis=0)):
        row = np.nanargmax(values[:, column])
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
            line={"color": "#D55E00", "width": 3},
        )  # fmt: skip
    for row, column in np.argwhere(np.isnan(values)):
        _hatch(figure, float(column), float(row))
    # A heat map cannot be clicked; invisible markers over its cells can, each from anywhere in its cell.
    figure.add_scatter(
        x=summary["eps"].map("{:g}".format), y=summary[down].map("{:g}".format), customdata=summary[POINT],
        text=summary[metric], mode="markers", marker={"size": 26, "color": "rgba(0,0,0,0)"}, showlegend=False,
        hovertemplate=f"{title.split()[-1]} %{{y}}, {symbol(problem.eps)} %{{x}}, {symbol(problem.sigma)} "
        f"%{{customdata[2]:~g}}<br>{TITLES[metric]} %{{text:{_form(metric)}}}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(type="category", categoryarray=x, tickvals=x, ticktext=_strengths(problem, epses))
    figure.update_layout(hoverdistance=-1, yaxis_type="category")
    return _layout(figure, f"{_strength_title(problem)}; one column each", title)

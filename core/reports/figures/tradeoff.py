"""Figures of the robustness-accuracy trade-off (thesis, chapter 4 and appendix A.4).

All take the frames of :mod:`core.results.summary`. Points carry ``estimator``, ``eps_rel`` and ``sigma_g``
as ``customdata``, so that a click can open the Live lab at that setting.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.pictures.units import grey_levels
from core.reports.figures.families import MARKERS, interval_bars, look

TITLES = {"psnr": "PSNR (dB)", "ssim": "SSIM", "mse": "MSE"}
POINT = ["estimator", "eps_rel", "sigma_g"]
HEIGHT = 415


def _place(eps_rels: pd.Series) -> list[str]:
    """Attack strengths as categories: evenly spaced, zero included."""
    return [f"{eps_rel:g}" for eps_rel in eps_rels]


def _hover(metric: str) -> str:
    figure = ".2f" if metric == "psnr" else ".4f"
    return (
        f"<b>%{{fullData.name}}</b><br>ε_rel %{{customdata[1]:~g}}, σ_g %{{customdata[2]:~g}}<br>"
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


def _axis_title(eps_rels: list[float]) -> str:
    greys = ", ".join(f"{grey_levels(eps_rel):.1f}" for eps_rel in eps_rels)
    return f"attack strength ε_rel  (grey levels RMS: {greys})"


def curves(summary: pd.DataFrame, published: pd.DataFrame, metric: str) -> go.Figure:
    """A figure of quality over attack strength, one line per estimator.

    Args:
        summary: rows of :func:`core.results.summary.deployed`.
        published: rows of :func:`core.results.published` to overlay, dashed; may be empty.
        metric: ``psnr``, ``ssim`` or ``mse``.
    """
    figure = go.Figure()
    for (objective, level, estimator), rows in summary.groupby(["objective", "level", "estimator"]):
        style, rows = look(objective, level, estimator), rows.sort_values("eps_rel")
        figure.add_scatter(
            x=_place(rows["eps_rel"]),
            y=rows[metric],
            error_y=interval_bars(rows, metric),
            mode="lines" if objective == "interpolation" else "lines+markers",
            line={"color": style.colour, "dash": style.dash, "width": 2},
            marker={"symbol": style.marker, "size": 9},
            customdata=rows[POINT],
            hovertemplate=_hover(metric),
            name=style.name,
        )
    for (objective, level), rows in published.groupby(["objective", "level"]):
        style, rows = look(objective, level), rows.sort_values("eps_rel")
        figure.add_scatter(
            x=_place(rows["eps_rel"]),
            y=rows[metric],
            mode="lines+markers",
            line={"color": style.colour, "dash": "dash", "width": 1.5},
            marker={"symbol": f"{style.marker}-open", "size": 7},
            opacity=0.75,
            hovertemplate=f"<b>{style.name}, as published</b><br>ε_rel %{{x}}<br>%{{y}}<extra></extra>",
            name=f"{style.name} (published)",
        )
    eps_rels = sorted({*summary["eps_rel"], *published["eps_rel"]})
    figure.update_xaxes(type="category", categoryarray=_place(pd.Series(eps_rels)))
    return _layout(figure, _axis_title(eps_rels), TITLES[metric])


def pareto(clean: np.ndarray, attacked: np.ndarray) -> np.ndarray:
    """Indices of the points that no other point beats in both, by descending ``clean``."""
    order = np.lexsort((-attacked, -clean))
    best, front = -np.inf, []
    for place in order:
        if attacked[place] > best:
            best = attacked[place]
            front.append(place)
    return np.array(front, dtype=int)


def plane(summary: pd.DataFrame, metric: str, eps_rel: float) -> go.Figure:
    """The robustness-accuracy plane: quality clean against quality attacked, with its Pareto front.

    Args:
        summary: rows of :func:`core.results.summary.deployed`, clean and at ``eps_rel``.
        metric: ``psnr``, ``ssim`` or ``mse``.
        eps_rel: attack strength of the vertical axis.
    """
    names = ["objective", "level", "estimator"]
    clean = summary[summary["eps_rel"] == 0].set_index(names)
    attacked = summary[summary["eps_rel"] == eps_rel].set_index(names)
    both = attacked.assign(clean=clean[metric]).dropna(subset="clean").reset_index()
    x, y = both["clean"].to_numpy(), both[metric].to_numpy()
    sign = -1 if metric == "mse" else 1
    front = pareto(sign * x, sign * y)
    figure = go.Figure()
    figure.add_scatter(
        x=x[front], y=y[front], mode="lines", line={"color": "#009E73", "width": 2, "dash": "dot"},
        name="Pareto front", hoverinfo="skip",
    )  # fmt: skip
    for place, row in enumerate(both.itertuples()):
        style = look(row.objective, row.level, row.estimator)
        marker = "hexagram" if row.objective == "interpolation" else style.marker
        figure.add_scatter(
            x=[x[place]],
            y=[y[place]],
            mode="markers",
            marker={"symbol": marker, "size": 13, "color": style.colour},
            customdata=[[row.estimator, row.eps_rel, row.sigma_g]],
            hovertemplate=f"<b>{style.name}</b><br>clean %{{x:.4g}}<br>attacked %{{y:.4g}}<extra></extra>",
            name=style.name,
        )
    title = TITLES[metric]
    return _layout(
        figure, f"{title}, clean", f"{title} at ε_rel {eps_rel:g} ({grey_levels(eps_rel):.1f} grey levels)"
    )


def smoothing_noise(summary: pd.DataFrame, metric: str) -> go.Figure:
    """Quality of one smoothing network over sigma_g, one line per attack strength, optimum marked
    (thesis, Figures A.3 to A.8).

    Args:
        summary: validation rows of :func:`core.results.evaluations.load` for one network.
        metric: ``psnr``, ``ssim`` or ``mse``.
    """
    figure = go.Figure()
    shades = ("#F0E442", "#E69F00", "#D55E00", "#CC79A7", "#0072B2", "#56B4E9", "#009E73")
    for number, (eps_rel, rows) in enumerate(summary.groupby("eps_rel")):
        rows = rows.sort_values("sigma_g")
        place = rows[metric].to_numpy().argmin() if metric == "mse" else rows[metric].to_numpy().argmax()
        colour, best = shades[number % len(shades)], rows.iloc[place]
        figure.add_scatter(
            x=rows["sigma_g"], y=rows[metric], mode="lines+markers", line={"color": colour, "width": 2},
            marker={"size": 6, "symbol": MARKERS[number % len(MARKERS)]}, customdata=rows[POINT],
            hovertemplate=_hover(metric), name=f"ε_rel {eps_rel:g}", legendgroup=str(eps_rel),
        )  # fmt: skip
        figure.add_scatter(
            x=[best["sigma_g"]], y=[best[metric]], mode="markers", customdata=[best[POINT].tolist()],
            marker={"size": 15, "symbol": "star", "color": colour, "line": {"width": 1, "color": "#555"}},
            hovertemplate=_hover(metric), name=f"best at ε_rel {eps_rel:g}", legendgroup=str(eps_rel),
            showlegend=False,
        )  # fmt: skip
    return _layout(figure, "smoothing noise σ_g", TITLES[metric])


def heat_map(summary: pd.DataFrame, metric: str) -> go.Figure:
    """Quality of the smoothed networks over training noise and attack strength, the best sigma_f of
    each attack strength framed.

    Args:
        summary: rows of :func:`core.results.summary.deployed`; others than smoothing are passed over.
        metric: ``psnr``, ``ssim`` or ``mse``.
    """
    rows = summary[summary["objective"] == "smoothing"]
    grid = rows.pivot(index="level", columns="eps_rel", values=metric)
    figures = ".2f" if metric == "psnr" else (".3f" if metric == "ssim" else ".4f")
    figure = go.Figure(
        go.Heatmap(
            z=grid.to_numpy(),
            x=_place(grid.columns.to_series()),
            y=[f"{level:g}" for level in grid.index],
            colorscale="Cividis",
            reversescale=metric == "mse",
            texttemplate=f"%{{z:{figures}}}",
            hoverinfo="skip",
            colorbar={"title": TITLES[metric]},
        )
    )
    values = grid.to_numpy() if metric != "mse" else -grid.to_numpy()
    for column, row in enumerate(np.nanargmax(values, axis=0)):
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
            line={"color": "#D55E00", "width": 3},
        )  # fmt: skip
    # A heat map cannot be clicked; invisible markers over its cells can, each from anywhere in its cell.
    figure.add_scatter(
        x=_place(rows["eps_rel"]), y=[f"{level:g}" for level in rows["level"]], customdata=rows[POINT],
        text=rows[metric], mode="markers", marker={"size": 26, "color": "rgba(0,0,0,0)"}, showlegend=False,
        hovertemplate="σ_f %{y}, ε_rel %{x}, σ_g %{customdata[2]:~g}<br>"
        f"{TITLES[metric]} %{{text:{figures}}}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    figure.update_layout(hoverdistance=-1)
    return _layout(figure, _axis_title(list(grid.columns)), "training noise σ_f")

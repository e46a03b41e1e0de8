"""Figures of what can be guaranteed, with what attacks reach, on one axis of attack strength.

Bounds of mean squared errors and of RMS displacements are all drawn as RMS grey levels of 255.
An infinite bound is none and is not drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.certificates.confidence import largest_ratio
from core.certificates.registry import BOUNDS, DISPLACEMENT, ERROR, Bound
from core.evaluation.studies.attempts import SMOOTHED
from core.pictures.units import GREY, PHOTO_STD, grey_levels, radius
from core.reports.figures.families import MEASURED
from core.reports.figures.tradeoff import HEIGHT

SHOWN = {
    family: tuple(name for name, bound in BOUNDS.items() if bound.family == family)
    for family in (ERROR, DISPLACEMENT)
}
"""Certificates by what they bound: the error to the truth, or the change of the output."""

COUNTS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
GREY_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
CERTIFIED, EMPIRICAL = "rgba(0,158,115,0.13)", "rgba(213,94,0,0.09)"


def in_grey_levels(values: pd.Series, units: pd.Series) -> pd.Series:
    """``mse`` or ``rms`` values of pictures in [0, 1] as RMS grey levels; infinite ones as nan."""
    rms = values.where(units != "mse", np.sqrt(values))
    return (255.0 * rms).where(np.isfinite(rms))


def medians(rows: pd.DataFrame) -> pd.DataFrame:
    """Medians over photos of each certificate at each radius, in RMS grey levels.

    Args:
        rows: of the table ``certificates``, of one defence.

    Returns:
        One row per certificate and radius: ``eps_rel``, ``bound`` (nan where most photos have none),
        ``clean``, ``measured`` (nan where nothing was tried), ``is_certificate``.
    """
    keys = ["certificate", "is_certificate", "unit", "eps_rel", "ratio"]
    table = rows.groupby(keys, as_index=False)[["bound", "clean", "measured"]].median()
    grey = {name: in_grey_levels(table[name], table["unit"]) for name in ("bound", "clean", "measured")}
    return table.assign(**grey)


def strongest(rows: pd.DataFrame) -> pd.DataFrame:
    """The strongest attack of the table ``attacks`` on each photo without the box, on ĝ with fresh
    noise: median over photos, ``eps_rel`` and ``measured`` (RMS grey levels), without the clean rows."""
    if rows.empty:
        return pd.DataFrame({"eps_rel": [], "measured": []})
    tested = rows[(rows["tested_on"] == SMOOTHED) & (rows["noise_set"] == "report") & ~rows["box"]]
    chosen = tested[tested["chosen"] & (tested["eps_rel"] > 0)]
    each = chosen.groupby(["eps_rel", "image_digest"])["mse"].mean()
    table = each.groupby("eps_rel").median()
    return pd.DataFrame({"eps_rel": table.index, "measured": 255.0 * np.sqrt(table.to_numpy())})


MIDDLE_GREY = 127.5
"""What the RMS error of a grey picture cannot exceed, in grey levels: a bound above it says nothing."""


def trivial(eps_rel: pd.Series, interpolation: float = np.inf) -> pd.Series:
    r"""What is guaranteed without any certificate, in RMS grey levels: a grey picture's error, or that of
    bilinear interpolation, which is the measurement: :math:`\|y + e - x\| \le \|y - x\| + \|e\|`.

    Args:
        eps_rel: attack strengths.
        interpolation: clean RMS error of bilinear interpolation in grey levels; not known: infinite.
    """
    moved = GREY * max(PHOTO_STD) * eps_rel
    return (interpolation + moved).clip(upper=MIDDLE_GREY)


def certified_to(table: pd.DataFrame, what: str, interpolation: float = np.inf) -> tuple[float, float]:
    """How far certificates of this kind reach.

    Args:
        table: of :func:`medians`.
        what: ``error`` or ``displacement``.
        interpolation: see :func:`trivial`; errors alone are held against it.

    Returns:
        The largest ``eps_rel`` at which one is useful, that is below what is trivially so, and the largest
        at which one is finite; 0 if none is.
    """
    kept = table[table["certificate"].isin(SHOWN[what]) & table["is_certificate"] & table["bound"].notna()]
    against = trivial(kept["eps_rel"], interpolation if what == ERROR else np.inf)
    useful = kept.loc[kept["bound"] < against, "eps_rel"]
    ends = [float(held.max()) if len(held) else 0.0 for held in (useful, kept["eps_rel"])]
    return ends[0], ends[1]


def decibels(grey: float) -> float:
    """The PSNR of an RMS error in grey levels."""
    return float(20 * np.log10(GREY / grey))


def axis(
    table: pd.DataFrame,
    attacks: pd.DataFrame,
    what: str,
    *,
    mixed: bool = False,
    interpolation: float = np.inf,
) -> go.Figure:
    """Bounds and measured errors over attack strength, both logarithmic.

    Args:
        table: of :func:`medians`.
        attacks: of :func:`strongest`; shown with errors only, as they have no displacement.
        what: ``error`` or ``displacement``.
        mixed: whether the published number, which is no bound, is drawn too.
        interpolation: see :func:`trivial`.
    """
    figure = go.Figure()
    attacks = attacks if what == ERROR else attacks.iloc[:0]
    names = [name for name in SHOWN[what] if mixed or name != "as_published"]
    shown = table[table["certificate"].isin(names)]
    for name in names:
        rows = shown[shown["certificate"] == name].sort_values("eps_rel")
        _draw(figure, BOUNDS[name], rows)
    if len(attacks):
        rows = attacks.sort_values("eps_rel")
        figure.add_scatter(
            x=rows["eps_rel"], y=rows["measured"], mode="lines+markers", name=MEASURED.name,
            line={"color": MEASURED.colour, "width": 2}, marker={"symbol": MEASURED.marker, "size": 11},
            hovertemplate=_hover(MEASURED.name),
        )  # fmt: skip
    attacked = pd.concat([shown.loc[shown["measured"].notna(), "eps_rel"], attacks["eps_rel"]])
    low, high = float(shown["eps_rel"].min()), float(max(shown["eps_rel"].max(), attacked.max()))
    if what == ERROR and np.isfinite(interpolation):
        _draw_trivial(figure, low, high, interpolation)
    _ranges(figure, low, *certified_to(table, what, interpolation), high)
    figure = _logarithmic(figure, low / 1.15, high * 1.15)
    drawn = pd.concat([shown["bound"], shown["measured"], attacks["measured"]])
    if what == ERROR:
        ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 255)
        figure.update_yaxes(ticktext=[f"{grey:g} = {decibels(grey):.0f} dB" for grey in ticks])
    # Room for the words at the top.
    figure.update_yaxes(autorangeoptions={"include": [2.2 * drawn[np.isfinite(drawn)].max()]})
    # Beside the falsification there is no room at the right.
    return figure.update_layout(legend={"orientation": "h", "y": -0.22, "x": 0}) if mixed else figure


def _draw(figure: go.Figure, bound: Bound, rows: pd.DataFrame) -> None:
    """A bound as a line, and below it, open and dotted, the same thing measured under attack."""
    none = "" if rows["bound"].notna().any() else ": none"
    title, (colour, marker, dash) = bound.title, bound.look
    figure.add_scatter(
        x=rows["eps_rel"], y=rows["bound"], mode="lines+markers", name=title + none,
        legendgroup=title, line={"color": colour, "dash": dash, "width": 2.5},
        marker={"symbol": marker, "size": 9}, hovertemplate=_hover(title),
    )  # fmt: skip
    tried = rows[rows["measured"].notna()]
    if len(tried):
        words = f"{title}: measured under attack"
        figure.add_scatter(
            x=tried["eps_rel"], y=tried["measured"], mode="lines+markers", showlegend=False,
            legendgroup=title, line={"color": colour, "dash": "dot", "width": 1.2},
            marker={"symbol": f"{marker}-open", "size": 8}, hovertemplate=_hover(words), name=words,
        )  # fmt: skip


def _draw_trivial(figure: go.Figure, low: float, high: float, interpolation: float) -> None:
    """What interpolation guarantees without a certificate, as a dashed line."""
    levels = pd.Series(np.geomspace(low / 1.15, high * 1.15, 60))
    figure.add_scatter(
        x=levels, y=trivial(levels, interpolation), mode="lines", name="interpolation, without a certificate",
        line={"color": "#8A8F98", "dash": "dash", "width": 2},
        hovertemplate=_hover("interpolation, without a certificate"),
    )  # fmt: skip


def _ranges(figure: go.Figure, low: float, useful: float, reach: float, high: float) -> None:
    """Shade where certificates say more than is trivial, and where there is none."""
    start = low / 1.15
    for left, right, colour, words in (
        (start, useful, CERTIFIED, "useful"),
        (max(useful, start), reach, "rgba(0,0,0,0)", "vacuous"),
        (max(reach, start), high * 1.15, EMPIRICAL, "no certificate, only attacks"),
    ):
        if right > left:
            figure.add_vrect(
                x0=left, x1=right, fillcolor=colour, line_width=0, layer="below",
            )  # fmt: skip
            # An annotation's place on a logarithmic axis is a logarithm, a shape's is not.
            figure.add_annotation(
                x=float(np.log10(left)), y=1, yref="paper", text=words, showarrow=False, xanchor="left",
                yanchor="top", xshift=6, yshift=-4, font={"size": 13}, opacity=0.8,
            )  # fmt: skip


def _logarithmic(figure: go.Figure, low: float, high: float) -> go.Figure:
    limits = [float(np.log10(low)), float(np.log10(high))]
    one = grey_levels(1.0)
    ticks = [grey for grey in GREY_TICKS if low <= grey / one <= high]
    # A second axis is only drawn if something lies on it.
    figure.add_scatter(x=[None], y=[None], xaxis="x2", showlegend=False, hoverinfo="skip")
    return _layout(
        figure,
        xaxis={
            "type": "log", "range": limits, "dtick": "D2" if limits[1] - limits[0] < 2 else 1,
            "title": "attack strength ε_rel", "tickformat": "~g", "exponentformat": "none",
        },
        xaxis2={
            "type": "log", "range": limits, "overlaying": "x", "side": "top", "showgrid": False,
            "tickvals": [grey / one for grey in ticks], "ticktext": [f"{grey:g}" for grey in ticks],
            "ticks": "outside", "title": {"text": "grey levels of 255, RMS", "standoff": 6},
        },
        yaxis={
            "type": "log", "title": "RMS grey levels of 255",
            "tickvals": [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 255],
            "tickformat": "~g",
        },
    )  # fmt: skip


def falsification(table: pd.DataFrame) -> go.Figure:
    """What attacks inside the ball reach over the published number, for both readings of c.

    Args:
        table: of :func:`core.evaluation.studies.reading.falsification_summary`.
    """
    figure = go.Figure()
    for reading, colour, marker, words in (
        ("fixed", "#D55E00", "star", "c fixed: the clean output"),
        ("moving", "#2F6FDE", "circle", "c moving with the attack"),
    ):
        rows = table[table["reading"] == reading].sort_values("eps_rel")
        figure.add_scatter(
            x=rows["eps_rel"], y=rows["factor"], mode="lines+markers", name=words,
            line={"color": colour, "width": 2}, marker={"symbol": marker, "size": 10},
            customdata=rows[["refuted", "images", "claimed", "median"]],
            hovertemplate=f"<b>{words}</b><br>ε_rel %{{x:.3g}}: %{{y:.4f}} times the number<br>"
            "refuted on %{customdata[0]} of %{customdata[1]} photos<extra></extra>",
        )  # fmt: skip
    figure.add_hline(
        y=1, line={"color": "#8A8F98", "dash": "dash"}, annotation_text="the published number",
        annotation_position="bottom right",
    )  # fmt: skip
    return _layout(
        figure, height=300,
        xaxis={"type": "log", "title": "attack strength ε_rel", "tickformat": "~g", "dtick": 1},
        yaxis={"title": "measured median / published"},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip


def reach(sigma: float, dimension: int, alphas: Sequence[float], marked: tuple[int, float]) -> go.Figure:
    r"""How far S draws can certify a median at all: :math:`\varepsilon = \sigma\,\Phi^{-1}(\alpha^{1/S})`.

    Args:
        sigma: smoothing noise, standardised.
        dimension: d of the measurement.
        alphas: error probabilities, one line each.
        marked: (S, α) of the point that is marked.
    """
    figure = go.Figure()
    counts = np.unique(np.geomspace(10, 1e6, 80).astype(int))
    scale = sigma / radius(1.0, dimension)
    shades = ("#8FD0F5", "#56B4E9", "#1F8AC6", "#2F6FDE")
    for alpha, shade in zip(alphas, shades, strict=False):
        ratios = np.array([largest_ratio(int(count), alpha) for count in counts])
        held = ratios > 0
        figure.add_scatter(
            x=counts[held], y=ratios[held] * scale, mode="lines", name=f"α = {_plain(alpha)}",
            line={"color": shade, "width": 2.5}, customdata=grey_levels(1.0) * ratios[held] * scale,
            hovertemplate=f"α = {alpha:g}, S = %{{x}}<br>ε_rel ≤ %{{y:.3g}} "
            "(%{customdata:.3g} grey levels)<extra></extra>",
        )  # fmt: skip
    samples, alpha = marked
    furthest = largest_ratio(samples, alpha) * scale
    if furthest > 0:
        figure.add_scatter(
            x=[samples], y=[furthest], mode="markers+text", name=f"S = {samples:,}",
            marker={"symbol": MEASURED.marker, "size": 15, "color": MEASURED.colour},
            text=[f"{grey_levels(furthest):.3g} grey levels"], textposition="bottom right", hoverinfo="skip",
        )  # fmt: skip
    return _layout(
        figure,
        xaxis={
            "type": "log", "title": "samples S", "tickvals": COUNTS, "ticktext": [f"{c:,}" for c in COUNTS],
        },
        yaxis={
            "type": "log", "title": "largest certified ε_rel", "tickformat": "~g", "dtick": "D2",
            "range": [float(np.log10(0.3 * scale)), float(np.log10(6 * scale))],
        },
    )  # fmt: skip


def _plain(alpha: float) -> str:
    return f"{alpha:f}".rstrip("0")


def _hover(name: str) -> str:
    return f"<b>{name.strip()}</b><br>ε_rel %{{x:.3g}}<br>%{{y:.2f}} grey levels<extra></extra>"


def _layout(figure: go.Figure, height: int = HEIGHT, **changes: Any) -> go.Figure:
    return figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest", dragmode=False,
        **changes,
    )  # fmt: skip

"""Publication figures: quality over attack strength, and strips of pictures with their captions.

Drawn with matplotlib, on white, with the colours of :mod:`core.reports.figures.families`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.base.errors import UserError
from core.reports.figures.families import look
from core.reports.figures.tradeoff import TITLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "svg", "png")
MARKERS = {"circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v",
           "cross": "P", "star": "*", "x": "X"}  # fmt: skip
DASHES = {"solid": "-", "dot": ":", "dash": "--"}
INCH = 1.6
"""Width of one picture of a strip in inches."""


@dataclass(frozen=True)
class Picture:
    """uint8 ``(h, w, 3)`` pixels with a title and a line of figures."""

    pixels: np.ndarray
    title: str
    figures: str = ""


def curves(summary: pd.DataFrame, metric: str, form: str) -> bytes:
    """Quality over attack strength with 95 % intervals, as a file.

    Args:
        summary: rows of :func:`core.results.summary.deployed`.
        metric: ``psnr``, ``ssim`` or ``mse``.
        form: ``pdf``, ``svg`` or ``png``.

    Raises:
        UserError: for another format.
    """
    figure, axes = _figure(5.2, 3.4)
    eps_rels = sorted(summary["eps_rel"].unique())
    for (objective, level, estimator), rows in summary.groupby(["objective", "level", "estimator"]):
        style, rows = look(objective, level, estimator), rows.sort_values("eps_rel")
        axes.errorbar(
            [eps_rels.index(eps_rel) for eps_rel in rows["eps_rel"]],
            rows[metric],
            yerr=(rows[metric] - rows[f"{metric}_low"], rows[f"{metric}_high"] - rows[metric]),
            color=style.colour,
            marker=MARKERS.get(style.marker),
            linestyle=DASHES[style.dash],
            markersize=5,
            linewidth=1.3,
            capsize=2,
            label=style.name,
        )
    axes.set_xticks(range(len(eps_rels)), [f"{eps_rel:g}" for eps_rel in eps_rels])
    axes.set_xlabel("attack strength ε_rel")
    axes.set_ylabel(TITLES[metric])
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=7, frameon=False, bbox_to_anchor=(1.01, 1), loc="upper left")
    return _file(figure, form)


def strip(pictures: Sequence[Picture], form: str, title: str = "") -> bytes:
    """Pictures side by side, each pixel a square of its own, with their captions.

    Raises:
        UserError: for another format than :data:`FORMATS`, or without pictures.
    """
    if not pictures:
        raise UserError("There is no picture to export: show at least one panel.")
    figure, _ = _figure(INCH * len(pictures), INCH + 0.75, axes=False)
    for place, picture in enumerate(pictures):
        axes = figure.add_subplot(1, len(pictures), place + 1)
        axes.imshow(picture.pixels, interpolation="none")
        axes.set_axis_off()
        axes.set_title(picture.title, fontsize=7)
        axes.text(0.5, -0.06, picture.figures, transform=axes.transAxes, ha="center", va="top", fontsize=7)
    if title:
        figure.suptitle(title, fontsize=9)
    return _file(figure, form)


def _figure(width: float, height: float, *, axes: bool = True) -> tuple[Figure, Any]:
    # Not pyplot: its figures stay in memory until they are closed, and it is not safe between threads.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot() if axes else None


def _file(figure: Figure, form: str) -> bytes:
    if form not in FORMATS:
        raise UserError(f"There is no format “{form}”: choose one of {', '.join(FORMATS)}.")
    from matplotlib import rc_context

    buffer = io.BytesIO()
    # Without dates, and with names from a fixed salt, the same figure is the same file.
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "robustness-lab", "pdf.fonttype": 42}):
        figure.savefig(buffer, format=form, dpi=300, bbox_inches="tight", metadata=metadata)
    return buffer.getvalue()

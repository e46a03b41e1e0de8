"""Publication figures: rows of pictures with their captions, drawn with matplotlib, on white; and files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "svg", "png")
INCH = 1.6
"""Width of one picture of a strip in inches."""


@dataclass(frozen=True)
class Picture:
    """uint8 ``(h, w, 3)`` pixels with a title and a line of figures."""

    pixels: np.ndarray
    title: str
    figures: str = ""


def strip(pictures: Sequence[Picture], form: str, title: str = "") -> bytes:
    """Pictures side by side as a file: see :func:`panels` and :func:`saved`.

    Raises:
        UserError: for another format than :data:`FORMATS`, or without pictures.
    """
    if not pictures:
        raise UserError("There is no picture to export: show at least one panel.")
    return saved(panels([pictures], title), form)


def panels(rows: Sequence[Sequence[Picture]], title: str = "") -> Figure:
    """Pictures in rows of equal length, each pixel a square of its own, with their captions."""
    # Not pyplot: its figures stay in memory until they are closed, and it is not safe between threads.
    from matplotlib.figure import Figure

    wide = len(rows[0])
    figure = Figure(figsize=(INCH * wide, (INCH + 0.4) * len(rows) + 0.35), layout="constrained")
    for place, picture in enumerate(picture for row in rows for picture in row):
        axes = figure.add_subplot(len(rows), wide, place + 1)
        axes.imshow(picture.pixels, interpolation="none")
        axes.set_axis_off()
        axes.set_title(picture.title, fontsize=7)
        axes.text(0.5, -0.06, picture.figures, transform=axes.transAxes, ha="center", va="top", fontsize=7)
    if title:
        figure.suptitle(title, fontsize=9)
    return figure


def saved(figure: Figure, form: str) -> bytes:
    """A figure as a file; the same figure is the same file.

    Raises:
        UserError: for another format than :data:`FORMATS`.
    """
    if form not in FORMATS:
        raise UserError(f"There is no format “{form}”: choose one of {', '.join(FORMATS)}.")
    from matplotlib import rc_context

    buffer = io.BytesIO()
    # Without dates, and with names from a fixed salt, the same figure is the same file.
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "robustness-lab", "pdf.fonttype": 42}):
        figure.savefig(buffer, format=form, dpi=300, bbox_inches="tight", metadata=metadata)
    return buffer.getvalue()

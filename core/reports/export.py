"""Publication figures: strips of pictures with their captions, drawn with matplotlib, on white."""

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
    """Pictures side by side, each pixel a square of its own, with their captions.

    Raises:
        UserError: for another format than :data:`FORMATS`, or without pictures.
    """
    if not pictures:
        raise UserError("There is no picture to export: show at least one panel.")
    # Not pyplot: its figures stay in memory until they are closed, and it is not safe between threads.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(INCH * len(pictures), INCH + 0.75), layout="constrained")
    for place, picture in enumerate(pictures):
        axes = figure.add_subplot(1, len(pictures), place + 1)
        axes.imshow(picture.pixels, interpolation="none")
        axes.set_axis_off()
        axes.set_title(picture.title, fontsize=7)
        axes.text(0.5, -0.06, picture.figures, transform=axes.transAxes, ha="center", va="top", fontsize=7)
    if title:
        figure.suptitle(title, fontsize=9)
    return _file(figure, form)


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

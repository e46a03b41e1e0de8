"""What is taken along: rows of pictures with captions, a talk's slides as PDF, curves, films, and files.

Drawn with matplotlib, on white; films are written with Pillow.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.base.errors import UserError, existing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "svg", "png")
FILMS = ("webp", "gif")
INCH = 1.6
"""Width of one picture of a strip in inches."""
SLIDE = (13.33, 7.5)
"""Of a slide, 16:9, in inches."""
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#56606A")
"""Of curves (Okabe and Ito, and grey), the last for what costs no training."""
ENLARGED = 3
"""Screen pixels of a film for each of a picture's."""
STEP, STOP = 170, 1500
"""Milliseconds of a film's step, and of its end."""


@dataclass(frozen=True)
class Picture:
    """uint8 ``(h, w, 3)`` pixels with a title and a line of figures."""

    pixels: np.ndarray
    title: str
    figures: str = ""


@dataclass(frozen=True)
class Slide:
    """One page of a talk: pictures side by side, or one figure of any size, under words."""

    title: str
    note: str
    pictures: Sequence[Picture]
    protocol: str = ""


@dataclass(frozen=True)
class Curve:
    """A line of a chart, with its name at its end."""

    name: str
    values: Sequence[float]
    dashed: bool = False


def strip(pictures: Sequence[Picture], form: str, title: str = "", protocol: str = "") -> bytes:
    """Pictures side by side as a file: see :func:`panels` and :func:`saved`.

    Args:
        pictures: at least one.
        form: one of :data:`FORMATS`.
        title: above all.
        protocol: below all, how the pictures were made.

    Raises:
        UserError: for another format than :data:`FORMATS`, or without pictures.
    """
    if not pictures:
        raise UserError("There is no picture to export: show at least one panel.")
    figure = panels([pictures], title)
    figure.supxlabel(_wrapped(protocol, 30 * len(pictures)), fontsize=6, color="#444444")
    return saved(figure, form)


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
        axes.set_title(_wrapped(picture.title, 26), fontsize=7)
        axes.text(0.5, -0.06, picture.figures, transform=axes.transAxes, ha="center", va="top", fontsize=7)
    if title:
        figure.suptitle(title, fontsize=9)
    return figure


def slides(shown: Sequence[Slide]) -> bytes:
    """A PDF of one page for each slide.

    Raises:
        UserError: without slides.
    """
    if not shown:
        raise UserError("There is no scene to print: add one to the talk.")
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with rc_context({"pdf.fonttype": 42}), PdfPages(buffer, metadata={"CreationDate": None}) as pages:
        for slide in shown:
            pages.savefig(_slide(slide))
    return buffer.getvalue()


def _slide(slide: Slide) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=SLIDE)
    figure.text(0.04, 0.94, _wrapped(slide.title, 62), fontsize=26, weight="bold", va="top")
    figure.text(0.04, 0.85, _wrapped(slide.note, 105), fontsize=15, va="top")
    figure.text(0.04, 0.03, _wrapped(slide.protocol, 190), fontsize=8, va="bottom", color="#444444")
    count = len(slide.pictures)
    columns = min(count, 4)
    rows = -(-count // 4)
    for place, picture in enumerate(slide.pictures):
        row, column = divmod(place, 4)
        width, height = 0.92 / columns, 0.66 / rows
        box = (
            0.04 + column * width,
            0.76 - (row + 1) * height,
            width - 0.01,
            height - (0.075 if picture.title else 0),
        )
        axes = figure.add_axes((box[0], box[1] + (0.07 if picture.title else 0), box[2], box[3]))
        axes.imshow(picture.pixels, interpolation="none")
        axes.set_axis_off()
        words = picture.title, picture.figures.split(" · ")[0]
        size = 13 if rows == 1 else 9
        axes.text(
            0.5,
            -0.02,
            "\n".join(filter(None, words)),
            transform=axes.transAxes,
            ha="center",
            va="top",
            fontsize=size,
        )
    return figure


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width)


def curves(lines: Sequence[Curve], places: Sequence[float], across: str, up: str) -> bytes:
    """A chart for a stage as PNG: lines over their places, each with its name at its end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.2), layout="constrained")
    axes = figure.add_subplot()
    heights = _apart([line.values[-1] for line in lines], 0.07 * np.ptp([line.values for line in lines]))
    for line, colour, height in zip(lines, _colours(len(lines)), heights, strict=True):
        axes.plot(places, line.values, color=colour, lw=3, marker="o", ls="--" if line.dashed else "-")
        axes.annotate(
            line.name,
            (1.01, height),
            xycoords=("axes fraction", "data"),
            color=colour,
            fontsize=17,
            va="center",
        )
    axes.set_xlabel(across, fontsize=17)
    axes.set_ylabel(up, fontsize=17)
    axes.tick_params(labelsize=16)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return saved(figure, "png", dpi=140)


def _colours(count: int) -> list[str]:
    return [COLOURS[min(place, 2) if place < count - 1 else 3] for place in range(count)]


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Heights of labels that are at least so far apart, in their order."""
    placed = list(heights)
    order = sorted(range(len(placed)), key=placed.__getitem__)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + least)
    return placed


def film(steps: Sequence[Sequence[Picture]], form: str) -> bytes:
    """An animated picture: at each step pictures side by side, enlarged, with their words below.

    Raises:
        UserError: for another format than :data:`FILMS`, or with less than two steps.
    """
    existing("format of films", form, FILMS)
    if len(steps) < 2:
        raise UserError("There is no film to export: take a scene whose attack has steps.")
    frames = [_frame(pictures) for pictures in steps]
    buffer = io.BytesIO()
    how: dict[str, Any] = {"quality": 90, "method": 4} if form == "webp" else {}
    frames[0].save(
        buffer, form, save_all=True, append_images=frames[1:], loop=0,
        duration=[STEP] * (len(frames) - 1) + [STOP], **how,
    )  # fmt: skip
    return buffer.getvalue()


def _frame(pictures: Sequence[Picture]) -> Image.Image:
    from matplotlib import get_data_path

    font = ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf", 22)
    large = [np.repeat(np.repeat(each.pixels, ENLARGED, 0), ENLARGED, 1) for each in pictures]
    height = max(each.shape[0] for each in large)
    frame = Image.new(
        "RGB", (sum(each.shape[1] for each in large) + 8 * (len(large) - 1), height + 64), "white"
    )
    left = 0
    for pixels, picture in zip(large, pictures, strict=True):
        frame.paste(Image.fromarray(pixels), (left, 0))
        words = f"{picture.title}\n{picture.figures.split(' · ')[0]}"
        ImageDraw.Draw(frame).text((left + 4, height + 4), words, "#15191e", font)
        left += pixels.shape[1] + 8
    return frame


def saved(figure: Figure, form: str, dpi: int = 300) -> bytes:
    """A figure as a file; the same figure is the same file.

    Raises:
        UserError: for another format than :data:`FORMATS`.
    """
    existing("format", form, FORMATS)
    from matplotlib import rc_context

    buffer = io.BytesIO()
    # Without dates, and with names from a fixed salt, the same figure is the same file.
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "robustness-lab", "pdf.fonttype": 42}):
        figure.savefig(buffer, format=form, dpi=dpi, bbox_inches="tight", metadata=metadata)
    return buffer.getvalue()

"""From tensors to honest pictures: PNG bytes, error maps, amplified perturbations.

Fixed scales throughout, so that panels and runs can be compared by eye.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

ERROR_LIMIT = 48.0
"""Grey levels at the upper end of every error map's scale."""

SPREAD_LIMIT = 32.0
"""Grey levels at the upper end of every Monte-Carlo standard-deviation map's scale."""

WIDTH_LIMIT = 128.0
"""Grey levels at the upper end of every interval-width map's scale."""

FLIP_LIMIT = 0.5
"""Perceived difference at the upper end of every FLIP map's scale."""

AMPLIFICATIONS = (1, 2, 5, 10, 20, 50, 100, 200)


def pixels(picture: Tensor) -> np.ndarray:
    """A picture ``(1, 3, h, w)``, or a grey one ``(1, 1, h, w)``, in [0, 1] as uint8 ``(h, w, 3)``."""
    colours = picture.expand(-1, 3, -1, -1)[0]
    values: np.ndarray = colours.permute(1, 2, 0).mul(255.0).round().byte().numpy()
    return values


def png(values: np.ndarray) -> bytes:
    """Lossless PNG of uint8 ``(h, w, 3)`` pixels."""
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


Captioned: TypeAlias = tuple[str, np.ndarray]
"""Words for a picture, and its uint8 pixels ``(h, w, 3)``."""

CAPTION = 18
"""Height of the line of words below a picture of :func:`contact_sheet`, in pixels."""


def contact_sheet(rows: Sequence[Sequence[Captioned]]) -> np.ndarray:
    """Pictures in rows, pixel by pixel as they are, with their captions below: uint8 ``(h, w, 3)``."""
    wide = max(pixels.shape[1] for row in rows for _, pixels in row) + 8
    heights = [max(pixels.shape[0] for _, pixels in row) + CAPTION + 6 for row in rows]
    sheet = Image.new("RGB", (wide * max(map(len, rows)), sum(heights)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for number, row in enumerate(rows):
        top = sum(heights[:number])
        for place, (words, pixels) in enumerate(row):
            sheet.paste(Image.fromarray(pixels), (place * wide, top))
            while len(words) > 1 and font.getlength(words) > wide - 4:
                words = words[1:]  # the end tells levels and figures
            draw.text((place * wide, top + pixels.shape[0] + 2), words, "black", font)
    return np.asarray(sheet)


def from_png(content: bytes) -> np.ndarray:
    """The uint8 ``(h, w, 3)`` pixels of :func:`png`."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def error_map(picture: Tensor, truth: Tensor) -> np.ndarray:
    """Absolute error, mean over channels, in cividis from 0 to :data:`ERROR_LIMIT` grey levels."""
    return _coloured((picture - truth).abs().mean(1)[0].numpy() * 255.0 / ERROR_LIMIT)


def flip_map(difference: Tensor) -> np.ndarray:
    """Perceived difference ``(1, 1, h, w)`` in cividis from 0 to :data:`FLIP_LIMIT`."""
    return _coloured(difference[0, 0].numpy() / FLIP_LIMIT)


def spread_map(deviation: Tensor) -> np.ndarray:
    """Standard deviation, RMS over channels, in cividis from 0 to :data:`SPREAD_LIMIT`."""
    return _coloured(deviation.square().mean(1).sqrt()[0].numpy() * 255.0 / SPREAD_LIMIT)


def width_map(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Widths of intervals, mean over channels, in cividis from 0 to :data:`WIDTH_LIMIT`.

    Args:
        lower, upper: ``(3, h, w)`` in grey levels.
    """
    return _coloured((upper.astype(float) - lower).mean(0) / WIDTH_LIMIT)


def scale_bar(width: int = 160, height: int = 8) -> np.ndarray:
    """The colours of the maps from zero (left) to the limit (right)."""
    return _coloured(np.tile(np.linspace(0.0, 1.0, width), (height, 1)))


def amplification(values: Tensor) -> int:
    """The largest of :data:`AMPLIFICATIONS` that keeps three standard deviations visible.

    Args:
        values: a perturbation in [0, 1] picture units, around 0.
    """
    spread = 3.0 * values.square().mean().sqrt().item()
    fitting = [factor for factor in AMPLIFICATIONS if factor * spread <= 0.5]
    return fitting[-1] if fitting else AMPLIFICATIONS[0]


def amplified(values: Tensor, factor: int) -> np.ndarray:
    """A perturbation in [0, 1] picture units, around 0, times ``factor`` around mid-grey."""
    return pixels((0.5 + factor * values).clamp(0.0, 1.0))


def _coloured(fractions: np.ndarray) -> np.ndarray:
    index = (np.clip(fractions, 0.0, 1.0) * 255.0).round().astype(np.uint8)
    coloured: np.ndarray = _cividis()[index]
    return coloured


@lru_cache(maxsize=1)
def _cividis() -> np.ndarray:
    from matplotlib import colormaps

    return (colormaps["cividis"](np.arange(256))[:, :3] * 255.0).round().astype(np.uint8)

r"""Digits as strokes: what a person draws, as text for a link and as a 28x28 picture.

A drawing is a tuple of strokes, a stroke a tuple of points (x, y), whole numbers from 0 to 255
from the upper left corner of the pad. The picture is made as MNIST's were: the strokes fit a
20x20 box with their aspect kept, and the picture's centre of mass is the centre of its 28x28.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

Stroke = tuple[tuple[int, int], ...]
Drawing = tuple[Stroke, ...]

SIDE = 28
BOX = 20
PEN = 2.6
"""Width of the pen in pixels of the 28x28 picture, about that of MNIST's strokes."""
SOFT = 1.0
"""Width in pixels over which the pen's edge fades, as in MNIST's resampled scans."""
MOST_POINTS = 2000


def encode(drawing: Drawing) -> str:
    """Text for a link: two bytes a point in URL-safe base64, a dot between strokes; of an empty pad none."""
    strokes = (bytes(value for point in stroke for value in point) for stroke in drawing)
    return ".".join(base64.urlsafe_b64encode(stroke).decode().rstrip("=") for stroke in strokes)


def decode(text: str) -> Drawing:
    """The drawing that :func:`encode` wrote.

    Raises:
        UserError: if the text is not one, or is too long.
    """
    drawing = []
    try:
        for part in text.split(".") if text else ():
            if not part.isascii():
                raise ValueError("not base64")
            values = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            if not values or len(values) % 2:
                raise ValueError("half a point")
            drawing.append(tuple(zip(values[::2], values[1::2], strict=True)))
    except (ValueError, binascii.Error) as error:
        raise UserError("The drawing cannot be read: copy the whole link, or draw anew.") from error
    if sum(map(len, drawing)) > MOST_POINTS:
        raise UserError(f"The drawing has more than {MOST_POINTS} points: draw it with fewer strokes.")
    return tuple(drawing)


def picture(drawing: Drawing) -> Tensor:
    """The drawing as the networks see it: ``(1, 1, 28, 28)`` float32 in [0, 1].

    The strokes are scaled before they get their width, so that the pen is equally thick on a
    small drawing and on a large one.

    Raises:
        UserError: if there is nothing drawn.
    """
    import torch

    if not drawing:
        raise UserError("Nothing is drawn yet: draw a digit.")
    points = np.concatenate([np.asarray(stroke, dtype=np.float64) for stroke in drawing])
    low, high = points.min(0), points.max(0)
    scale = (BOX - PEN) / max(float((high - low).max()), 1.0)
    offset = SIDE / 2 - scale * (low + high) / 2
    ink = _ink([scale * np.asarray(stroke, dtype=np.float64) + offset for stroke in drawing])
    # Moving the strokes, not the pixels, keeps the pen's edge as soft as it was. A shape whose mass
    # lies far from the middle of its box moves only as far as the picture has room.
    room = (SIDE - PEN - scale * (high - low)) / 2
    shift = (SIDE / 2 - _centre_of_mass(ink)).clip(-room, room)
    ink = _ink([scale * np.asarray(stroke, dtype=np.float64) + offset + shift for stroke in drawing])
    return torch.from_numpy(ink.astype(np.float32)).view(1, 1, SIDE, SIDE)


def _ink(strokes: list[np.ndarray]) -> np.ndarray:
    """How dark each pixel is, by its centre's distance to the nearest stroke: ``(28, 28)``."""
    grid = np.arange(SIDE) + 0.5
    pixels = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 1, 2)
    nearest = np.full(SIDE * SIDE, np.inf)
    for stroke in strokes:
        starts, ends = (stroke[:-1], stroke[1:]) if len(stroke) > 1 else (stroke, stroke)
        along = ends - starts
        length = np.maximum((along**2).sum(1), 1e-12)
        place = np.clip(((pixels - starts) * along).sum(2) / length, 0, 1)
        distance = np.linalg.norm(pixels - starts - place[..., None] * along, axis=2)
        nearest = np.minimum(nearest, distance.min(1))
    return np.clip((PEN / 2 - nearest) / SOFT + 0.5, 0, 1).reshape(SIDE, SIDE)


def _centre_of_mass(ink: np.ndarray) -> np.ndarray:
    grid = np.arange(SIDE) + 0.5
    return np.array([(ink.sum(axis) * grid).sum() for axis in (0, 1)]) / max(float(ink.sum()), 1e-12)

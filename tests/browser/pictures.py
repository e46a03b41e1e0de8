"""What the viewer shows, as arrays: its PNGs, and the pixels of its canvases and of the screen."""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

SETTLE = 450  # milliseconds: a gesture settles after 140, and is told to Python 300 later


def ask(page: Page, expression: str) -> Any:
    """A JavaScript expression of ``viewer``."""
    return page.locator(".viewer").evaluate(f"root => {{ const viewer = root.viewer; return {expression}; }}")


def pngs(page: Page) -> dict[str, str]:
    """Every panel's PNG as base64, by key."""
    found: dict[str, str] = ask(page, "Object.fromEntries(viewer.panels.map(({key, png}) => [key, png]))")
    return found


def source(page: Page, key: str) -> np.ndarray:
    """A panel's PNG decoded by Pillow, ``(h, w, 3)``."""
    return decoded(pngs(page)[key])


def drawn(page: Page, surface: str) -> tuple[np.ndarray, dict[str, float]]:
    """A surface's canvas ``(h, w, 4)``, and where it places the picture: scale, left, top.

    Args:
        page: with a viewer.
        surface: a JavaScript expression, e.g. ``viewer.stage.surface``.
    """
    found = ask(page, f"({{url: {surface}.pixels.toDataURL(), placed: {surface}.placed}})")
    return decoded(found["url"].split(",")[1], "RGBA"), found["placed"]


def tile(key: str) -> str:
    """The surface of a panel side by side, as a JavaScript expression."""
    return f"viewer.grid.tiles.find(({{panel}}) => panel.key === '{key}').surface"


def enlarged(picture: np.ndarray, placed: dict[str, float], height: int, width: int) -> np.ndarray:
    """What a canvas must show: each pixel a square of ``scale``; -1 where there is no picture.

    Where that is no whole number, squares differ by one screen pixel: each shows the picture's pixel at its
    middle.
    """
    scale, left, top = (placed[name] for name in ("scale", "left", "top"))
    rows = np.floor((np.arange(height) + 0.5 - top) / scale).astype(int)
    columns = np.floor((np.arange(width) + 0.5 - left) / scale).astype(int)
    inside = (
        ((rows >= 0) & (rows < picture.shape[0]))[:, None] & (columns >= 0) & (columns < picture.shape[1])
    )
    shown = picture[rows.clip(0, picture.shape[0] - 1)][:, columns.clip(0, picture.shape[1] - 1)].astype(int)
    shown[~inside] = -1
    return shown


def same_pixels(shown: np.ndarray, expected: np.ndarray) -> bool:
    """Whether pixels ``(n, 3)`` are those that must be there, none of them mixed of others.

    Where squares have no whole number of screen pixels, some show their neighbour at the very edge.
    """
    colours = {tuple(colour) for colour in np.unique(expected, axis=0)}
    mixed = [colour for colour in np.unique(shown, axis=0) if tuple(colour) not in colours]
    return not mixed and bool((shown != expected).any(1).mean() < 0.01)


def screen(page: Page, selector: str, height: int, width: int) -> np.ndarray:
    """What stands on the screen from an element's corner on, ``(height, width, 3)``."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    # The browser rounds halves up, Python's round() to even.
    left, top = math.floor(box["x"] + 0.5), math.floor(box["y"] + 0.5)
    return decoded(base64.b64encode(page.screenshot()).decode())[top : top + height, left : left + width]


def decoded(png: str, mode: str = "RGB") -> np.ndarray:
    """A base64 PNG as an array."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert(mode))

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.base.errors import UserError
from core.reports.export import FORMATS, Picture, strip

STARTS = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


@pytest.mark.parametrize("form", FORMATS)
def test_strips_are_files_that_repeat(form: str) -> None:
    pictures = [Picture(np.zeros((4, 4, 3), np.uint8), "smoothed", "30 dB")]
    file = strip(pictures, form)
    assert file.startswith(STARTS[form])
    assert strip(pictures, form) == file
    if form == "svg":
        assert "smoothed" in file.decode()


def test_a_strip_shows_every_pixel_as_it_is() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    drawn = np.asarray(Image.open(io.BytesIO(strip([Picture(pixels, "t", "f")], "png"))).convert("RGB"))
    present = {tuple(colour) for colour in drawn.reshape(-1, 3)}
    assert {tuple(colour) for colour in pixels.reshape(-1, 3)} <= present


def test_impossible_exports_are_one_sentence() -> None:
    with pytest.raises(UserError, match="no picture to export"):
        strip([], "pdf")
    with pytest.raises(UserError, match="pdf, svg, png"):
        strip([Picture(np.zeros((4, 4, 3), np.uint8), "t")], "bmp")

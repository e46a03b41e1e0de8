from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import UserError
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.export import FORMATS, Picture, curves, strip
from core.results import evaluations
from core.results import summary as results
from tests.core.synthetic_results import fill

STARTS = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("results")
    fill(folder)
    return results.deployed(
        evaluations.load(SUPER_RESOLUTION, "test", folder), evaluations.chosen(SUPER_RESOLUTION, folder)
    )


@pytest.mark.parametrize("form", FORMATS)
def test_curves_are_files_that_repeat(deployed, form: str) -> None:
    file = curves(deployed, "psnr", form)
    assert file.startswith(STARTS[form])
    assert curves(deployed, "psnr", form) == file
    if form == "svg":
        assert "smoothed, σ_f 0.1" in file.decode()


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

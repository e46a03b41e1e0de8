from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from core.base.errors import UserError
from core.reports.export import (
    FILMS,
    FORMATS,
    Curve,
    Picture,
    Slide,
    _apart,
    curves,
    film,
    panels,
    slides,
    strip,
)

STARTS = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


@pytest.mark.parametrize("form", FORMATS)
def test_strips_are_files_that_repeat(form: str) -> None:
    pictures = [Picture(np.zeros((4, 4, 3), np.uint8), "smoothed", "30 dB")]
    file = strip(pictures, form)
    assert file.startswith(STARTS[form])
    assert strip(pictures, form) == file
    if form == "svg":
        assert "smoothed" in file.decode()
        said = strip(pictures, form, protocol="APGD on each estimator itself").decode()
        assert "APGD on each" in said, "a figure says how its pictures were made"


def test_a_strip_shows_every_pixel_as_it_is() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    drawn = np.asarray(Image.open(io.BytesIO(strip([Picture(pixels, "t", "f")], "png"))).convert("RGB"))
    present = {tuple(colour) for colour in drawn.reshape(-1, 3)}
    assert {tuple(colour) for colour in pixels.reshape(-1, 3)} <= present


def test_captions_of_a_strip_do_not_run_into_each_other() -> None:
    long = Picture(np.zeros((4, 4, 3), np.uint8), "Adversarial training, ε_rel 0.02 ≈ 1.4 grey levels")
    figure = panels([[long, long, long]])
    figure.canvas.draw()
    boxes = [axes.title.get_window_extent() for axes in figure.axes]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_impossible_exports_are_one_sentence() -> None:
    with pytest.raises(UserError, match="no picture to export"):
        strip([], "pdf")
    with pytest.raises(UserError, match="pdf, svg, png"):
        strip([Picture(np.zeros((4, 4, 3), np.uint8), "t")], "bmp")


def noise_pictures(count: int) -> list[Picture]:
    random = np.random.default_rng(count)
    return [
        Picture(random.integers(0, 256, (8, 8, 3), dtype=np.uint8), f"ĝ {n}", "30 dB · SSIM")
        for n in range(count)
    ]


def test_slides_are_one_page_each_and_repeat() -> None:
    shown = [Slide("Title", "A note. " * 30, noise_pictures(count), "How") for count in (1, 4, 8)]
    file = slides(shown)
    assert file.startswith(b"%PDF")
    assert file.count(b"/Type /Page ") == 3
    assert slides(shown) == file
    with pytest.raises(UserError, match="no scene to print"):
        slides([])


def test_a_chart_for_the_stage_is_a_picture_whose_names_do_not_overlap() -> None:
    lines = [Curve(name, [30.0, 20.0 + 0.01 * place], place == 3) for place, name in enumerate("abcd")]
    drawn = Image.open(io.BytesIO(curves(lines, [0, 0.1], "ε_rel", "PSNR, dB")))
    assert drawn.width > 1600
    ends = _apart([20.0, 20.01, 12.0, 19.99], 0.5)
    assert min(np.diff(sorted(ends))) >= 0.5 - 1e-9
    assert sorted(range(4), key=ends.__getitem__) == [2, 3, 0, 1]


@pytest.mark.parametrize("form", FILMS)
def test_films_hold_every_step_and_stand_at_their_end(form: str) -> None:
    steps = [noise_pictures(2) for _ in range(3)]
    steps[1] = noise_pictures(3)[1:]
    with Image.open(io.BytesIO(film(steps, form))) as read:
        assert (read.n_frames, read.size) == (3, (2 * 24 + 8, 24 + 64))
        durations = []
        for place in range(3):
            read.seek(place)
            read.load()
            durations.append(read.info["duration"])
            near = np.asarray(read.convert("RGB")).astype(int)[0:24:3, 0:24:3]
            assert np.abs(near - steps[place][0].pixels).mean() < 40
    assert durations[-1] > durations[0]


def test_impossible_films_are_one_sentence() -> None:
    with pytest.raises(UserError, match="webp, gif"):
        film([noise_pictures(1)] * 2, "mp4")
    with pytest.raises(UserError, match="no film"):
        film([noise_pictures(1)], "gif")

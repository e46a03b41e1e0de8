from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.base.errors import UserError
from core.problems.digits import drawing
from core.problems.digits.samples import SAMPLES
from core.zoo import checkpoints

points = st.tuples(st.integers(0, 255), st.integers(0, 255))
drawings = st.lists(st.lists(points, min_size=1, max_size=20).map(tuple), min_size=1, max_size=4).map(tuple)


@given(drawings)
@example(())
def test_the_text_of_a_drawing_reads_back(drawn: drawing.Drawing) -> None:
    text = drawing.encode(drawn)
    assert drawing.decode(text) == drawn
    assert all(c.isalnum() or c in "-_." for c in text)


@pytest.mark.parametrize("text", ["A", "AAA!", "AAAA.", "..", "é", "AAAA" * 3000])
def test_other_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError) as caught:
        drawing.decode(text)
    assert "\n" not in str(caught.value)


@given(drawings)
@example((((0, 0),), ((0, 4), (5, 4))))  # lower than wide: there is more room above and below
def test_any_drawing_is_centred_by_mass_inside_the_picture(drawn: drawing.Drawing) -> None:
    ink = drawing.picture(drawn)[0, 0].double().numpy()
    assert ink.min() >= 0
    assert ink.max() <= 1
    assert ink.max() > 0.9
    grid = np.arange(28) + 0.5
    centre = np.array([(ink.sum(axis) * grid).sum() for axis in (0, 1)]) / ink.sum()
    sides = [np.flatnonzero(ink.max(axis) > 0.5) for axis in (0, 1)]
    for middle, side in zip(centre, sides, strict=True):
        assert abs(middle - 14) < 0.35 or side[0] == 0 or side[-1] == 27
        assert np.ptp(side) <= 20


@pytest.mark.parametrize("digit", range(10))
def test_the_larger_side_fills_the_box_of_20(digit: int) -> None:
    ink = drawing.picture(SAMPLES[digit])[0, 0].numpy()
    rows, columns = np.nonzero(ink.max(1) > 0.5)[0], np.nonzero(ink.max(0) > 0.5)[0]
    sides = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert 19 <= max(sides) <= 21


def test_place_and_size_on_the_pad_do_not_matter() -> None:
    small = tuple(tuple((40 + x // 4, 170 + y // 4) for x, y in stroke) for stroke in SAMPLES[3])
    assert torch.allclose(drawing.picture(SAMPLES[3]), drawing.picture(small), atol=0.35)
    moved = tuple(tuple((x + 20, y - 17) for x, y in stroke) for stroke in SAMPLES[3])
    assert torch.allclose(drawing.picture(SAMPLES[3]), drawing.picture(moved), atol=1e-5)


def test_the_ink_is_pillows_line() -> None:
    """A slanted stroke beside Pillow's drawing of it at sixteen times the size."""
    drawn = (((60, 30), (180, 230)),)
    ink = drawing.picture(drawn)[0, 0].numpy()
    scale = (20 - drawing.PEN) / 200
    ends = [(16 * (14 + scale * (x - 120)), 16 * (14 + scale * (y - 130))) for x, y in drawn[0]]
    large = Image.new("L", (448, 448))
    pen = ImageDraw.Draw(large)
    pen.line(ends, 255, round(16 * drawing.PEN))
    for end in ends:
        pen.circle(end, 8 * drawing.PEN, 255)
    expected = np.asarray(large.resize((28, 28), Image.Resampling.BOX)) / 255
    assert np.abs(ink - expected).max() < 0.2
    assert ink.sum() == pytest.approx(expected.sum(), rel=0.03)


def test_nothing_drawn_says_so() -> None:
    with pytest.raises(UserError, match="draw a digit"):
        drawing.picture(())


@pytest.mark.parametrize("name", ["digits-std", "digits-adv-sign", "digits-adv-l2", "digits-rs-0.50"])
def test_every_shipped_network_reads_our_samples(name: str) -> None:
    network, _ = checkpoints.load(name)
    with torch.no_grad():
        answers = network(torch.cat([drawing.picture(sample) for sample in SAMPLES])).argmax(1)
    assert answers.tolist() == list(range(10))

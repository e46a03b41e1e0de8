from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from PIL import Image

from core.pictures import render, units


def test_png_is_lossless(generator: torch.Generator) -> None:
    picture = torch.randint(0, 256, (1, 3, 20, 30), generator=generator) / 255.0
    values = render.pixels(picture)
    decoded = np.asarray(Image.open(io.BytesIO(render.png(values))))
    assert np.array_equal(decoded, values)
    np.testing.assert_allclose(decoded.transpose(2, 0, 1) / 255.0, picture[0].numpy(), atol=1e-6)


def test_error_map_has_a_fixed_scale() -> None:
    truth = torch.zeros(1, 3, 1, 3)
    errors = torch.tensor([0.0, render.ERROR_LIMIT / 2, 10 * render.ERROR_LIMIT]) / 255.0
    drawn = render.error_map(truth + errors, truth)[0]
    cividis = colormaps["cividis"]
    for place, fraction in enumerate((0.0, 0.5, 1.0)):
        expected = np.array(cividis(fraction)[:3]) * 255
        assert np.abs(drawn[place] - expected).max() <= 2


def test_amplification_is_the_largest_that_fits() -> None:
    e = 0.02 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    values = units.STANDARDISED.spread(e)
    factor = render.amplification(values)
    spread = 3 * units.grey_levels(0.02) / 255
    assert factor * spread <= 0.51
    assert 2.5 * factor * spread > 0.5
    assert render.amplification(100 * values) == 1


def test_perturbation_is_drawn_around_mid_grey() -> None:
    e = torch.zeros(1, 3, 2, 2)
    e[0, 0, 0, 0] = 0.1
    drawn = render.amplified(units.STANDARDISED.spread(e), 10)
    assert drawn[1, 1].tolist() == [128, 128, 128]
    assert drawn[0, 0, 0] == pytest.approx(127.5 + 10 * 0.1 * units.PHOTO_STD[0] * 255, abs=1)


def test_a_grey_picture_is_the_same_in_all_colours() -> None:
    grey = torch.rand(1, 1, 5, 4, generator=torch.Generator().manual_seed(0))
    drawn = render.pixels(grey)
    assert drawn.shape == (5, 4, 3)
    for colour in range(3):
        np.testing.assert_array_equal(drawn[..., colour], np.rint(grey[0, 0].numpy() * 255))


def test_a_perturbation_in_picture_units_is_amplified_around_mid_grey() -> None:
    e = torch.tensor([[[[0.01, -0.01], [0.0, 0.004]]]])
    np.testing.assert_array_equal(render.amplified(e, 10)[..., 0], [[153, 102], [128, 138]])
    factor = render.amplification(e)
    largest = [f for f in render.AMPLIFICATIONS if 3 * f * e.square().mean().sqrt().item() <= 0.5][-1]
    assert factor == largest

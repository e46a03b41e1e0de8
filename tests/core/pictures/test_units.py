from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.pictures import units


def test_standardise_matches_the_formula_and_back(generator: torch.Generator) -> None:
    pictures = torch.rand(2, 3, 5, 7, generator=generator)
    expected = (pictures.numpy() - np.reshape(units.PHOTO_MEAN, (3, 1, 1))) / np.reshape(
        units.PHOTO_STD, (3, 1, 1)
    )
    np.testing.assert_allclose(units.standardise(pictures).numpy(), expected, atol=1e-6)
    torch.testing.assert_close(units.destandardise(units.standardise(pictures)), pictures)


def test_to_picture_clamps() -> None:
    values = torch.full((1, 3, 2, 2), 100.0)
    assert units.to_picture(values).max() == 1.0
    assert units.to_picture(-values).min() == 0.0


def test_radius_of_the_design_document() -> None:
    assert units.radius(0.01, 160 * 160 * 3) == pytest.approx(2.7713, abs=5e-5)


def test_grey_levels_is_the_rms_of_white_noise_in_pixels() -> None:
    noise = 0.02 * torch.randn(1, 3, 400, 400, generator=torch.Generator().manual_seed(1))
    moved = units.destandardise(noise) - units.destandardise(torch.zeros_like(noise))
    measured = 255.0 * math.sqrt(moved.square().mean().item())
    assert units.grey_levels(0.02) == pytest.approx(measured, rel=5e-3)

"""Corruptions at the norm of an attack, against Pillow, scikit-image and what a pixel can be."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.filters import gaussian
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.pictures import images
from core.pictures.units import STANDARDISED


def photo() -> Tensor:
    return images.crop(images.bundled("chelsea"), short_side=192, x=0.3, y=0.6, size=64)


def change(key: str, radius: float, x: Tensor, **terms: object) -> Tensor:
    """The corruption of pictures x in [0, 1]."""
    given = Terms(radius, seeds=[0] * len(x), **terms)  # type: ignore[arg-type]
    return ATTACKS[key].end(BaseError(lambda z: z, x), x, given).kept


def parallel(one: Tensor, other: np.ndarray) -> float:
    """Cosine of the angle between two changes."""
    a, b = one.flatten().double().numpy(), other.flatten()
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("key", ["jpeg", "blur", "salt"])
@pytest.mark.parametrize("level", [0.5, 2.0, 6.0])
def test_it_changes_the_picture_by_the_norm_of_the_attack(key: str, level: float) -> None:
    x = photo()
    radius = level / 255 * x.numel() ** 0.5
    assert ball.norms(change(key, radius, x, ends=(x.new_tensor(0.0), x.new_tensor(1.0)))).item() == (
        pytest.approx(radius, rel=1e-4)
    )


def test_jpeg_is_what_pillow_makes_of_the_picture_whatever_the_units() -> None:
    x = photo()
    ends = (STANDARDISED.encode(torch.zeros_like(x)), STANDARDISED.encode(torch.ones_like(x)))
    point = STANDARDISED.encode(x)
    e = STANDARDISED.spread(change("jpeg", 20.0, point, ends=ends))
    pixels = (255 * x[0]).round().byte().permute(1, 2, 0).numpy()

    def alike(quality: int) -> float:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        made = np.asarray(Image.open(file)).transpose(2, 0, 1) / 255
        return parallel(e, made - x[0].double().numpy())

    assert max(alike(quality) for quality in range(1, 101)) > 0.9999


def test_blur_is_a_gaussian_filter() -> None:
    x = photo()
    e = change("blur", 2.0, x)
    picture = x[0].permute(1, 2, 0).double().numpy()
    found = [
        parallel(e, (gaussian(picture, sigma, mode="reflect", channel_axis=2) - picture).transpose(2, 0, 1))
        for sigma in np.arange(0.2, 4, 0.01)
    ]
    assert max(found) > 0.999


def test_salt_and_pepper_leaves_most_pixels_and_makes_the_others_black_or_white() -> None:
    x = photo() * 0.5 + 0.25
    e = change("salt", 3.0, x, ends=(x.new_tensor(0.0), x.new_tensor(1.0)))
    hit = e[0].any(0)
    assert 0 < hit.double().mean() < 0.1
    torch.testing.assert_close((x + e)[0, :, hit].round(), (x + e)[0, :, hit], rtol=0, atol=0.03)


def test_it_is_never_stronger_than_the_corruption_gets() -> None:
    x = photo()
    assert ball.norms(change("blur", 1e3, x)).item() < 1e2

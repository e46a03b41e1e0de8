from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.pictures import units
from core.problems.super_resolution import SuperResolution, bicubic, interpolations


def _pillow(picture: np.ndarray, size: int, filter_: Image.Resampling) -> np.ndarray:
    """Pillow's float resize, channel by channel: an implementation that shares no code with torch."""
    return np.stack(
        [np.asarray(Image.fromarray(channel).resize((size, size), filter_)) for channel in picture]
    )


@pytest.mark.parametrize("factor", [2, 4])
def test_measurement_equals_pillows_antialiased_resize(factor: int, generator: torch.Generator) -> None:
    picture = torch.rand(1, 3, 160, 160, generator=generator)
    low = _pillow(picture[0].numpy(), 160 // factor, Image.Resampling.BILINEAR)
    high = _pillow(low, 160, Image.Resampling.BILINEAR)
    measured = units.destandardise(SuperResolution(factor).measure(picture))[0].numpy()
    np.testing.assert_allclose(measured, high, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_bicubic_of_a_clean_measurement_is_pillows_bicubic(factor: int, generator: torch.Generator) -> None:
    picture = torch.rand(1, 3, 64, 64, generator=generator)
    problem = SuperResolution(factor)
    low = problem.downsample(picture)[0].numpy()
    expected = _pillow(low, 64, Image.Resampling.BICUBIC)
    estimate = units.destandardise(bicubic(problem.measure(picture), factor))[0].numpy()
    np.testing.assert_allclose(estimate, expected, atol=1e-4)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("name", ["bilinear", "bicubic"])
def test_baselines_are_linear(name: str, factor: int, generator: torch.Generator) -> None:
    estimator = interpolations(factor)[name]
    a, b = torch.randn(2, 1, 3, 32, 32, generator=generator)
    torch.testing.assert_close(
        estimator(2 * a - 3 * b), 2 * estimator(a) - 3 * estimator(b), atol=1e-4, rtol=1e-4
    )


def test_bad_parameters_say_so() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        SuperResolution(1)
    with pytest.raises(ValueError, match="do not divide"):
        SuperResolution(4).measure(torch.zeros(1, 3, 30, 30))

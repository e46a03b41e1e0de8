from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from core.base.errors import UserError
from core.pictures import images, metrics


def _cases() -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    photo = images.crop(images.bundled("chelsea"), short_side=192, x=0.3, y=0.6)
    noise = torch.randn(photo.shape, generator=generator)
    flat = torch.full((1, 3, 24, 40), 0.5)
    return [
        (photo, (photo + 0.02 * noise).clamp(0, 1)),
        (photo, (photo + 0.3 * noise).clamp(0, 1)),
        (photo, photo.flip(-1)),
        (flat, flat + 0.01),
        (torch.rand(1, 1, 33, 47, generator=generator), torch.rand(1, 1, 33, 47, generator=generator)),
    ]


@pytest.mark.parametrize(("truth", "picture"), _cases())
def test_against_scikit_image(truth: torch.Tensor, picture: torch.Tensor) -> None:
    x, y = truth[0].numpy(), picture[0].numpy()
    expected = structural_similarity(
        y,
        x,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=0,
        data_range=1.0,
    )
    assert metrics.ssim(picture, truth).item() == pytest.approx(expected, abs=1e-5)
    assert metrics.psnr(picture, truth).item() == pytest.approx(
        peak_signal_noise_ratio(x, y, data_range=1.0), abs=1e-4
    )


def test_a_batch_is_its_images_one_by_one(generator: torch.Generator) -> None:
    truth = torch.rand(3, 3, 20, 20, generator=generator)
    pictures = torch.rand(3, 3, 20, 20, generator=generator)
    rows = metrics.quality(pictures, truth)
    for index, row in enumerate(rows):
        (single,) = metrics.quality(pictures[index : index + 1], truth[index : index + 1])
        assert row == single


def test_equal_pictures_get_the_ceiling_not_infinity() -> None:
    picture = torch.rand(1, 3, 16, 16)
    (row,) = metrics.quality(picture, picture)
    assert (row.mse, row.psnr) == (0.0, metrics.PSNR_CEILING)
    assert row.ssim == pytest.approx(1.0)


def test_too_small_for_the_window() -> None:
    with pytest.raises(ValueError, match="11x11"):
        metrics.ssim(torch.zeros(1, 3, 10, 40), torch.zeros(1, 3, 10, 40))


def test_mean_of_psnrs_is_not_psnr_of_mean() -> None:
    truth = torch.zeros(2, 1, 12, 12)
    pictures = torch.stack([torch.full((1, 12, 12), 0.1), torch.full((1, 12, 12), 0.01)])
    np.testing.assert_allclose(metrics.psnr(pictures, truth).numpy(), [20.0, 40.0], atol=1e-5)


def test_a_picture_that_is_not_numbers_is_one_sentence_that_names_whose_it_is() -> None:
    truth = torch.rand(2, 3, 16, 16)
    broken = truth.clone()
    broken[1, 0, 3, 3] = torch.nan
    with pytest.raises(UserError, match="sr-x2-std answers with values that are not numbers"):
        metrics.quality(broken, truth, "sr-x2-std")


def test_flip_is_seen_where_the_pictures_differ_and_grows_with_the_difference() -> None:
    pytest.importorskip("flip_evaluator", reason="needs requirements-optional.txt")
    truth = images.crop(images.bundled("chelsea"), short_side=192, x=0.3, y=0.6)[..., :120]
    assert not metrics.flip(truth, truth).any()
    spot = torch.zeros_like(truth)
    spot[..., 20:30, 90:100] = 1
    little, much = (metrics.flip((truth + level * spot).clamp(0, 1), truth) for level in (0.1, 0.4))
    assert little.shape == (1, 1, *truth.shape[-2:])
    assert 0 < little.mean() < much.mean() < 1
    assert much[..., 15:35, 85:105].sum() > 0.9 * much.sum()
    black, white = torch.zeros(1, 1, 40, 30), torch.ones(1, 1, 40, 30)
    assert metrics.flip(white, black).mean() > 0.9


def test_without_its_package_flip_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "has_flip", lambda: False)
    with pytest.raises(UserError, match=r"requirements-optional\.txt"):
        metrics.flip(torch.zeros(1, 1, 20, 20), torch.zeros(1, 1, 20, 20))

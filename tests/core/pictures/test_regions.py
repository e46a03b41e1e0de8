"""Figures inside a region against scikit-image on the crop."""

from __future__ import annotations

import pytest
import torch
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from core.base.errors import UserError
from core.pictures import images, metrics, regions
from core.pictures.regions import Region


def _pictures() -> tuple[torch.Tensor, torch.Tensor]:
    truth = images.crop(images.bundled("chelsea"), short_side=192, x=0.3, y=0.6)
    noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    return (truth + 0.1 * noise).clamp(0, 1), truth


@pytest.mark.parametrize("text", ["0,0,160,160", "10,20,21,31", "37,5,118,60", "149,149,160,160"])
def test_against_scikit_image_on_the_crop(text: str) -> None:
    picture, truth = _pictures()
    (found,) = regions.quality(picture, truth, Region.from_text(text))
    left, top, right, bottom = map(int, text.split(","))
    x, y = (values[0, :, top:bottom, left:right].numpy() for values in (truth, picture))
    assert found.mse == pytest.approx(mean_squared_error(x, y), rel=1e-5)
    assert found.psnr == pytest.approx(peak_signal_noise_ratio(x, y, data_range=1.0), abs=1e-4)
    expected = structural_similarity(
        y, x, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=0, data_range=1.0
    )
    assert found.ssim == pytest.approx(expected, abs=1e-5)


def test_the_mask_of_a_smaller_point_is_what_the_region_touches() -> None:
    picture, small = torch.zeros(1, 3, 12, 20), torch.zeros(1, 3, 6, 10)
    region = Region(3, 4, 8, 9)
    pixels = region.mask(picture, picture)
    assert torch.equal(pixels[0, 0].nonzero().amin(0), torch.tensor([4, 3]))
    assert pixels.sum() == 25
    touched = torch.nn.functional.max_pool2d(pixels, 2)
    assert torch.equal(region.mask(small, picture), touched)
    with pytest.raises(UserError, match="outside the picture"):
        Region(20, 0, 21, 1).mask(small, picture)


def test_the_whole_picture_is_a_region() -> None:
    picture, truth = _pictures()
    (found,), (whole,) = (
        regions.quality(picture, truth, Region(0, 0, 160, 160)),
        metrics.quality(picture, truth),
    )
    assert (found.mse, found.psnr, found.ssim) == (whole.mse, whole.psnr, whole.ssim)


def test_below_the_window_there_is_no_ssim() -> None:
    picture, truth = _pictures()
    (found,) = regions.quality(picture, truth, Region(0, 0, 10, 160))
    assert found.ssim is None
    assert found.psnr > 0


def test_what_lies_outside_is_left_out() -> None:
    picture, truth = _pictures()
    assert regions.quality(picture, truth, Region(100, 100, 500, 500)) == regions.quality(
        picture, truth, Region(100, 100, 160, 160)
    )
    with pytest.raises(UserError, match="outside the picture of 160×160"):
        regions.quality(picture, truth, Region(160, 0, 170, 20))


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "5,5,5,9", "9,5,5,9", "-1,0,5,5", "1.5,0,5,5"])
def test_bad_text_says_what_to_do(text: str) -> None:
    with pytest.raises(UserError, match="left,top,right,bottom"):
        Region.from_text(text)


def test_text_round_trip() -> None:
    assert Region.from_text("8,4,40,20").to_text() == "8,4,40,20"

"""A whole photo: the same figures as from its parts, in tiles or not, and its limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.errors import UserError
from core.base.progress import finish
from core.experiment.run import run
from core.pictures import images
from core.pictures.images import Photo
from core.problems.super_resolution import SuperResolutionScenario
from core.runtime import engine as engines
from core.runtime.engine import Engine
from core.runtime.session import Lab

SCENARIO = SuperResolutionScenario(
    whole=True, short_side=0, attack="pgd", attack_steps=1, attack_on="base", samples=1, precision="float32"
)


def photo(height: int, width: int) -> Photo:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Photo.of("noise", pixels)


def test_a_run_in_tiles_is_the_run_at_once(untrained_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shot, found = photo(200, 260), []
    for plain in (544**2, 160**2):
        monkeypatch.setattr(engines, "PLAIN", plain)
        monkeypatch.setattr(Engine, "tile", lambda self, halo: 64)
        found.append(finish(run(SCENARIO, Lab(Engine("cpu", "float32", 1), untrained_folder), shot)))
    one, other = found
    assert one.truth.shape == (1, 3, 192, 256)
    assert torch.equal(one.truth[0, :, 0, 0], torch.from_numpy(shot.pixels[4, 2]).float() / 255)
    assert one.dimension == 3 * 192 * 256
    torch.testing.assert_close(one.base.attacked.picture, other.base.attacked.picture, rtol=0, atol=1e-4)
    assert one.to_dict()["metrics"]["adv_smoothed"]["psnr"] == pytest.approx(
        other.to_dict()["metrics"]["adv_smoothed"]["psnr"], abs=1e-3
    )


def test_a_photo_beyond_the_limits_is_one_sentence() -> None:
    with pytest.raises(UserError, match="at most 2 megapixels"):
        images.whole(photo(1500, 1600), short_side=0)
    assert images.whole(photo(1500, 1600), short_side=320).shape[-2:] == (320, 336)


def test_keys_know_a_whole_photo_and_are_otherwise_as_they_were() -> None:
    usual = SuperResolutionScenario()
    assert "whole" not in usual.decisive()
    assert usual.replace(whole=True).key() != usual.key()
    assert usual.replace(whole=True).of_row("x") != usual.of_row("x")

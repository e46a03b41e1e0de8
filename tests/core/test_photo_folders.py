"""Folders of photos as training and evaluations read them: the same pictures everywhere, each once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.training.photos import PhotoFolder


def textured(height: int, width: int, seed: int) -> Image.Image:
    """A colourful picture with edges, which JPEG does not keep exactly."""
    coarse = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("grey", [False, True])
def test_training_sees_ordinary_jpegs_as_they_are_stored(grey: bool, tmp_path: Path) -> None:
    """Bit for bit, and in full resolution: networks that were trained before stay what they are."""
    sizes = {"a.jpg": (192, 256), "b.jpg": (300, 200), "c.jpg": (1800, 2400)}
    for seed, (name, size) in enumerate(sizes.items()):
        textured(*size, seed).save(tmp_path / name, quality=88)
    photos = PhotoFolder.read(tmp_path, grey=grey)
    assert photos.names == list(sizes)
    for name, crop in zip(sizes, photos.centre_crops(160, 1), strict=True):
        with Image.open(tmp_path / name) as image:
            stored = np.asarray(image.convert("L") if grey else image)
        stored = np.atleast_3d(stored)
        top, left = (stored.shape[0] - 160) // 2, (stored.shape[1] - 160) // 2
        expected = stored[top : top + 160, left : left + 160].transpose(2, 0, 1).copy()
        assert torch.equal(crop[0], torch.from_numpy(expected).float() / 255.0)

"""Folders of photos as training and evaluations read them: the same pictures everywhere, each once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.errors import UserError
from core.evaluation.photos import Photos
from core.pictures import images
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


def test_training_reads_photos_like_everything_else(tmp_path: Path) -> None:
    """16 bits, a turned phone photo, transparency: Pillow's own conversions get each of them wrong."""
    grey = np.linspace(0, 65535, 200 * 240).reshape(200, 240).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    textured(200, 240, 0).save(tmp_path / "b.jpg", exif=exif)
    pixels = np.dstack([np.asarray(textured(200, 240, 1)), np.zeros((200, 240), np.uint8)])
    Image.fromarray(pixels).save(tmp_path / "c.png")
    colours, greys = PhotoFolder.read(tmp_path), PhotoFolder.read(tmp_path, grey=True)
    for name, picture, single in zip(colours.names, colours.pictures, greys.pictures, strict=True):
        photo = images.open_photo(str(tmp_path / name))
        np.testing.assert_array_equal(picture, photo.pixels)
        np.testing.assert_array_equal(single[..., 0], Image.fromarray(photo.pixels).convert("L"))
    np.testing.assert_allclose(colours.pictures[0][..., 1] / 255, grey / 65535, atol=0.51 / 255)
    assert colours.pictures[1].shape == (240, 200, 3)
    assert (colours.pictures[2] == 255).all()


READERS: dict[str, Callable[[Path], object]] = {
    "training": lambda folder: PhotoFolder.read(folder).names,
    "evaluation": lambda folder: [name for name, _ in Photos.read(folder).names],
}
"""What reads folders of photos: each gives their names."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed, name in enumerate(("one.png", "two.jpg")):
        textured(200, 240, seed).save(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_what_is_no_photo_is_passed_over_and_named_once(
    read: Callable[[Path], object], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "._one.png").write_bytes(b"\0\5\x16\7" + bytes(100))  # a Mac's, on a stick
    (folder / "album.png").mkdir()
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    assert read(folder) == ["one.png", "two.jpg"]
    (line,) = caplog.messages
    assert line.count("._one.png") == line.count("album.png") == line.count("gone.png") == 1


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_the_same_photo_in_two_subfolders_counts_once(
    read: Callable[[Path], object], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for place in ("a", "b"):
        (folder / place).mkdir()
        shutil.copy(folder / "one.png", folder / place / "one.png")
        shutil.copy(folder / "two.jpg", folder / place / f"{place}.jpg")
    names = read(folder)
    assert names == ["a.jpg", "one.png"]  # the first of each by file name
    (line,) = caplog.messages
    assert "and 1 more" in line


def test_training_on_a_folder_twice_is_training_on_it_once(folder: Path) -> None:
    assert PhotoFolder.read([folder, folder]).digest == PhotoFolder.read(folder).digest


def test_photos_of_one_name_may_differ_in_training_only(folder: Path) -> None:
    (folder / "cats").mkdir()
    textured(200, 240, 9).save(folder / "cats" / "one.png")
    assert PhotoFolder.read(folder).names == ["one.png", "one.png", "two.jpg"]
    with pytest.raises(UserError, match=r"one\.png and .*one\.png are two photos of one name: rename"):
        Photos.read(folder)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_tiff_and_bmp_are_photos_everywhere(read: Callable[[Path], object], folder: Path) -> None:
    for seed, name in enumerate(("three.tif", "zero.bmp"), 5):
        textured(200, 240, seed).save(folder / name)
    assert read(folder) == ["one.png", "three.tif", "two.jpg", "zero.bmp"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read")
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_an_unreadable_photo_is_named_and_not_called_damaged(
    read: Callable[[Path], object], folder: Path
) -> None:
    (folder / "locked.png").symlink_to("/proc/self/mem")
    with pytest.raises(UserError, match=r"locked\.png could not be used \(.*\): check") as caught:
        read(folder)
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_damaged_photo_is_named(read: Callable[[Path], object], folder: Path) -> None:
    whole = (folder / "two.jpg").read_bytes()
    (folder / "two.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"two\.jpg is damaged .*: choose another file or remove"):
        read(folder)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".png", "x\0y", ""])
def test_a_photos_name_that_can_be_no_path_is_one_sentence(name: str) -> None:
    with pytest.raises(UserError, match="neither a file nor a bundled photo: choose one of"):
        images.open_photo(name)

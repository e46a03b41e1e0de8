"""Photos: bundled with scikit-image, uploaded, or on disk; whole folders of them; and crops."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.base.errors import UserError, existing
from core.base.files import read_bytes
from core.pictures.decoding import FORMATS, ON_DISK, pixels_of

if TYPE_CHECKING:
    from torch import Tensor

SIZE = 160
"""Side of the crop that networks work on, in pixels (thesis, section 4.1)."""

LARGEST, MULTIPLE = 2_000_000, 16
"""Most pixels of a whole photo, and what its sides are a multiple of: networks halve it four times."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
"""Of the files that are photos in a folder."""

KEEP_PIXELS = 4_000_000
"""Larger photos are shrunk to as many pixels before crops are cut from them."""

_log = logging.getLogger(__name__)

BUNDLED = {
    "astronaut": "astronaut.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "motorcycle": "motorcycle_left.png",
    "hubble": "hubble_deep_field.jpg",
    "retina": "retina.jpg",
    "tissue": "ihc.png",
    "camera": "camera.png",
    "coins": "coins.png",
    "moon": "moon.png",
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
}
"""Name on the page to file in scikit-image's wheel."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        name: what the person calls it.
        pixels: uint8 ``(h, w, 3)`` sRGB.
        digest: first 16 hexadecimal digits of the pixels' SHA-256.
    """

    name: str
    pixels: np.ndarray
    digest: str

    @classmethod
    def of(cls, name: str, pixels: np.ndarray) -> Photo:
        """Wrap uint8 ``(h, w, 3)`` pixels."""
        sha = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes())
        return cls(name, pixels, sha.hexdigest()[:16])

    @property
    def short_side(self) -> int:
        """Pixels of the shorter side."""
        return int(min(self.pixels.shape[:2]))


@lru_cache(maxsize=len(BUNDLED))
def bundled(name: str) -> Photo:
    """One of the photos that come with scikit-image.

    Raises:
        UserError: for any other name.
    """
    file = BUNDLED[existing("bundled photo", name, BUNDLED)]
    return decode(files("skimage.data").joinpath(file).read_bytes(), name)


def open_photo(name_or_path: str) -> Photo:
    """A bundled photo by name, or any picture file by path; from disk TIFF and BMP are read too.

    Raises:
        UserError: if it is neither, cannot be read, or is not a usable picture.
    """
    if name_or_path in BUNDLED:
        return bundled(name_or_path)
    if not os.path.isfile(name_or_path):  # False, too, where the text cannot be a path at all
        raise UserError(
            f"“{name_or_path}” is neither a file nor a bundled photo: choose one of {', '.join(BUNDLED)}."
        )
    return _read(Path(name_or_path))


def _read(path: Path) -> Photo:
    return Photo.of(path.name, _pixels_for_crops(read_bytes(path), str(path), ON_DISK))


def in_folders(*folders: Path) -> list[Path]:
    """The files that are photos by their suffix, anywhere below the folders, in order of file name.

    Hidden files (a Mac leaves a ``._x.png`` beside each x.png) and folders that are called like a
    photo are passed over, which is logged once.
    """
    named = {path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES}
    found = {path for path in named if os.path.isfile(path) and not path.name.startswith(".")}
    log_passed_over(sorted(named - found), "hidden, or no files")
    return sorted(found, key=lambda path: (path.name, path))


def log_passed_over(paths: Sequence[Path], why: str) -> None:
    """Say in one line which photos of a folder do not count; nothing of none."""
    if paths:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        _log.warning("Passed over (%s): %s%s.", why, ", ".join(map(str, paths[:3])), more)


def each_once(folder: Path, limit: int | None = None, option: str = "--data") -> Iterator[tuple[Path, Photo]]:
    """Decode a folder's photos for an evaluation, in order of file name; see :func:`in_folders`.

    A picture that stands there twice is passed over the second time, which is logged once: figures
    are means over different pictures.

    Args:
        folder: searched recursively.
        limit: only the first so many files.
        option: how the command line names the folder.

    Raises:
        UserError: if there is none, one cannot be read or decoded, or two different ones have one
            name, by which figures are listed.
    """
    paths = in_folders(folder)[:limit]
    if not paths:
        raise UserError(f"{folder} holds no photos: name the folder with {option}.")
    named: dict[str, Path] = {}
    digests: set[str] = set()
    again = []
    for path in paths:
        photo = _read(path)
        if photo.digest in digests:
            again.append(path)
        elif path.name in named:
            raise UserError(f"{named[path.name]} and {path} are two photos of one name: rename one of them.")
        else:
            named[path.name] = path
            digests.add(photo.digest)
            yield path, photo
    log_passed_over(again, "the same pictures again")


def decode(content: bytes, name: str, formats: Sequence[str] = FORMATS) -> Photo:
    """Decode a picture's bytes in bounded memory.

    Pictures of more than :data:`KEEP_PIXELS` are shrunk to it.

    Raises:
        UserError: one sentence, if the bytes are no such picture, damaged, too large, or too
            small to cut a crop from.
    """
    return Photo.of(name, _pixels_for_crops(content, name, formats))


def _pixels_for_crops(content: bytes, name: str, formats: Sequence[str]) -> np.ndarray:
    return pixels_of(content, name, formats, smallest=SIZE, keep=KEEP_PIXELS)


def resized(photo: Photo, short_side: int) -> np.ndarray:
    """The photo shrunk (Lanczos, never enlarged) to this shorter side; 0 keeps its size."""
    if short_side == 0 or photo.short_side <= short_side:
        return photo.pixels
    height, width = photo.pixels.shape[:2]
    scale = short_side / photo.short_side
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS))


def crop(photo: Photo, *, short_side: int, x: float, y: float, size: int = SIZE) -> Tensor:
    """The crop ``(1, 3, size, size)``, float32 in [0, 1]; 160x160 unless said otherwise.

    Args:
        photo: where from.
        short_side: shrink the photo to this shorter side first (192: as the training photos
            were; 0: cut from the full resolution).
        x: left (0) to right (1) place of the crop; 0.5 is the centre.
        y: top (0) to bottom (1).
        size: side of the crop in pixels.

    Raises:
        UserError: if the shorter side asked for, or the photo's, is smaller than the crop.
    """
    import torch

    if 0 < short_side < size:
        raise UserError(f"A shorter side of {short_side} is below the crop's {size} pixels: take more.")
    if photo.short_side < size:
        raise UserError(f"{photo.name} has a shorter side of {photo.short_side}, the crop {size}: take less.")
    pixels = resized(photo, short_side)
    top = round(y * (pixels.shape[0] - size))
    left = round(x * (pixels.shape[1] - size))
    cut = pixels[top : top + size, left : left + size].transpose(2, 0, 1).copy()
    return (torch.from_numpy(cut).float() / 255.0).unsqueeze(0)


def whole(photo: Photo, *, short_side: int) -> Tensor:
    """The whole photo ``(1, 3, h, w)``, float32 in [0, 1]; at each edge up to :data:`MULTIPLE` − 1 pixels
    are left out, in the middle of what remains.

    Args:
        photo: where from.
        short_side: see :func:`crop`.

    Raises:
        UserError: if it has more than :data:`LARGEST` pixels, or is smaller than :data:`SIZE`.
    """
    import torch

    pixels = resized(photo, short_side)
    height, width = pixels.shape[:2]
    if height * width > LARGEST or min(height, width) < SIZE:
        raise UserError(
            f"{photo.name} has {width}×{height} pixels at this shorter side: a whole photo has at most "
            f"{LARGEST // 1_000_000} megapixels and at least {SIZE} on a side."
        )
    top, left = height % MULTIPLE // 2, width % MULTIPLE // 2
    height, width = height - height % MULTIPLE, width - width % MULTIPLE
    cut = pixels[top : top + height, left : left + width].transpose(2, 0, 1).copy()
    return (torch.from_numpy(cut).float() / 255.0).unsqueeze(0)


def grey_crop(photo: Photo, *, short_side: int, x: float, y: float, size: int) -> Tensor:
    """The crop in grey (luma), ``(1, 1, size, size)``; arguments and errors of :func:`crop`."""
    grey = np.asarray(Image.fromarray(photo.pixels).convert("L"))
    layered = Photo(photo.name, np.repeat(grey[..., None], 3, axis=2), photo.digest)
    return crop(layered, short_side=short_side, x=x, y=y, size=size)[:, :1]

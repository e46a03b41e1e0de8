"""Photos: bundled with scikit-image, or uploaded and checked; and crops of them.

Any picture becomes 8-bit sRGB ``(h, w, 3)``: rotated as its EXIF says, transparency laid on
white, 16 bit reduced to 8, CMYK, grey and palettes converted.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from core.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

SIZE = 160
"""Side of the crop that networks work on, in pixels (thesis, section 4.1)."""

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 80_000_000
KEEP_PIXELS = 4_000_000

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
    if name not in BUNDLED:
        raise UserError(f"There is no bundled photo “{name}”: choose one of {', '.join(BUNDLED)}.")
    return decode(files("skimage.data").joinpath(BUNDLED[name]).read_bytes(), name)


def open_photo(name_or_path: str) -> Photo:
    """A bundled photo by name, or any picture file by path; from disk TIFF is read too.

    Raises:
        UserError: if it is neither, or the file is not a usable picture.
    """
    if name_or_path in BUNDLED:
        return bundled(name_or_path)
    path = Path(name_or_path)
    if not path.is_file():
        raise UserError(
            f"“{name_or_path}” is neither a file nor a bundled photo: choose one of {', '.join(BUNDLED)}."
        )
    return decode(path.read_bytes(), path.name, (*FORMATS, "TIFF"))


def decode(content: bytes, name: str, formats: tuple[str, ...] = FORMATS) -> Photo:
    """Decode PNG, JPEG or WebP bytes in bounded memory.

    Pictures of more than :data:`KEEP_PIXELS` are shrunk to it.

    Raises:
        UserError: one sentence, if the bytes are no such picture, damaged, too large, or too
            small to cut a crop from.
    """
    if not content:
        raise UserError(f"{name} is empty: choose another file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=formats) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise UserError(_too_large(name, f"{width}×{height} pixels"))
                if min(width, height) < SIZE:
                    raise UserError(
                        f"{name} has {width}×{height} pixels: choose one of at least {SIZE}×{SIZE}."
                    )
                if width * height > KEEP_PIXELS:
                    scale = (KEEP_PIXELS / (width * height)) ** 0.5
                    image.draft("RGB", (int(width * scale), int(height * scale)))
                image.load()
                return Photo.of(name, _to_srgb(_shrunk(image)))
    except Image.DecompressionBombError as error:
        raise UserError(_too_large(name, "far too many pixels")) from error
    except UnidentifiedImageError as error:
        raise UserError(f"{name} is not a PNG, JPEG or WebP picture: choose another file.") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError) as error:
        raise UserError(f"{name} is damaged and cannot be read to its end: choose another file.") from error


def _too_large(name: str, how: str) -> str:
    return f"{name} has {how}: choose one of at most {MAX_PIXELS // 1_000_000} megapixels."


def _shrunk(image: Image.Image) -> Image.Image:
    width, height = image.size
    scale = (KEEP_PIXELS / (width * height)) ** 0.5
    if scale >= 1:
        return image
    # Keep a crop possible even in a very long picture.
    scale = max(scale, SIZE / min(width, height))
    if image.mode in ("P", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    size = (max(SIZE, round(width * scale)), max(SIZE, round(height * scale)))
    if image.mode.startswith("I"):
        image = Image.fromarray(_eight_bit(image))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = image.info
    return small


def _eight_bit(image: Image.Image) -> np.ndarray:
    """16-bit grey (0-65535) to 8 bit; PIL's own conversion would clip it to white."""
    values = np.asarray(image).astype(np.float32)
    return (np.clip(values, 0, 65535) / 257.0).round().astype(np.uint8)


def _to_srgb(image: Image.Image) -> np.ndarray:
    profile = image.info.get("icc_profile")
    orientation = ImageOps.exif_transpose(image)
    if orientation.mode.startswith("I"):
        orientation = Image.fromarray(_eight_bit(orientation))
    if orientation.mode in ("LA", "PA", "La") or "transparency" in image.info:
        orientation = orientation.convert("RGBA")
    alpha = orientation.getchannel("A") if orientation.mode == "RGBA" else None
    colours = orientation.convert("RGB") if alpha is not None else orientation
    colours = _through_profile(colours, profile).convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", colours.size, "white")
        white.paste(colours, mask=alpha)
        colours = white
    return np.ascontiguousarray(np.asarray(colours, dtype=np.uint8))


def _through_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB through an embedded colour profile; without a usable one, unchanged."""
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if converted is not None else image


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

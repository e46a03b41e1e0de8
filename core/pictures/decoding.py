"""The one decoder of pictures: any of them becomes 8-bit sRGB ``(h, w, 3)``, in bounded memory.

Turned as its EXIF says, transparency laid on white, whatever its mode (:func:`_plain` has the rule).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from core.base.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP")
"""Taken from a browser, as Pillow calls them."""

ON_DISK = (*FORMATS, "TIFF", "BMP")
"""Taken from disk."""

MAX_PIXELS = 80_000_000

_OTHERWISE = "choose another file or remove this one"


def pixels_of(
    content: bytes, name: str, formats: Sequence[str] = ON_DISK, *, smallest: int = 1, keep: int = MAX_PIXELS
) -> np.ndarray:
    """A picture's pixels, uint8 ``(h, w, 3)`` sRGB: the decoder behind everything that reads photos.

    Args:
        content: of the file.
        name: what messages call it.
        formats: what is taken, as Pillow calls it.
        smallest: shorter side, in pixels, below which a picture is refused.
        keep: pixels above which a picture is shrunk (Lanczos).

    Raises:
        UserError: one sentence, if the bytes are no such picture, damaged, too large or too small.
    """
    if not content:
        raise UserError(f"{name} is empty: {_OTHERWISE}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures, and of metadata that nobody needs
            with Image.open(io.BytesIO(content), formats=list(formats)) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise UserError(_too_large(name, f"{width}×{height} pixels"))
                if min(width, height) < smallest:
                    raise UserError(
                        f"{name} has {width}×{height} pixels: choose one of at least {smallest}×{smallest}."
                    )
                if width * height > keep:
                    scale = (keep / (width * height)) ** 0.5
                    image.draft("RGB", (int(width * scale), int(height * scale)))
                return _decoded(image, name, keep, smallest)
    except UserError:
        raise
    except Image.DecompressionBombError as error:
        raise UserError(_too_large(name, "far too many pixels")) from error
    except UnidentifiedImageError as error:
        kinds = "PNG, JPEG, WebP, TIFF or BMP" if "TIFF" in formats else "PNG, JPEG or WebP"
        raise UserError(f"{name} is not a {kinds} picture: {_OTHERWISE}.") from error
    except Exception as error:  # whatever damaged bytes make Pillow raise
        raise UserError(f"{name} is damaged and cannot be read to its end: {_OTHERWISE}.") from error


def _too_large(name: str, how: str) -> str:
    return f"{name} has {how}: choose one of at most {MAX_PIXELS // 1_000_000} megapixels."


def _decoded(image: Image.Image, name: str, keep: int, smallest: int) -> np.ndarray:
    """One way for every picture: 8 bits, shrunk, to sRGB, laid on white, turned."""
    raw = _raw_mode(image)
    image.load()
    small = _shrunk(_plain(image, raw, name), keep, smallest)
    alpha = small.getchannel("A") if small.mode in ("LA", "RGBA") else None
    colours = small.convert({"LA": "L", "RGBA": "RGB"}[small.mode]) if alpha is not None else small
    colours = _through_profile(colours, image.info.get("icc_profile")).convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", colours.size, "white")
        white.paste(colours, mask=alpha)
        colours = white
    turn = _turn(image)
    return np.ascontiguousarray(colours if turn is None else colours.transpose(turn), dtype=np.uint8)


def _raw_mode(image: Image.Image) -> str:
    """How the file arranges the bits of a picture that is not loaded yet, as Pillow calls it."""
    if not isinstance(image, ImageFile) or not image.tile:
        return image.mode
    found = image.tile[0].args
    return str(found if isinstance(found, str) else found[0] if found else image.mode)


_KEY_SCALES = {"L;2": 85.0, "L;4": 17.0, "RGB;16B": 1 / 256}
"""From a transparent colour as a PNG says it to the 8 bits that Pillow makes of its pixels."""


def _plain(image: Image.Image, raw: str, name: str) -> Image.Image:
    """The rule for every mode: L, LA, RGB, RGBA or CMYK of 8 bits, the values kept.

    - 1: black and white. P, PA: the palette's colours, with their transparency.
    - YCbCr, LAB, HSV, RGBX: RGB. La, RGBa: divided by their alpha.
    - I;16 and its variants, I: 0 is black and 65535 white (12 bits: 4095). F: 0 is black and 1 white.
      Nobody knows the white of a picture with values beyond.
    - A colour that is declared transparent has alpha 0 wherever it stands, exactly.

    Args:
        image: loaded.
        raw: see :func:`_raw_mode`.
        name: what messages call it.

    Raises:
        UserError: if values lie beyond black and white.
    """
    mode, key = image.mode, image.info.get("transparency")
    if mode in ("P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if mode == "F" or mode.startswith("I"):
        white = 1 if mode == "F" else 4095 if raw == "I;12" else 65535
        plain = Image.fromarray(_eight_bit(np.asarray(image), white, name))
    elif mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        plain = image
    else:
        plain = image.convert({"1": "L", "La": "LA", "RGBa": "RGBA"}.get(mode, "RGB"))
    if key is None or plain.mode not in ("L", "RGB"):
        return plain
    values = np.asarray(image if mode.startswith("I") else plain)
    same = values == np.floor(np.multiply(key, _KEY_SCALES.get(raw, 1.0)))
    if same.ndim == 3:
        same = same.all(axis=2)
    plain = plain.copy()
    plain.putalpha(Image.fromarray(np.where(same, 0, 255).astype(np.uint8)))
    return plain


def _eight_bit(values: np.ndarray, white: int, name: str) -> np.ndarray:
    """Grey values of a wider range to 0-255; Pillow's own conversions clip them to white."""
    low, high = values.min(), values.max()
    if not 0 <= low <= high <= white:
        raise UserError(
            f"{name} has grey values from {low:g} to {high:g}, not between 0 and {white}: "
            "save it with 8 or 16 bits."
        )
    grey = values.astype(np.float32)
    grey *= 255.0 / white
    return np.rint(grey, out=grey).astype(np.uint8)


def _shrunk(image: Image.Image, keep: int, smallest: int) -> Image.Image:
    width, height = image.size
    scale = (keep / (width * height)) ** 0.5
    if scale >= 1:
        return image
    # Keep a crop possible even in a very long picture.
    scale = max(scale, smallest / min(width, height))
    size = (max(smallest, round(width * scale)), max(smallest, round(height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _through_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB through an embedded colour profile; without one of the image's mode, unchanged."""
    if not profile:
        return image
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except Exception:  # whatever an unusable profile makes Pillow raise: the picture itself is sound
        return image
    return converted if converted is not None else image


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # whatever a damaged block makes Pillow raise: the picture itself is sound
        return None

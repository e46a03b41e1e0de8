"""Uploads of every kind: the right picture or one clear sentence."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from core import images
from core.errors import UserError

NOISE = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)


def smooth(height: int = 200, width: int = 240) -> np.ndarray:
    """A picture with a different gradient in each channel, so that rotations show."""
    rows, columns = np.mgrid[0:height, 0:width]
    channels = (rows / height, columns / width, (rows + columns) / (height + width))
    return (np.stack(channels, axis=-1) * 255).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def difference(photo: images.Photo, expected: np.ndarray) -> float:
    assert photo.pixels.shape == expected.shape
    assert photo.pixels.dtype == np.uint8
    return float(np.abs(photo.pixels.astype(int) - expected).mean())


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [("PNG", {}, 0.0), ("JPEG", {"quality": 95}, 2.0), ("WEBP", {"lossless": True}, 0.0)],
)
def test_formats(kind: str, options: dict[str, object], tolerance: float) -> None:
    photo = images.decode(encoded(Image.fromarray(smooth()), kind, **options), "photo")
    assert difference(photo, smooth()) <= tolerance


def test_grey_and_grey_with_alpha() -> None:
    grey = smooth()[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=2)
    for image in (Image.fromarray(grey), Image.fromarray(grey).convert("LA")):
        assert difference(images.decode(encoded(image, "PNG"), "grey"), expected) == 0


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    grey = smooth()[..., 0]
    wide = Image.fromarray(grey.astype(np.uint16) * 257)
    content = encoded(wide, "PNG")
    with Image.open(io.BytesIO(content)) as check:
        assert check.mode.startswith("I")
    assert difference(images.decode(content, "16 bit"), np.repeat(grey[..., None], 3, axis=2)) == 0


def test_sixteen_bit_colour() -> None:
    colours = smooth()
    height, width = colours.shape[:2]
    raw = (colours.astype(">u2") * 257).tobytes()
    lines = b"".join(b"\0" + raw[y * width * 6 : (y + 1) * width * 6] for y in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    assert difference(images.decode(content, "rgb48.png"), colours) == 0


def test_cmyk() -> None:
    cmyk = Image.fromarray(smooth()).convert("CMYK")
    photo = images.decode(encoded(cmyk, "JPEG", quality=95), "print.jpg")
    assert difference(photo, smooth()) < 3


def test_palette() -> None:
    palette = Image.fromarray(smooth()).quantize(256)
    expected = np.asarray(palette.convert("RGB"))
    assert difference(images.decode(encoded(palette, "PNG"), "palette"), expected) == 0


def test_alpha_is_laid_on_white() -> None:
    pixels = np.dstack([smooth(), np.full(smooth().shape[:2], 255, np.uint8)])
    pixels[:50, :, 3] = 0
    expected = smooth()
    expected[:50] = 255
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        photo = images.decode(encoded(Image.fromarray(pixels), kind, **options), "alpha")
        assert difference(photo, expected) == 0


def test_transparent_palette() -> None:
    palette = Image.fromarray(smooth()).quantize(16)
    content = encoded(palette, "PNG", transparency=0)
    expected = np.asarray(palette.convert("RGB")).copy()
    expected[np.asarray(palette) == 0] = 255
    assert difference(images.decode(content, "transparent"), expected) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation(orientation: int) -> None:
    stored = smooth()
    turned = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: np.rot90(stored, -1),
        7: np.rot90(stored.transpose(1, 0, 2), 2),
        8: np.rot90(stored, 1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(Image.fromarray(stored), "JPEG", quality=95, exif=exif)
    assert difference(images.decode(content, "phone.jpg"), turned) < 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"Dear sir or madam", "not a PNG, JPEG or WebP"),
        (encoded(Image.fromarray(smooth()), "PNG")[:2000], "damaged"),
        (encoded(Image.fromarray(NOISE), "JPEG")[:3000], "damaged"),
        (encoded(Image.fromarray(smooth()), "WEBP")[:200], "damaged|not a PNG"),
        (encoded(Image.fromarray(smooth()), "GIF"), "not a PNG, JPEG or WebP"),
        (encoded(Image.fromarray(smooth(30, 30)), "PNG"), "30×30 pixels: choose one of at least 160×160"),
    ],
)  # fmt: skip
def test_bad_files_get_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        images.decode(content, "file.png")
    assert "\n" not in str(caught.value)


def _bomb(side: int) -> bytes:
    """A PNG header that promises side × side pixels, with next to nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


_DECODE_AND_PRINT_PEAK = """
import resource, sys
from core import images
from core.errors import UserError
content = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    photo = images.decode(content, "file")
    print(*photo.pixels.shape, *photo.pixels.reshape(-1, 3).mean(0))
except UserError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def _decode_alone(content: bytes) -> tuple[str, float]:
    """What decoding says, and by how many MiB it raises the peak of a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _DECODE_AND_PRINT_PEAK], input=content, capture_output=True, check=True
    )
    says, peak = done.stdout.decode().splitlines()
    return says, float(peak)


@pytest.mark.parametrize("side", [9_100, 50_000])
def test_decompression_bomb_is_refused_unread(side: int) -> None:
    says, peak = _decode_alone(_bomb(side))
    assert "at most 80 megapixels" in says
    assert peak < 50


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_sixty_megapixels_in_bounded_memory(kind: str) -> None:
    says, peak = _decode_alone(encoded(Image.new("RGB", (10_000, 6_000), (200, 100, 50)), kind))
    height, width, _, *colour = map(float, says.split())
    assert height * width <= images.KEEP_PIXELS * 1.01
    assert width / height == pytest.approx(10 / 6, rel=1e-2)
    assert np.abs(np.subtract(colour, (200, 100, 50))).max() < 2
    # One decoded copy of 60 megapixels is 172 to 229 MiB; there must not be two.
    assert peak < 350


def test_a_very_long_picture_keeps_room_for_a_crop() -> None:
    photo = images.decode(encoded(Image.new("RGB", (200, 100_000)), "PNG"), "strip.png")
    assert photo.short_side >= images.SIZE


def test_bundled_photos_are_all_there() -> None:
    for name in images.BUNDLED:
        photo = images.bundled(name)
        assert photo.short_side >= images.SIZE
        assert images.crop(photo, short_side=192, x=1.0, y=0.0).shape == (1, 3, 160, 160)
    with pytest.raises(UserError, match="no bundled photo"):
        images.bundled("mona_lisa")


def test_crop_is_cut_where_it_says() -> None:
    photo = images.Photo.of("smooth", smooth())
    cut = images.crop(photo, short_side=0, x=1.0, y=0.5)
    expected = smooth()[20:180, 80:240].transpose(2, 0, 1) / 255.0
    np.testing.assert_allclose(cut[0].numpy(), expected, atol=1e-7)
    with pytest.raises(UserError, match="below the crop"):
        images.crop(photo, short_side=100, x=0.5, y=0.5)


def test_resizing_never_enlarges() -> None:
    photo = images.Photo.of("smooth", smooth())
    assert images.resized(photo, 4000) is photo.pixels
    assert images.resized(photo, 170).shape == (170, 204, 3)


def test_open_photo_by_path(tmp_path: object) -> None:
    path = f"{tmp_path}/mine.png"
    Image.fromarray(smooth()).save(path)
    assert np.array_equal(images.open_photo(path).pixels, smooth())
    with pytest.raises(UserError, match="neither a file nor a bundled photo"):
        images.open_photo("/no/such/file.png")

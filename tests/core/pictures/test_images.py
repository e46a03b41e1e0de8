"""Uploads of every kind: the right picture or one clear sentence."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from core.base.errors import UserError
from core.pictures import images
from core.pictures.decoding import ON_DISK

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
from core.pictures import images
from core.pictures.decoding import ON_DISK
from core.base.errors import UserError
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


# -- one rule for every mode -----------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(rows: list[bytes], width: int, depth: int, colours: int, key: bytes) -> bytes:
    """A PNG by hand, with a colour that is declared transparent: Pillow cannot write every kind."""
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colours, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = (b"IHDR", header), (b"tRNS", key), (b"IDAT", body), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def grey_of(height: int, width: int) -> np.ndarray:
    return smooth(height, width)[..., 2]


def _wide(height: int, width: int) -> np.ndarray:
    return grey_of(height, width).astype(np.uint16) * 257


MODES: dict[str, tuple[Callable[[int, int], Image.Image], str]] = {
    "1": (lambda h, w: Image.fromarray(grey_of(h, w) > 100), "PNG"),
    "L": (lambda h, w: Image.fromarray(grey_of(h, w)), "PNG"),
    "LA": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("LA"), "PNG"),
    "P": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("P"), "PNG"),
    "PA": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("P").convert("PA"), "TIFF"),
    "RGB": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("RGB"), "BMP"),
    "RGBX": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("RGB").convert("RGBX"), "TIFF"),
    "RGBA": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("RGBA"), "TIFF"),
    "CMYK": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("RGB").convert("CMYK"), "TIFF"),
    "YCbCr": (lambda h, w: Image.fromarray(grey_of(h, w)).convert("RGB").convert("YCbCr"), "TIFF"),
    "LAB": (lambda h, w: _lab(Image.fromarray(grey_of(h, w)).convert("RGB")), "TIFF"),
    "I;16": (lambda h, w: Image.fromarray(_wide(h, w)), "PNG"),
    "I;16 TIFF": (lambda h, w: Image.fromarray(_wide(h, w)), "TIFF"),
    "I;16B": (lambda h, w: _big_endian(_wide(h, w)), "TIFF"),
    "I": (lambda h, w: Image.fromarray(_wide(h, w).astype(np.int32)), "TIFF"),
    "F": (lambda h, w: Image.fromarray(grey_of(h, w).astype(np.float32) / 255), "TIFF"),
}
"""The same grey picture in every mode that a file can have."""


def _lab(image: Image.Image) -> Image.Image:
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    converted = ImageCms.applyTransform(image, to_lab)
    assert converted is not None
    return converted


def _big_endian(values: np.ndarray) -> Image.Image:
    height, width = values.shape
    return Image.frombytes("I;16B", (width, height), values.astype(">u2").tobytes())


@pytest.fixture
def _small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are shrunk that have more pixels than this, for speed instead of four million."""
    monkeypatch.setattr(images, "KEEP_PIXELS", 160_000)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(200, 240), (400, 480)], ids=["kept", "shrunk"])
@pytest.mark.usefixtures("_small_room")
def test_one_picture_is_the_same_in_every_mode_and_size(mode: str, size: tuple[int, int]) -> None:
    build, kind = MODES[mode]
    content = encoded(build(*size), kind)
    with Image.open(io.BytesIO(content)) as check:
        assert check.mode == mode.removesuffix(" TIFF").replace("RGBX", "RGB")
    photo = images.decode(content, "photo", ON_DISK)
    height, width = photo.pixels.shape[:2]
    expected = grey_of(height, width).astype(int)
    if mode == "1":
        expected = 255 * (expected > 100)
    apart = np.abs(photo.pixels.astype(int) - expected[..., None]).max(axis=2)
    assert np.percentile(apart, 98) <= 2  # JPEG-like rounding; 1 bit has an edge, too


def test_float_pictures_are_read_from_black_0_to_white_1() -> None:
    grey = np.linspace(0, 1, 200 * 240, dtype=np.float32).reshape(200, 240)
    photo = images.decode(encoded(Image.fromarray(grey), "TIFF"), "float.tif", ON_DISK)
    np.testing.assert_allclose(photo.pixels[..., 0] / 255.0, grey, atol=0.51 / 255)


@pytest.mark.parametrize("factor", [255.0, -1.0, float("nan"), 1.1])
def test_floats_that_no_white_is_known_of_are_refused(factor: float) -> None:
    grey = np.full((200, 240), factor, np.float32)
    with pytest.raises(UserError, match=r"float\.tif has grey values from .* not between 0 and 1: save it"):
        images.decode(encoded(Image.fromarray(grey), "TIFF"), "float.tif", ON_DISK)


def test_integers_beyond_16_bits_are_refused() -> None:
    grey = np.full((200, 240), 70_000, np.int32)
    with pytest.raises(UserError, match="not between 0 and 65535"):
        images.decode(encoded(Image.fromarray(grey), "TIFF"), "deep.tif", ON_DISK)


def test_twelve_bits_reach_white() -> None:
    """A TIFF by hand: two values in three bytes, as microscopes and cameras write them."""
    values = np.tile(np.linspace(0, 4095, 240).astype(np.uint32), (200, 1))
    first, second = values[:, ::2], values[:, 1::2]
    body = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=-1).astype(np.uint8)
    tags = {256: 240, 257: 200, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 200, 279: body.size}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    content = (
        b"II*\0" + struct.pack("<I", 8 + body.size) + body.tobytes()
        + struct.pack("<H", len(tags)) + directory + bytes(4)
    )  # fmt: skip
    photo = images.decode(content, "12 bit.tif", ON_DISK)
    np.testing.assert_allclose(photo.pixels[..., 0] / 255, values / 4095, atol=0.51 / 255)


def _packed(values: np.ndarray, bits: int) -> list[bytes]:
    """Rows of grey values, several in a byte."""
    each = 8 // bits
    parts = values.reshape(len(values), -1, each).astype(np.uint8)
    shifts = np.arange(8 - bits, -1, -bits)
    return [row.tobytes() for row in (parts << shifts).sum(axis=2).astype(np.uint8)]


@pytest.mark.parametrize("side", [200, 480], ids=["kept", "shrunk"])
@pytest.mark.usefixtures("_small_room")
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_is_white_at_every_depth(depth: int, side: int) -> None:
    white = 2**depth - 1
    values = np.zeros((side, side), np.uint32)
    values[: side // 2] = white if depth == 1 else white // 3  # the grey that is declared transparent
    values[-side // 4 :, : side // 2] = 0 if depth == 1 else white // 3 - 1
    rows = [row.tobytes() for row in values.astype(">u2")] if depth == 16 else _packed(values, depth)
    content = png(rows, side, depth, 0, struct.pack(">H", int(values[0, 0])))
    shown = images.decode(content, "grey.png").pixels[..., 0]
    assert shown[len(shown) // 4].min() == 255
    assert shown[-10].tolist() == pytest.approx(
        np.where(np.arange(len(shown)) < len(shown) // 2, 255 * values[-10, 0] / white, 0), abs=25
    )
    assert shown[-10, 0] == pytest.approx(255 * values[-10, 0] / white, abs=1)


def test_a_transparent_colour_of_16_bits_is_white() -> None:
    values = np.full((200, 200, 3), 30_000, ">u2")
    values[:50] = (10_000, 20_000, 30_000)
    key = struct.pack(">HHH", 10_000, 20_000, 30_000)
    photo = images.decode(png([row.tobytes() for row in values], 200, 16, 2, key), "rgb48.png")
    assert photo.pixels[:50].min() == 255
    assert np.abs(photo.pixels[50:].astype(int) - 30_000 / 257).max() <= 1


def _red_and_green_swapped() -> bytes:
    """A profile whose effect cannot be overlooked: sRGB with its first two primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"....", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"....", b"gXYZ", 1)


COLOURED: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "P": (lambda rgb: rgb.quantize(256), "PNG"),
    "PA": (lambda rgb: rgb.quantize(256).convert("PA"), "TIFF"),
    "RGB": (lambda rgb: rgb, "PNG"),
    "RGBA": (lambda rgb: rgb.convert("RGBA"), "PNG"),
    "RGBX": (lambda rgb: rgb.convert("RGBX"), "TIFF"),
    "YCbCr": (lambda rgb: rgb.convert("YCbCr"), "TIFF"),
    "JPEG": (lambda rgb: rgb, "JPEG"),
    "WEBP": (lambda rgb: rgb, "WEBP"),
}


@pytest.mark.parametrize("mode", COLOURED)
@pytest.mark.parametrize("size", [(200, 240), (400, 480)], ids=["kept", "shrunk"])
@pytest.mark.usefixtures("_small_room")
def test_a_colour_profile_counts_in_every_mode_and_size(mode: str, size: tuple[int, int]) -> None:
    build, kind = COLOURED[mode]
    content = encoded(build(Image.fromarray(smooth(*size))), kind, icc_profile=_red_and_green_swapped())
    photo = images.decode(content, "photo", ON_DISK)
    expected = smooth(*photo.pixels.shape[:2])[..., [1, 0, 2]]
    assert np.abs(photo.pixels.astype(int) - expected).mean() < 6  # 256 colours of a palette are coarse


# -- of the metadata only the orientation is wanted ------------------------------------------


def with_exif(block: bytes, kind: str = "JPEG") -> bytes:
    """A picture with these bytes as its EXIF block, sound or not."""
    if kind == "PNG":
        plain = encoded(Image.fromarray(smooth()), "PNG")
        return plain[:33] + chunk(b"eXIf", block) + plain[33:]
    if kind == "WEBP":
        return encoded(Image.fromarray(smooth()), "WEBP", lossless=True, exif=b"Exif\0\0" + block)
    body = b"Exif\0\0" + block
    plain = encoded(Image.fromarray(smooth()), "JPEG", quality=95)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """A little-endian EXIF block of (tag, type, count, value or offset)."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + bytes(4)


ORIENTATION = (0x0112, 3, 1, 6)


@pytest.mark.parametrize(
    "entries",
    [
        [ORIENTATION],
        [ORIENTATION, (0x0103, 4, 1, 0xFFFFFFFF)],  # a number that its type cannot be written back with
        [ORIENTATION, (0x010F, 3, 4, 8), (0x0131, 5, 1, 12)],  # texts stored as numbers
        [(0x010E, 2, 0xFFFFFF, 0), ORIENTATION],  # a text longer than the file
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_whatever_else_its_exif_says(
    entries: list[tuple[int, int, int, int]], kind: str
) -> None:
    photo = images.decode(with_exif(directory(entries), kind), "phone")
    assert difference(photo, np.rot90(smooth(), -1)) < 2


def _any_turn(photo: images.Photo) -> bool:
    """Whether it is the test picture, in one of the eight positions."""
    pixels = photo.pixels.astype(int)
    turns = [np.rot90(side, quarter) for side in (smooth(), smooth()[:, ::-1]) for quarter in range(4)]
    return any(turn.shape == pixels.shape and np.abs(pixels - turn).mean() < 2 for turn in turns)


entry = st.tuples(
    st.sampled_from([0x0100, 0x0103, 0x010E, 0x0112, 0x011A, 0x0128, 0x0131, 0x8769, 0x8825, 0xA005])
    | st.integers(0, 0xFFFF),
    st.integers(0, 20),
    st.sampled_from([0, 1, 2, 1000, 0xFFFFFFFF]) | st.integers(0, 200),
    st.integers(0, 200) | st.integers(0, 0xFFFFFFFF),
)
block = st.one_of(
    st.binary(max_size=200),
    st.tuples(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0"]), st.binary(max_size=200)).map(b"".join),
    st.tuples(st.lists(entry, max_size=8).map(directory), st.binary(max_size=40)).map(b"".join),
)


@settings(max_examples=150)
@given(block, st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_no_exif_block_keeps_a_sound_photo_from_opening(block: bytes, kind: str) -> None:
    assert _any_turn(images.decode(with_exif(block, kind), "photo"))


@settings(max_examples=150)
@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_flipped_bytes_give_a_picture_or_one_sentence(data: st.DataObject, kind: str) -> None:
    content = bytearray(encoded(Image.fromarray(smooth(), "RGB"), kind))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    with suppress(UserError):
        assert images.decode(bytes(content), "photo").pixels.ndim == 3


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["RGB", "P", "L", "RGBA"]))
def test_no_colour_profile_keeps_a_sound_photo_from_opening(data: st.DataObject, mode: str) -> None:
    profile = bytearray(_red_and_green_swapped())
    for place in data.draw(st.lists(st.integers(0, len(profile) - 1), max_size=6)):
        profile[place] ^= data.draw(st.integers(1, 255))
    image = Image.fromarray(smooth()).convert(mode)
    shown = images.decode(encoded(image, "PNG", icc_profile=bytes(profile)), "photo").pixels
    assert shown.shape == smooth().shape

"""Uploaded photos in a folder that several servers share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.pictures.images import Photo
from core.zoo import photos


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path))
    return tmp_path


def photo(value: int) -> Photo:
    return Photo.of(f"{value}.jpg", np.full((20, 30, 3), value, np.uint8))


def test_what_one_server_keeps_another_finds() -> None:
    photos.keep(photo(1))
    found = photos.find(photo(1).digest)
    assert found is not None
    assert found.name == "1.jpg"
    assert (found.pixels == 1).all()


def test_a_link_opens_nothing_but_whole_photos(folder: Path) -> None:
    photos.keep(photo(1))
    (kept,) = folder.glob("photos/*")
    kept.rename(folder / "elsewhere.safetensors")
    for asked in (photo(1).digest, "../elsewhere", "", photo(2).digest):
        assert photos.find(asked) is None
    other = photo(2).digest
    (folder / "photos" / f"{other}.safetensors").write_bytes((folder / "elsewhere.safetensors").read_bytes())
    assert photos.find(other) is None, "another photo than its name says"
    (folder / "photos" / f"{other}.safetensors").write_bytes(b"half")
    assert photos.find(other) is None


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(photos, "ROOM", 3 * 2000)
    for age in range(4):
        photos.keep(photo(age))
        os.utime(photos._path(photo(age).digest), (age, age))
    assert [photos.find(photo(age).digest) is not None for age in range(4)] == [False, True, True, True]

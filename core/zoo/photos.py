"""Photos that people upload, by digest in a folder, so that every server that shares it has them too."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from core.base.errors import UserError, refusals_explained
from core.base.files import write_atomically
from core.pictures.images import Photo
from core.zoo import uploads

ROOM = 200 * 2**20
"""Bytes of photos that are kept; the oldest make room."""


def _path(digest: str) -> Path:
    return uploads.folder() / "photos" / f"{digest}.safetensors"


def keep(photo: Photo) -> None:
    """Put a photo into the folder, if it is not there; it is called the same there.

    Raises:
        UserError: if the system refuses the folder.
    """
    from safetensors.numpy import save

    path = _path(photo.digest)
    if path.exists():
        return
    uploads.prepare()
    content = save({"pixels": photo.pixels}, {"name": photo.name})
    with refusals_explained(path.parent):
        there = sorted(path.parent.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
        room = ROOM - len(content) - sum(each.stat().st_size for each in there)
        while room < 0 and there:
            room += there[0].stat().st_size
            there.pop(0).unlink(missing_ok=True)
    write_atomically(path, content)


def find(digest: str) -> Photo | None:
    """The photo with this digest, if it is there and whole. Opens nothing else, whatever a link says."""
    from safetensors import SafetensorError, safe_open

    if not re.fullmatch("[0-9a-f]{16}", digest):
        return None
    with suppress(UserError, SafetensorError, KeyError), refusals_explained():
        with safe_open(_path(digest), framework="numpy") as file:
            found = Photo.of((file.metadata() or {})["name"], file.get_tensor("pixels"))
        return found if found.digest == digest else None
    return None

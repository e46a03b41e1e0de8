"""Folders of photos in memory, and crops of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.base.errors import UserError
from core.base.files import read_bytes
from core.pictures import images
from core.pictures.decoding import pixels_of


@dataclass(frozen=True)
class PhotoFolder:
    """Decoded photos: uint8 arrays ``(h, w, 3)``, or ``(h, w, 1)`` in grey, in order of file name.

    Attributes:
        names: file names.
        pictures: one array per name.
        digest: first 16 hexadecimal digits of a SHA-256 over names and file contents.
    """

    names: list[str]
    pictures: list[np.ndarray]
    digest: str

    @classmethod
    def read(
        cls,
        folder: Path | Sequence[Path],
        minimum: int = 160,
        limit: int | None = None,
        *,
        grey: bool = False,
    ) -> PhotoFolder:
        """Decode every photo below one folder, or several, whose shorter side is at least ``minimum``.

        They keep their size. A file that stands there twice counts once, which is logged.

        Raises:
            UserError: if there is no such photo, or a file cannot be read or decoded.
        """
        folders = [folder] if isinstance(folder, Path) else folder
        names, pictures, again = [], [], []
        contents: dict[bytes, Path] = {}
        sha = hashlib.sha256()
        for path in images.in_folders(*folders)[:limit]:
            content = read_bytes(path)
            digest = hashlib.sha256(content).digest()
            if contents.setdefault(digest, path) != path:
                again.append(path)
                continue
            sha.update(path.name.encode() + digest)
            picture = pixels_of(content, str(path))
            if grey:
                picture = np.asarray(Image.fromarray(picture).convert("L"))[..., None]
            if min(picture.shape[:2]) >= minimum:
                names.append(path.name)
                pictures.append(picture)
        images.log_passed_over(again, "the same files again")
        if not pictures:
            where = " and ".join(map(str, folders))
            raise UserError(f"{where} holds no photo of at least {minimum}x{minimum} pixels.")
        return cls(names, pictures, sha.hexdigest()[:16])

    def __len__(self) -> int:
        return len(self.pictures)

    def random_crops(self, count: int, size: int, generator: np.random.Generator) -> Tensor:
        """``(count, c, size, size)`` float32 in [0, 1]: random photos, places and mirrorings."""
        crops = []
        for index in generator.integers(len(self.pictures), size=count):
            picture = self.pictures[index]
            top = generator.integers(picture.shape[0] - size + 1)
            left = generator.integers(picture.shape[1] - size + 1)
            crop = picture[top : top + size, left : left + size]
            crops.append(crop[:, ::-1] if generator.integers(2) else crop)
        return _to_tensor(np.stack(crops))

    def centre_crops(self, size: int, batch: int) -> Iterator[Tensor]:
        """All photos' centre crops in order, ``(<= batch, c, size, size)`` at a time."""
        for first in range(0, len(self.pictures), batch):
            yield _to_tensor(np.stack([_centre(p, size) for p in self.pictures[first : first + batch]]))


def _centre(picture: np.ndarray, size: int) -> np.ndarray:
    top, left = (picture.shape[0] - size) // 2, (picture.shape[1] - size) // 2
    return picture[top : top + size, left : left + size]


def _to_tensor(pictures: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 255.0

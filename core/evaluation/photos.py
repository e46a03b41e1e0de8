"""The photos of an evaluation, decoded, in the order of their file names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.pictures import images


@dataclass(frozen=True, eq=False)
class Photos:
    """Photos of one folder.

    Attributes:
        dataset: the folder's name.
        photos: in order of file name.
    """

    dataset: str
    photos: tuple[images.Photo, ...]

    @classmethod
    def read(cls, folder: Path, limit: int | None = None, option: str = "--data") -> Photos:
        """Decode the first photos of a folder, see :func:`core.pictures.images.each_once`.

        Raises:
            UserError: if there is none, or one cannot be decoded.
        """
        return cls(
            folder.resolve().name, tuple(photo for _, photo in images.each_once(folder, limit, option))
        )

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(file name, digest of the decoded photo) of each."""
        return tuple((photo.name, photo.digest) for photo in self.photos)

    def of(self, digests: list[str]) -> list[images.Photo]:
        """Some of them, by digest."""
        by_digest = {photo.digest: photo for photo in self.photos}
        return [by_digest[digest] for digest in digests]

"""The photos of an evaluation: centre crops in memory, in the order of their file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.experiment.scenario import Scenario
from core.pictures import images


@dataclass(frozen=True, eq=False)
class Crops:
    """Crops as the Live lab makes them from a photo by default.

    Attributes:
        names: (file name, digest of the decoded photo) of each.
        pictures: uint8 ``(n, 3, 160, 160)``.
    """

    names: tuple[tuple[str, str], ...]
    pictures: Tensor

    def of(self, wanted: Sequence[tuple[str, str]]) -> Tensor:
        """The pictures ``(b, 3, 160, 160)`` of some of the names, uint8."""
        places = {name: place for place, name in enumerate(self.names)}
        return self.pictures[[places[name] for name in wanted]]


def read_crops(folder: Path, limit: int | None = None, option: str = "--data") -> Crops:
    """Decode and crop the first photos of a folder, see :func:`core.pictures.images.each_once`.

    Raises:
        UserError: if there is none, or one cannot be decoded or is too small.
    """
    standard = Scenario()
    names, pictures = [], []
    for path, photo in images.each_once(folder, limit, option):
        crop = images.crop(photo, short_side=standard.short_side, x=standard.crop_x, y=standard.crop_y)
        names.append((path.name, photo.digest))
        pictures.append((crop * 255.0).round().to(torch.uint8))
    return Crops(tuple(names), torch.cat(pictures))

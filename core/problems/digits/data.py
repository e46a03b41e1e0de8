"""The MNIST digits (LeCun, Cortes & Burges), read from their four idx files.

Pictures are float32 ``(n, 1, 28, 28)`` in [0, 1]; radii and noise levels of this problem are in
these units. torchvision fetches the files (:func:`download`); its reader takes unzipped ones only.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.base.errors import UserError
from core.base.files import read_bytes
from core.base.seeds import derive

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
EVALUATED = 1000
"""Test digits of the seeded evaluation set; the other 9,000 only describe a trained network."""

FOLDER = os.environ.get("LAB_MNIST") or None
"""Folder of the digits for the app, from the environment variable ``LAB_MNIST``; it works without."""


@dataclass(frozen=True)
class Digits:
    """Some digits.

    Attributes:
        pictures: ``(n, 1, 28, 28)`` float32 in [0, 1].
        labels: ``(n,)`` int64, 0 to 9.
        numbers: ``(n,)`` int64, their places in the files.
        digest: over the files they come from.
    """

    pictures: Tensor
    labels: Tensor
    numbers: Tensor
    digest: str

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, wanted: list[int]) -> Digits:
        """Those with some numbers, in that order."""
        places = {number: place for place, number in enumerate(self.numbers.tolist())}
        return self.take(torch.tensor([places[number] for number in wanted]))

    def take(self, places: Tensor) -> Digits:
        """The digits at some places of this set, in that order."""
        return Digits(self.pictures[places], self.labels[places], self.numbers[places], self.digest)


def read(folder: Path, part: str) -> Digits:
    """All digits of ``train`` (60,000) or ``test`` (10,000).

    Args:
        folder: holds the idx files, gzipped or not, or torchvision's ``MNIST/raw`` with them.
        part: ``train`` or ``test``.

    Raises:
        UserError: if a file is missing or is not an idx file of digits.
    """
    contents = [_content(folder, name) for name in FILES[part]]
    pictures, labels = (_idx(content, name) for content, name in zip(contents, FILES[part], strict=True))
    if pictures.ndim != 3 or pictures.shape[1:] != (28, 28) or labels.shape != pictures.shape[:1]:
        raise UserError(f"The files in {folder} are not 28x28 digits with a label each: fetch MNIST again.")
    return Digits(
        torch.from_numpy(pictures).unsqueeze(1).float() / 255.0,
        torch.from_numpy(labels).long(),
        torch.arange(len(labels)),
        hashlib.sha256(b"".join(contents)).hexdigest()[:16],
    )


def evaluation(folder: Path, count: int = EVALUATED) -> Digits:
    """The first ``count`` of the seeded evaluation set, ``EVALUATED`` test digits at most."""
    test = read(folder, "test")
    return test.take(_shuffled(len(test))[: min(count, EVALUATED)])


def validation(folder: Path) -> Digits:
    """The test digits outside the evaluation set: for the figures in a checkpoint's metadata.

    All 60,000 training digits are trained on, and nothing is chosen by these.
    """
    test = read(folder, "test")
    return test.take(_shuffled(len(test))[EVALUATED:])


def download(folder: Path) -> None:
    """Fetch the files by way of torchvision, if they are not there.

    Raises:
        UserError: if torchvision is missing or does not fit this torch, or the network fails.
    """
    try:
        from torchvision.datasets import MNIST
    except (ImportError, RuntimeError) as error:
        raise UserError(
            f"The digits are not in {folder} and torchvision, which would fetch them, does not load: install "
            "the one that fits this torch, or put the four MNIST .gz files there."
        ) from error
    try:
        MNIST(str(folder), download=True)
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"The digits could not be fetched ({error}): put the four MNIST .gz files into {folder}."
        ) from error


def _shuffled(count: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(derive(0, "digits-evaluation")).permutation(count))


def _content(folder: Path, name: str) -> bytes:
    for place in (folder, folder / "MNIST" / "raw"):
        for path in (place / name, place / f"{name}.gz"):
            if path.is_file():
                content = read_bytes(path)
                try:
                    return gzip.decompress(content) if path.suffix == ".gz" else content
                except (OSError, EOFError, zlib.error) as error:
                    raise UserError(f"{path} is damaged: fetch MNIST again.") from error
    raise UserError(
        f"{folder} does not hold {name}.gz: name the folder of the four MNIST files with --data, "
        "or fetch them with --download."
    )


def _idx(content: bytes, name: str) -> np.ndarray:
    """An idx file of bytes: two zero bytes, type 8, number of dimensions (1 or 3), lengths, values."""
    dimensions = {b"\0\0\x08\1": 1, b"\0\0\x08\3": 3}.get(content[:4], 0)
    header = 4 + 4 * dimensions
    shape = [int.from_bytes(content[first : first + 4]) for first in range(4, header, 4)]
    if not dimensions or len(content) != header + math.prod(shape):
        raise UserError(f"{name} is not an idx file of bytes: fetch MNIST again.")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()

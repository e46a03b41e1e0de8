"""MNIST files of made-up digits, for tests without the data set."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from core.problems.digits.data import FILES
from core.problems.digits.drawing import picture
from core.problems.digits.samples import SAMPLES


def write_mnist(
    folder: Path, *, gzipped: bool = True, train: int = 256, test: int = 40
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Write the four files: our samples, moved about a little, with some noise."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    clean = np.stack([picture(sample)[0, 0].numpy() for sample in SAMPLES])
    pictures, labels = {}, {}
    for part, count in (("train", train), ("test", test)):
        labels[part] = generator.integers(10, size=count).astype(np.uint8)
        moved = [np.roll(clean[label], generator.integers(-1, 2, size=2), (0, 1)) for label in labels[part]]
        noisy = np.stack(moved) + 0.02 * generator.standard_normal((count, 28, 28))
        pictures[part] = (noisy.clip(0, 1) * 255).astype(np.uint8)
        for values, name in zip((pictures[part], labels[part]), FILES[part], strict=True):
            header = b"\0\0\x08" + bytes([values.ndim]) + np.array(values.shape, ">u4").tobytes()
            content = header + values.tobytes()
            if gzipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return pictures, labels

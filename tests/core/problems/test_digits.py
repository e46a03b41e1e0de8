from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.errors import UserError
from core.problems.digits import data
from tests.core.digit_files import write_mnist


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("inside", ["", "MNIST/raw"])
def test_the_files_are_read_wherever_torchvision_or_a_person_puts_them(
    tmp_path: Path, gzipped: bool, inside: str
) -> None:
    pictures, labels = write_mnist(tmp_path / inside, gzipped=gzipped)
    digits = data.read(tmp_path, "test")
    assert digits.pictures.dtype == torch.float32
    np.testing.assert_allclose(digits.pictures[:, 0].numpy() * 255, pictures["test"], atol=1e-4)
    assert digits.labels.tolist() == labels["test"].tolist()
    assert len(data.read(tmp_path, "train")) == len(labels["train"])


def test_missing_damaged_and_foreign_files_get_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--data"):
        data.read(tmp_path, "test")
    write_mnist(tmp_path)
    name = tmp_path / f"{data.FILES['test'][0]}.gz"
    whole = name.read_bytes()
    name.write_bytes(whole[:100])
    with pytest.raises(UserError, match="damaged"):
        data.read(tmp_path, "test")
    name.write_bytes(whole[:100] + b"\xff" * 20 + whole[120:])
    with pytest.raises(UserError, match="damaged"):
        data.read(tmp_path, "test")
    name.write_bytes(gzip.compress(b"not an idx file"))
    with pytest.raises(UserError, match="not an idx file"):
        data.read(tmp_path, "test")
    name.write_bytes(gzip.compress(gzip.decompress(whole)[:-1]))
    with pytest.raises(UserError, match="not an idx file"):
        data.read(tmp_path, "test")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read")
def test_unreadable_digits_are_not_called_damaged(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    name = tmp_path / f"{data.FILES['test'][0]}.gz"
    name.unlink()
    name.symlink_to("/proc/self/mem")
    with pytest.raises(UserError, match=r"could not be used \("):
        data.read(tmp_path, "test")


def test_evaluation_and_validation_share_no_digit(tmp_path: Path) -> None:
    write_mnist(tmp_path, test=1200)
    evaluated, validated = data.evaluation(tmp_path), data.validation(tmp_path)
    assert len(evaluated) == data.EVALUATED
    assert sorted([*evaluated.numbers.tolist(), *validated.numbers.tolist()]) == list(range(1200))
    # A smaller evaluation is the beginning of the larger one.
    assert data.evaluation(tmp_path, 50).numbers.tolist() == evaluated.numbers[:50].tolist()
    whole = data.read(tmp_path, "test")
    assert torch.equal(evaluated.pictures, whole.pictures[evaluated.numbers])
    assert torch.equal(evaluated.labels, whole.labels[evaluated.numbers])


def test_download_without_torchvision_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torchvision.datasets", None)
    with pytest.raises(UserError, match=r"torchvision.*\.gz files"):
        data.download(tmp_path)

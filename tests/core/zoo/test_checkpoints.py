from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from core.base.errors import UserError
from core.base.files import write_atomically
from core.problems import PROBLEMS
from core.problems.names import Identity
from core.zoo import checkpoints, registry
from tests.conftest import untrained_checkpoint

PHOTOS = ["sr-x2-std", "sr-x4-rs-1.00", "sr-x2-adv-0.05", "sr-x2-rs-0.40-literal"]
DIGITS = ["digits-std", "digits-adv-sign", "digits-adv-l2", "digits-rs-0.25", "digits-rs-1.00"]
ODD = ["", "sr-x3-std", "sr-x2-std-0.10", "sr-x2-rs", "../sr-x2-std", "sr-x2-rs-0.1"]
ODD += ["digits", "digits-std-0.10", "digits-rs", "digits-rs-l2", "digits-adv-0.20", "digits-adv-linf"]


@pytest.mark.parametrize("name", [*PHOTOS, *DIGITS])
def test_names_round_trip(name: str) -> None:
    assert Identity.parse(name).name == name


@pytest.mark.parametrize("name", ODD)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="not a network's name"):
        Identity.parse(name)


@pytest.mark.parametrize(("problem", "name"), [("super_resolution", DIGITS[0]), ("digits", "sr-x2-std")])
def test_a_problem_refuses_the_names_of_another(problem: str, name: str) -> None:
    with pytest.raises(UserError, match=f"write {PROBLEMS[problem].examples[0]}"):
        PROBLEMS[problem].identity(name)


def test_round_trip_is_exact_in_float16(tmp_path: Path) -> None:
    path = untrained_checkpoint("sr-x2-rs-0.10", tmp_path)
    network, metadata = checkpoints.load("sr-x2-rs-0.10", tmp_path)
    assert not network.training
    assert (metadata.objective, metadata.level, metadata.factor) == ("smoothing", 0.1, 2)
    assert len(metadata.digest) == 16
    again = checkpoints.save(network, metadata, tmp_path / "again")
    with safe_open(path, "pt") as first, safe_open(again, "pt") as second:
        for key in first.keys():  # noqa: SIM118
            assert torch.equal(first.get_tensor(key), second.get_tensor(key))
            assert first.get_tensor(key).dtype in (torch.float16, torch.int64)
    assert path.stat().st_size < 1_050_000
    assert not list(tmp_path.glob(".*"))


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100_000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _pickle(path: Path) -> None:
    torch.save({"weights": torch.zeros(3)}, path)


def _foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)


def _other_architecture(path: Path) -> None:
    with safe_open(path, "pt") as file:
        header = file.metadata()
    save_file({"weight": torch.zeros(3)}, path, header)


def _newer_format(path: Path) -> None:
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        metadata = json.loads(file.metadata()["metadata"])
    save_file(tensors, path, {"metadata": json.dumps({**metadata, "format": 99})})


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_truncated, "damaged"),
        (_empty, "damaged"),
        (_pickle, "is a pickle or an archive"),
        (_foreign, "no metadata of ours"),
        (_other_architecture, "does not hold the weights of a unet"),
        (_newer_format, "format 99"),
    ],
)
def test_bad_files_get_one_sentence_and_the_others_go_on(
    spoil: object, sentence: str, untrained_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints"
    shutil.copytree(untrained_folder, folder)
    spoil(folder / "sr-x2-std.safetensors")  # type: ignore[operator]
    with pytest.raises(UserError, match=sentence) as caught:
        checkpoints.load("sr-x2-std", folder)
    assert "\n" not in str(caught.value)
    good, _ = checkpoints.find(folder)
    assert {"sr-x2-rs-0.10", "sr-x2-adv-0.02"} <= {metadata.name for metadata in good}
    checkpoints.load("sr-x2-rs-0.10", folder)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to("/proc/self/mem")


def _hostile_shape(path: Path) -> None:
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        metadata = json.loads(file.metadata()["metadata"])
    save_file(tensors, path, {"metadata": json.dumps({**metadata, "architecture": "vit"})})


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_folder, r"could not be used \(.*\): it is a folder and no file: move it elsewhere"),
        (_unreadable, r"could not be used \(.*\): check the name, and who may read"),
        (_hostile_shape, "does not hold the weights of a vit: copy it again or delete it"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_called_damaged(
    spoil: object, sentence: str, untrained_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints"
    shutil.copytree(untrained_folder, folder)
    path = folder / "sr-x2-std.safetensors"
    spoil(path)  # type: ignore[operator]
    with pytest.raises(UserError, match=sentence) as caught:
        checkpoints.load("sr-x2-std", folder)
    assert str(path) in str(caught.value)
    assert "damaged" not in str(caught.value)
    good, bad = checkpoints.find(folder, weights=True)
    assert len(good) == 2
    assert bad == [str(caught.value)]


def test_renamed_file_says_what_it_is(untrained_folder: Path, tmp_path: Path) -> None:
    shutil.copy(untrained_folder / "sr-x2-std.safetensors", tmp_path / "sr-x2-adv-0.10.safetensors")
    with pytest.raises(UserError, match=r"says inside that it is sr-x2-std.*rename it back"):
        checkpoints.load("sr-x2-adv-0.10", tmp_path)
    good, bad = checkpoints.find(tmp_path)
    assert not good
    assert len(bad) == 1


def test_missing_network_points_to_the_list(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="python -m core models"):
        checkpoints.load("sr-x2-std", tmp_path)


def test_weights_beyond_float16_are_not_stored(tmp_path: Path) -> None:
    untrained_checkpoint("sr-x2-std", tmp_path)
    network, metadata = checkpoints.load("sr-x2-std", tmp_path)
    next(network.parameters()).data.fill_(1e6)
    with pytest.raises(ValueError, match="beyond float16"):
        checkpoints.save(network, metadata, tmp_path)
    checkpoints.load("sr-x2-std", tmp_path)


def test_full_disk_says_so_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_shipped_checkpoints_are_small_and_readable() -> None:
    good, bad = checkpoints.find()
    assert not bad
    names = {metadata.name for metadata in good}
    assert {"sr-x2-std", "sr-x2-rs-0.10", "sr-x2-rs-0.40", "sr-x2-adv-0.02", "sr-x2-adv-0.10"} <= names
    for metadata in good:
        network, _ = checkpoints.load(metadata.name)
        assert all(torch.isfinite(p).all() for p in network.parameters())
        networks = 2 if metadata.denoiser else 1  # f and the one before it
        size = (checkpoints.FOLDER / f"{metadata.name}.safetensors").stat().st_size
        assert size < networks * 1_100_000


def test_every_problem_lists_its_shipped_networks() -> None:
    """Those of super-resolution also in the problem of the small picture, whatever their training."""
    found = {problem: {m.name for m in registry.find(problem=problem)[0]} for problem in PROBLEMS}
    assert all(found.values())
    again = {name.replace("sr-", "lr-", 1) for name in found["super_resolution"]}
    assert again <= found["small_picture"]
    assert all(registry.describe(name).name == name for names in found.values() for name in names)

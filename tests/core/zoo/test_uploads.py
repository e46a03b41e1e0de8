"""Networks from a browser: what is taken, under which name, and what every other file is told."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from core.base.errors import UserError
from core.base.progress import finish
from core.experiment.run import run
from core.networks.unet import UNet
from core.problems.names import OWN, Identity
from core.problems.super_resolution import SUPER_RESOLUTION
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.runtime.session import Lab
from core.training import recipes
from core.zoo import checkpoints, elsewhere, registry, uploads
from pages.widgets.models import model_table
from tests.conftest import untrained_checkpoint


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path / "added"))
    return tmp_path / "added"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return untrained_checkpoint("sr-x2-rs-0.15", tmp_path_factory.mktemp("mine"), seed=7).read_bytes()


def changed(
    content: bytes,
    metadata: dict[str, Any] | None = None,
    tensors: Callable[[dict[str, torch.Tensor]], None] = lambda tensors: None,
) -> bytes:
    """The same file with some metadata or weights replaced."""
    length = int.from_bytes(content[:8], "little")
    said = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["metadata"])
    weights = load(content)
    tensors(weights)
    return save(weights, {"metadata": json.dumps({**said, **(metadata or {})})})


def test_a_network_gets_a_name_of_its_own_and_runs(good: bytes) -> None:
    metadata = uploads.add(good, "mine.safetensors")
    assert metadata.name == f"sr-x2-rs-0.15{OWN}{metadata.digest[:8]}"
    assert uploads.add(good, "again.safetensors") == metadata
    assert metadata in registry.find(weights=True)[0]
    scenario = Scenario(checkpoint=metadata.name, compare=("sr-x2-std",), attack_steps=1, samples=2)
    outcome = finish(run(scenario, Lab()))
    assert outcome.digests[metadata.name] == metadata.digest
    module, _ = checkpoints.load(metadata.name, uploads.folder())
    assert torch.equal(module.head.weight, load(good)["head.weight"].float())


def test_two_networks_of_one_recipe_do_not_clash(good: bytes, tmp_path: Path) -> None:
    other = untrained_checkpoint("sr-x2-rs-0.15", tmp_path, seed=8).read_bytes()
    assert uploads.add(good, "a").name != uploads.add(other, "b").name
    assert len([m for m in registry.find(problem="super_resolution")[0] if OWN in m.name]) == 2


def test_a_shipped_networks_name_stays_its_own(tmp_path: Path) -> None:
    shipped = (checkpoints.FOLDER / "sr-x2-std.safetensors").read_bytes()
    with pytest.raises(UserError, match="is sr-x2-std, which is here already: choose it"):
        uploads.add(shipped, "mine.safetensors")
    mine = untrained_checkpoint("sr-x2-std", tmp_path).read_bytes()
    added = uploads.add(mine, "mine.safetensors")
    assert added.name.startswith(f"sr-x2-std{OWN}")
    assert (
        registry.describe("sr-x2-std").digest
        == checkpoints.describe(checkpoints.FOLDER / "sr-x2-std.safetensors").digest
    )


def _pickled(good: bytes) -> bytes:
    return pickle.dumps({"weights": [1.0]})


def _torch_saved(good: bytes) -> bytes:
    buffer = io.BytesIO()
    torch.save({"weight": torch.zeros(3)}, buffer)
    return buffer.getvalue()


def _pickle_behind(good: bytes) -> bytes:
    return good + pickle.dumps({"weights": [1.0]})


def _not_finite(weights: dict[str, torch.Tensor]) -> None:
    weights["head.bias"][0] = float("nan")


def _negative_variance(weights: dict[str, torch.Tensor]) -> None:
    weights["down.0.1.running_var"].fill_(-1.0)


def _one_missing(weights: dict[str, torch.Tensor]) -> None:
    del weights["head.bias"]


def _one_more(weights: dict[str, torch.Tensor]) -> None:
    weights["code"] = torch.zeros(3)


DEEP = "[" * 10_000 + "]" * 10_000
BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "pickle": (_pickled, "is a pickle or an archive"),
    "torch.save": (_torch_saved, "is a pickle or an archive"),
    "pickle behind the weights": (_pickle_behind, "damaged"),
    "truncated": (lambda good: good[:100_000], "damaged"),
    "empty": (lambda good: b"", "damaged"),
    "too big": (lambda good: good + bytes(uploads.MAX_BYTES), "MiB: networks of at most"),
    "no metadata": (lambda good: save({"weight": torch.zeros(3)}), "no metadata of ours"),
    "nested too deep": (lambda good: save({"w": torch.zeros(1)}, {"metadata": DEEP}), "no metadata of ours"),
    "metadata too long": (lambda good: changed(good, {"data": "x" * 70_000}), "no metadata of ours"),
    "a text for a number": (lambda good: changed(good, {"factor": "2"}), "no metadata of ours"),
    "a number too large": (lambda good: changed(good, {"images_seen": 10**400}), "no metadata of ours"),
    "not a number": (lambda good: changed(good, {"val_psnr": float("nan")}), "no metadata of ours"),
    "unknown problem": (lambda good: changed(good, {"problem": ["x"]}), "no metadata of ours"),
    "wrong name": (lambda good: changed(good, {"name": "sr-x2-rs-0.20"}), "says inside that it is"),
    "path for a name": (lambda good: changed(good, {"name": "../../x"}), "says inside that it is"),
    "a factor that nobody has": (
        lambda good: changed(good, {"name": "sr-x3-rs-0.15", "factor": 3}),
        "sr-x3-rs-0.15, a name that no network can have",
    ),
    "a level below zero": (
        lambda good: changed(good, {"name": "sr-x2-rs--0.15", "level": -0.15}),
        "a name that no network can have",
    ),
    "a level that fills the name": (
        lambda good: changed(good, {"name": f"sr-x2-rs-{5e-324:.324f}", "level": 5e-324}),
        "a name that no network can have",
    ),
    "a level of standard training": (
        lambda good: changed(good, {"name": "sr-x2-std", "objective": "standard"}),
        "a name that no network can have",
    ),
    "half a character": (lambda good: changed(good, {"data": "\ud800"}), "no metadata of ours"),
    "not a number in the recipe": (
        lambda good: changed(good, {"recipe": {"clip": float("nan")}}),
        "no metadata of ours",
    ),
    "a recipe nested too deep": (
        lambda good: changed(good, {"recipe": {"a": json.loads("[" * 100 + "]" * 100)}}),
        "no metadata of ours",
    ),
    "newer format": (lambda good: changed(good, {"format": 99}), "format 99"),
    "other architecture": (lambda good: changed(good, {"architecture": "vit"}), "only U-Nets"),
    "no levels": (lambda good: changed(good, {"widths": [8]}), "between 2 and 6 levels"),
    "huge levels": (lambda good: changed(good, {"widths": [8, 10**9]}), "between 2 and 6 levels"),
    "too slow": (lambda good: changed(good, {"widths": [1024] * 6}), "billion operations"),
    "other widths": (lambda good: changed(good, {"widths": [8, 16, 32]}), "does not hold the weights"),
    "a tensor missing": (lambda good: changed(good, None, _one_missing), "does not hold the weights"),
    "a tensor more": (lambda good: changed(good, None, _one_more), "does not hold the weights"),
    "not finite": (lambda good: changed(good, None, _not_finite), "weights that are not finite"),
    "answers nonsense": (lambda good: changed(good, None, _negative_variance), "answers .* not finite"),
}


@pytest.mark.parametrize(("spoil", "sentence"), BAD.values(), ids=BAD)
def test_every_bad_file_gets_one_sentence_and_is_not_kept(
    spoil: Callable[[bytes], bytes], sentence: str, good: bytes, place: Path
) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        uploads.add(spoil(good), "mine.safetensors")
    assert str(caught.value).startswith("mine.safetensors")
    assert "\n" not in str(caught.value)
    assert not place.exists()


def padded(content: bytes, length: int) -> bytes:
    """The same network with a header of so many bytes, which the file begins with."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    said = {**json.loads(header["__metadata__"]["metadata"]), "data": ""}
    for _ in range(2):  # how long it gets shows when it is written
        header["__metadata__"]["metadata"] = json.dumps(said)
        text = json.dumps(header, separators=(",", ":")).encode()
        said["data"] += "x" * (length - len(text))
    start = 8 + int.from_bytes(content[:8], "little")
    return length.to_bytes(8, "little") + text + content[start:]


@pytest.mark.parametrize(
    "length", [0x80 + 256 * 41, 0x4B50], ids=["as a pickle begins", "as an archive begins"]
)
def test_a_sound_file_may_begin_like_a_pickle(length: int, good: bytes) -> None:
    content = padded(good, length)
    assert content[:1] == b"\x80" or content[:2] == b"PK"
    assert uploads.add(content, "mine.safetensors").name.startswith(f"sr-x2-rs-0.15{OWN}")


claims = st.fixed_dictionaries(
    {},
    optional={
        "factor": st.integers(-1, 9),
        "level": st.floats(allow_nan=False) | st.sampled_from([0, 0.1, 0.035]),
        "objective": st.sampled_from(["standard", "smoothing", "adversarial", "ord", ""]),
        "residual": st.booleans(),
        "data": st.text(max_size=5),
        "date": st.text(st.characters(codec=None), max_size=5),
        "recipe": st.dictionaries(
            st.sampled_from(["images", "start", "fresh"]),
            st.recursive(
                st.none() | st.integers() | st.floats() | st.text(max_size=3), st.lists, max_leaves=9
            ),
        ),
        "images_seen": st.integers(),
    },
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims)
def test_whatever_a_file_claims_the_lists_go_on(good: bytes, place: Path, claimed: dict[str, Any]) -> None:
    """Put where added networks lie, past all checks: what is listed can be used, the rest is named."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    says = {"factor": 2, "level": 0.15, "objective": "smoothing", "residual": True, **claimed}
    with suppress(KeyError):
        says["name"] = SUPER_RESOLUTION.called(
            factor=says["factor"], level=says["level"], objective=says["objective"], residual=says["residual"]
        )
    content = changed(good, says)
    digest = hashlib.sha256(content).hexdigest()[:8]
    path = place / f"{says.get('name', 'nameless')[:100]}{OWN}{digest}.safetensors"
    path.write_bytes(content)
    models, unusable = registry.find(problem="super_resolution", weights=True)
    listed = [model for model in models if OWN in model.name]
    assert len(listed) + len(unusable) == 1
    assert all(str(path) in sentence for sentence in unusable)
    for model in listed:
        assert Identity.parse(model.name).problem == model.problem
        json.dumps(model.to_dict(), allow_nan=False)
        assert model_table.frame(models)["name"].str.encode("utf-8").notna().all()
        assert recipes.command(model.name, model.recipe).startswith("python -m core train")


@pytest.mark.parametrize("fails", ["TemporaryDirectory", "gettempdir"])
def test_a_full_disk_is_said_when_a_network_is_added_and_not_before(
    fails: str, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, fails, full)
    monkeypatch.delenv("LAB_UPLOADS")
    assert registry.find()[0]
    with pytest.raises(UserError, match=r"mine could not be used \(No space left on device\): free"):
        uploads.add(good, "mine")


def test_a_digit_network_is_told_what_can_be_added(good: bytes) -> None:
    digits = (checkpoints.FOLDER / "digits-std.safetensors").read_bytes()
    with pytest.raises(UserError, match="digit_cnn for digits: only U-Nets"):
        uploads.add(digits, "digits.safetensors")


def test_the_number_is_bounded_and_one_can_be_removed(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_NETWORKS", 1)
    first = uploads.add(good, "first")
    other = untrained_checkpoint("sr-x2-rs-0.15", tmp_path, seed=8).read_bytes()
    with pytest.raises(UserError, match="keeps 1 added networks and has no room for second"):
        uploads.add(other, "second")
    uploads.remove("../checkpoints/sr-x2-std")
    uploads.remove(first.name)
    assert uploads.add(other, "second").name != first.name


def test_a_network_that_is_gone_says_so(good: bytes) -> None:
    name = uploads.add(good, "mine").name
    uploads.remove(name)
    with pytest.raises(UserError, match=f"no network {name} here any more: add it again"):
        registry.load(name)


def test_a_changed_file_no_longer_has_the_name(good: bytes, place: Path) -> None:
    name = uploads.add(good, "mine").name
    (place / f"{name}.safetensors").write_bytes(changed(good, {"seed": 99}))
    with pytest.raises(UserError, match="rename it back"):
        registry.describe(name)


def test_a_shipped_name_in_the_folder_is_told_its_own(good: bytes, place: Path) -> None:
    untrained_checkpoint("sr-x2-std", place)
    models, problems = registry.find()
    assert [m.name for m in models].count("sr-x2-std") == 1
    assert any(f"call it sr-x2-std{OWN}" in problem for problem in problems)


def test_the_folder_is_never_the_shipped_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_UPLOADS", str(checkpoints.FOLDER / "mine"))
    with pytest.raises(UserError, match="a folder of its own"):
        uploads.folder()
    monkeypatch.delenv("LAB_UPLOADS")
    assert not uploads.folder().is_relative_to(checkpoints.FOLDER)


def test_the_shipped_network_is_far_below_the_limits() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        UNet().eval()(torch.zeros(1, 3, 160, 160))
    assert counter.get_total_flops() < elsewhere.MAX_FLOPS / 10

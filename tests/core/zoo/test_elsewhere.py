"""Networks of any architecture: recognised by their weights, or registered from Python."""

from __future__ import annotations

import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

from core.base.errors import UserError
from core.base.progress import finish
from core.experiment.run import run
from core.networks.padded import Padded
from core.problems.small_picture import SmallPictureScenario
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints, elsewhere, register, registry, uploads
from core.zoo.published import INSTALL

SHAPES: dict[str, dict[str, Any]] = {
    "RCAN": {"n_resgroups": 1, "n_resblocks": 2, "n_feats": 16, "scale": 2},
    "SwinIR": {
        "img_size": 16, "embed_dim": 12, "depths": [2], "num_heads": [2], "window_size": 4, "upscale": 2,
        "upsampler": "pixelshuffledirect",
    },
    "SPAN": {"num_in_ch": 3, "num_out_ch": 3, "feature_channels": 16, "upscale": 4},
}  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path / "added"))


@pytest.fixture
def spandrel() -> Any:
    try:
        elsewhere._loader("a test")
    except UserError:
        pytest.skip(f"spandrel is missing: {INSTALL}")
    return import_module("spandrel")


def built(architecture: str, **changed: Any) -> nn.Module:
    torch.manual_seed(3)
    made = getattr(import_module(f"spandrel.architectures.{architecture}"), architecture)
    network: nn.Module = made(**SHAPES[architecture] | changed)
    return network


def content(network: nn.Module) -> bytes:
    return save({key: each.contiguous().clone() for key, each in network.state_dict().items()})


def ran(name: str) -> dict[str, Any]:
    scenario = SmallPictureScenario(checkpoint=name, size=64, samples=3, attack_steps=3, eps=2.0)
    return finish(run(scenario, Lab(Engine("cpu", "float32", threads=1)))).to_dict()


@pytest.mark.parametrize("architecture", SHAPES)
def test_weights_are_recognised_listed_attacked_and_smoothed(architecture: str, spandrel: Any) -> None:
    network = built(architecture)
    metadata = uploads.add(content(network), "mine.safetensors")
    assert metadata in registry.find(problem="small_picture", weights=True)[0]
    assert architecture in metadata.architecture
    found = ran(metadata.name)
    assert found["metrics"]["adv_base"]["mse"] > found["metrics"]["clean_base"]["mse"]
    assert found["norms"]["reached"] == pytest.approx(found["norms"]["asked"], rel=1e-3)
    assert found["metrics"]["adv_smoothed"]["psnr"] > 0
    # spandrel's own call pads, clamps and has no gradients; inside the clamp both are the same.
    small = torch.rand(1, 3, 21, 27, generator=torch.Generator().manual_seed(1))
    output = registry.load(metadata.name)[0](small)
    expected = spandrel.ModelLoader().load_from_state_dict(network.state_dict()).eval()(small)
    torch.testing.assert_close(output.clamp(0, 1), expected, atol=1e-5, rtol=0)


def test_what_cannot_be_taken_gets_one_sentence(spandrel: Any) -> None:
    five = built("RCAN", n_colors=5)
    with pytest.raises(UserError, match="RCAN that takes 5 channels"):
        uploads.add(content(five), "five.safetensors")
    broken = built("RCAN")
    next(broken.parameters()).data[:] = torch.nan
    with pytest.raises(UserError, match="weights that are not finite"):
        uploads.add(content(broken), "broken.safetensors")
    still = built("SPAN")
    for each in still.parameters():
        each.data.zero_()
    with pytest.raises(UserError, match="no gradient by its input"):
        uploads.add(content(still), "still.safetensors")
    with pytest.raises(UserError, match="no architecture that spandrel"):
        uploads.add(save({"a": torch.ones(3)}), "nothing.safetensors")
    with pytest.raises(UserError, match="of factor 1: networks of factors 2 to 8"):
        uploads.add(content(built("SPAN", upscale=1)), "one.safetensors")
    with pytest.raises(UserError, match="billion operations"):
        uploads.add(content(built("RCAN", n_resgroups=2, n_resblocks=20, n_feats=64)), "dear.safetensors")
    assert not list(uploads.folder().glob("*"))


def test_files_that_are_none_get_one_sentence() -> None:
    with pytest.raises(UserError, match="pickle or an archive"):
        uploads.add(pickle.dumps({"a": 1}), "pickled.safetensors")
    with pytest.raises(UserError, match="damaged or not a safetensors"):
        uploads.add((3 * 10**9).to_bytes(8, "little") + b"{}", "large.safetensors")


def test_without_spandrel_one_line_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise ImportError("spandrel")

    monkeypatch.setattr(elsewhere, "_torchvision", gone)
    with pytest.raises(UserError, match=r"recognised by spandrel.*pip install -r requirements-published"):
        uploads.add(save({"a": torch.ones(3)}), "mine.safetensors")


class Doubling(nn.Module):
    """Nearest pixels, and what goes wrong with them."""

    def __init__(self, wrong: str = "") -> None:
        super().__init__()
        self.wrong, self.gain = wrong, nn.Parameter(torch.ones(1))

    def forward(self, small: Tensor) -> Tensor:
        large = self.gain * nn.functional.interpolate(small, scale_factor=2)
        changed = {"rounds": lambda: large.round(), "smaller": lambda: small, "detached": large.detach}
        if self.wrong == "fails":
            raise RuntimeError("of its own")
        return changed.get(self.wrong, lambda: large / (0 if self.wrong == "infinite" else 1))()


def test_any_module_is_registered_and_run() -> None:
    name = register("doubling", Doubling().train(), factor=2, multiple=5)
    assert name == "lr-x2-own-doubling"
    assert not elsewhere.REGISTERED[name][0].network.training  # type: ignore[union-attr]
    assert name in {m.name for m in registry.find(problem="small_picture")[0]}
    found = ran(name)
    assert found["metrics"]["adv_base"]["mse"] > found["metrics"]["clean_base"]["mse"]
    assert found["checkpoint_digests"][name] == registry.describe(name).digest
    again = register("doubling", Doubling(), factor=2)
    assert registry.describe(again).digest == found["checkpoint_digests"][name]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("fails", "fails on a picture of 24×24"),
        ("smaller", "with 1 × 3 × 24 × 24 values: it must give 2 times"),
        ("infinite", "that are not finite"),
        ("rounds", "no gradient by its input"),
        ("detached", "no gradient by its input"),
    ],
)
def test_a_module_that_cannot_be_attacked_is_not_registered(wrong: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        register("wrong", Doubling(wrong), factor=2)
    assert "lr-x2-own-wrong" not in elsewhere.REGISTERED
    with pytest.raises(UserError, match="cannot be a network's name"):
        register("My Net", Doubling(), factor=2)


@pytest.mark.parametrize("shape", [(8, 8), (9, 13), (3, 21)])
def test_padding_changes_nothing_of_a_local_network(shape: tuple[int, int]) -> None:
    seen = []

    class Looking(Doubling):
        def forward(self, small: Tensor) -> Tensor:
            seen.append(small.shape[-2:])
            return super().forward(small)

    small = torch.rand(2, 3, *shape, generator=torch.Generator().manual_seed(2))
    found = Padded(Looking(), 2, multiple=8, minimum=16, square=True)(small)
    torch.testing.assert_close(found, nn.functional.interpolate(small, scale_factor=2))
    assert seen[0][0] == seen[0][1] == (16 if max(shape) <= 16 else 24)


def test_a_header_keeps_what_is_known(tmp_path: Path) -> None:
    said = elsewhere.describe("lr-x2-own-mine", Doubling(), "Doubling")
    path = tmp_path / "lr-x2-own-mine.safetensors"
    path.write_bytes(save(Doubling().state_dict(), checkpoints.in_header(said)))
    found = checkpoints.describe(path)
    assert found.to_dict() | {"digest": ""} == said.to_dict() | {"digest": ""}

"""Exported programs: only from the folder that is named, only if they keep to the convention."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, export, save
from typer.testing import CliRunner

from core.base.errors import UserError
from core.base.progress import finish
from core.commands import application
from core.experiment.run import run
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints, programs, registry

NAME = "sr-x2-rs-0.15-own-tiny"


class Tiny(nn.Module):
    """One convolution, its batch norm, and the skip."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3))
        self.factor = factor

    def forward(self, measurement: Tensor) -> Tensor:
        return measurement + self.factor * self.layers(measurement)


class Flat(nn.Module):
    """One number a picture."""

    def forward(self, measurement: Tensor) -> Tensor:
        return measurement.mean(dim=(1, 2, 3))


class Coupled(nn.Module):
    """A skip less something that the whole batch decides."""

    def __init__(self, what: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.what = what

    def forward(self, measurement: Tensor) -> Tensor:
        return measurement - self.what(measurement)


COUPLED: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda y: y.mean(),
    "batchmean": lambda y: y.mean(0, keepdim=True),
    "largest": lambda y: 0.1 * y.abs().amax(),
    "neighbour": lambda y: 0.1 * y.roll(1, 0),
}


class NoGradient(nn.Module):
    """Sharpens; where a measurement is negative its derivative is that of a root of a negative number."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones(()))

    def forward(self, y: Tensor) -> Tensor:
        return self.w * y + 0.3 * torch.where(y > 0, torch.sqrt(y), torch.zeros_like(y)) - 0.1


class Rounded(nn.Module):
    """The measurement in steps of a hundredth: its derivative is zero."""

    def forward(self, measurement: Tensor) -> Tensor:
        return (100 * measurement).round() / 100


def exported(path: Path, network: nn.Module, *, dynamic: bool = True) -> Path:
    path.parent.mkdir(exist_ok=True)
    shapes = ({0: Dim.DYNAMIC},) if dynamic else None
    save(export(network.eval(), (torch.zeros(2, 3, 160, 160),), dynamic_shapes=shapes), path)
    return path


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    torch.manual_seed(0)
    return Tiny()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, tiny: Tiny) -> Path:
    return exported(tmp_path_factory.mktemp("programs") / f"{NAME}.pt2", tiny)


@pytest.fixture
def named(program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_PROGRAMS", str(program.parent))
    return program


def test_a_program_computes_what_the_module_did(named: Path, tiny: Tiny) -> None:
    network, metadata = registry.load(NAME)
    measurement = torch.randn(5, 3, 160, 160)
    torch.testing.assert_close(network(measurement), tiny.eval()(measurement))
    assert (metadata.objective, metadata.level, metadata.identity.factor) == ("smoothing", 0.15, 2)
    assert metadata.digest == checkpoints.digest_of(named)
    assert metadata.scores == "not measured"
    assert metadata.to_dict()["val_psnr"] is None


def test_a_program_is_attacked_and_smoothed_like_any_network(named: Path) -> None:
    scenario = Scenario(checkpoint=NAME, compare=("sr-x2-std",), attack_steps=3, samples=20)
    outcome = finish(run(scenario, Lab()))
    pair = outcome.networks[NAME]
    assert pair.attacked.quality.psnr < pair.clean.quality.psnr
    assert pair.perturbation.losses[-1] > pair.perturbation.losses[0]


def test_without_the_folder_there_is_no_program(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_PROGRAMS", raising=False)
    monkeypatch.setenv("LAB_UPLOADS", str(program.parent))
    assert programs.find(opened=True) == ([], [])
    assert NAME not in {model.name for model in registry.find()[0]}
    with pytest.raises(UserError, match="no network"):
        registry.load(NAME)


def test_every_program_that_cannot_be_used_gets_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Tiny, program: Path
) -> None:
    monkeypatch.setenv("LAB_PROGRAMS", str(tmp_path))
    (tmp_path / "sr-x2-std-own-junk.pt2").write_bytes(b"junk")
    (tmp_path / "mine.pt2").write_bytes(program.read_bytes())
    (tmp_path / "sr-x2-std.pt2").write_bytes(program.read_bytes())
    (tmp_path / "sr-x2-std-own-album.pt2").mkdir()
    (tmp_path / "album.pt2").mkdir()
    (tmp_path / "sr-x2-std-own-locked.pt2").symlink_to("/proc/self/mem")
    (tmp_path / "._sr-x2-std-own-fixed.pt2").write_bytes(b"left by a Mac")
    exported(tmp_path / "sr-x2-std-own-fixed.pt2", tiny, dynamic=False)
    exported(tmp_path / "sr-x2-std-own-flat.pt2", Flat())
    exported(tmp_path / "sr-x2-std-own-nan.pt2", Tiny(float("nan")))
    good, bad = programs.find(opened=True)
    assert not good
    said = {Path(sentence.split(" ", 1)[0]).name: sentence for sentence in bad}
    assert not any(name.startswith(".") for name in said)
    assert "is a folder and no file" in said["sr-x2-std-own-album.pt2"]
    assert "is a folder and no file" in said["album.pt2"]
    assert "could not be used (" in said["sr-x2-std-own-locked.pt2"]
    assert "cannot be opened" in said["sr-x2-std-own-junk.pt2"]
    assert "does not say what it is" in said["mine.pt2"]
    assert "does not say what it is" in said["sr-x2-std.pt2"]
    assert "fails on 1 pictures" in said["sr-x2-std-own-fixed.pt2"]
    assert "finite float32 of the input's shape" in said["sr-x2-std-own-flat.pt2"]
    assert "finite float32 of the input's shape" in said["sr-x2-std-own-nan.pt2"]
    assert all("\n" not in sentence for sentence in bad)


@pytest.mark.parametrize("how", COUPLED)
def test_a_program_that_couples_its_batch_is_refused_with_the_reason(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PROGRAMS", str(tmp_path))
    exported(tmp_path / f"sr-x2-std-own-{how}.pt2", Coupled(COUPLED[how]))
    good, (sentence,) = programs.find(opened=True)
    assert not good
    assert "differently beside others" in sentence
    with pytest.raises(UserError, match="as it would be alone"):
        registry.load(f"sr-x2-std-own-{how}")


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs whose gradients say nothing."""
    folder = tmp_path_factory.mktemp("blind")
    exported(folder / "sr-x2-std-own-nangrad.pt2", NoGradient())
    exported(folder / "sr-x2-adv-0.02-own-rounded.pt2", Rounded())
    return folder


BLIND = {"sr-x2-std-own-nangrad": "not finite", "sr-x2-adv-0.02-own-rounded": "zero"}


@pytest.mark.parametrize("attack", ["pgd", "apgd", "fgm"])
def test_programs_whose_gradient_says_nothing_do_not_look_robust(
    attack: str, blind: Path, untrained_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PROGRAMS", str(blind))
    scenario = Scenario(compare=tuple(BLIND), attack=attack, attack_steps=3, attack_samples=1, samples=2)
    outcome = finish(run(scenario, Lab(Engine("cpu", "float32", threads=1), untrained_folder)))
    noise = finish(run(scenario.replace(attack="noise"), Lab(Engine("cpu", "float32"), untrained_folder)))
    assert outcome.notices.keys() == BLIND.keys()
    assert noise.notices == {}
    for name, kind in BLIND.items():
        assert f"gradient is {kind} at" in outcome.notices[name]
        pair = outcome.networks[name]
        assert pair.perturbation.reached == pytest.approx(pair.perturbation.asked, rel=0.02)
        assert pair.attacked.quality.psnr < noise.networks[name].attacked.quality.psnr - 0.02


def test_the_command_says_it_and_its_json_is_json(blind: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PROGRAMS", str(blind))
    line = ["run", "--compare", "sr-x2-std-own-nangrad", "--attack", "fgm", "--samples", "2"]
    shown = CliRunner().invoke(application, line, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "sr-x2-std-own-nangrad: its gradient is not finite at 1 of 1 steps" in shown.stdout
    assert "nan dB" not in shown.stdout

    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    answer = json.loads(CliRunner().invoke(application, [*line, "--json"]).stdout, parse_constant=refused)
    assert "without gradients" in answer["notices"]["sr-x2-std-own-nangrad"]
    assert answer["compare"]["sr-x2-std-own-nangrad"]["reached"] > 0

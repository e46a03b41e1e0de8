"""A problem, an attack and an architecture that only this file knows of, found by the whole house.

Nothing but the registries is told of them: see “Add a problem” in ``docs/architecture.md``.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from PIL import Image
from torch import Tensor, nn
from typer.testing import CliRunner

from core import attack, certify
from core.attacks.attack import Attack
from core.attacks.ball import Region
from core.attacks.objectives import Objective
from core.attacks.registry import ATTACKS, register
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.options import Control, Widget, option
from core.base.progress import finish
from core.commands import application
from core.experiment.run import run
from core.networks import ARCHITECTURES, build
from core.pictures import images
from core.problems import PROBLEMS
from core.problems.linear import LinearInverse, LinearScenario
from core.problems.names import PREFIXES
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints
from core.zoo.metadata import InverseMetadata
from tests.pages.apps import calm, in_link, opened

# -- what a colleague would write --------------------------------------------------------------


@dataclass(frozen=True)
class Ghost:
    """The operator: a picture and its shadow one pixel to the right."""

    weight: float
    share: float = 1.0

    def A(self, signal: Tensor) -> Tensor:
        return (1 - self.weight) * signal + self.weight * signal.roll(1, -1)

    def adjoint(self, measurement: Tensor) -> Tensor:
        return (1 - self.weight) * measurement + self.weight * measurement.roll(-1, -1)

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        return measurement


@dataclass(frozen=True)
class GhostScenario(LinearScenario):
    """Ghosts (toy-…), levels in grey levels of 255."""

    checkpoint: str = option("toy-std", "The network that is smoothed: base estimator f.")
    weight: float = option(
        0.25, "Weight of the shadow.", Control("Shadow", Widget.SLIDER, (0.0, 0.25, 0.5)), low=0, high=0.5
    )


class Shift(nn.Module):
    """Takes one learned number off every pixel."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.off = nn.Parameter(torch.full((1,), start))

    def forward(self, measurement: Tensor, operator: Ghost) -> Tensor:
        return operator.linear_estimate(measurement) - self.off


def darken(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """All pixels darker by the same amount, as one iterate."""
    even = torch.full_like(point, -terms.radius / point[0].numel() ** 0.5)
    found = Region(point, terms).feasible(even)
    yield Iterate(0, found, objective.value(point + found), found)


def offer() -> None:
    """One line each."""
    PROBLEMS["ghosts"] = LinearInverse(
        name="ghosts", title="Ghosts", prefix="toy", scenario=GhostScenario,
        operator=lambda scenario: Ghost(scenario.weight), own=("weight",),
        says=lambda scenario: f"shadow of {scenario.weight:g}",
    )  # fmt: skip
    register(Attack(
        "darken", "Darkening", "all pixels darker by the same", frozenset({"l2"}), darken,
        says=lambda steps, keep, norm: "darkened evenly", steps=0,
    ))  # fmt: skip
    ARCHITECTURES["shift"] = Shift


# -- and where it is found -----------------------------------------------------------------------


def checkpoint(folder: Path) -> None:
    """A checkpoint of a network that has seen nothing."""
    shape = {"start": 0.125}
    metadata = InverseMetadata(
        name="toy-std", problem="ghosts", objective="standard", level=0.0, architecture="shift",
        images_seen=0, steps=0, started_from="", recipe={}, data="none", data_digest="", seed=0,
        trained_on="nothing", date="2026-01-01", network=shape, reduced="", started_images=0,
        val_setting="none", val_epsilon=0.0, val_psnr=12.34, val_ssim=0.5,
        val_level_psnr=0.0, val_level_ssim=0.0,
    )  # fmt: skip
    checkpoints.save(build("shift", **shape), metadata, folder)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    registries: list[dict[str, Any]] = [PROBLEMS, PREFIXES, ATTACKS, ARCHITECTURES]
    before = [dict(each) for each in registries]
    offer()
    checkpoint(tmp_path)
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield tmp_path
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)


def lab(folder: Path) -> Lab:
    return Lab(Engine("cpu", "float32", threads=1), folder)


SCENARIO = {
    "checkpoint": "toy-std",
    "attack": "darken",
    "weight": 0.5,
    "eps": 2.0,
    "samples": 200,
    "size": 64,
}
WORDS = [word for name, value in SCENARIO.items() for word in (f"--{name}", str(value))]


def said(*words: str) -> str:
    done = CliRunner().invoke(application, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_line_runs_attacks_and_certifies_it(folder: Path) -> None:
    assert "all pixels darker by the same" in " ".join(said("run", "--help").replace("│", " ").split())
    found = json.loads(said("run", *WORDS, "--json"))
    assert found["problem"] == "ghosts"
    assert found["scenario"]["weight"] == 0.5
    # Darker by 2 levels, and by the 0.125 that the network takes off: their sum on the even part.
    truth = finish(run(GhostScenario(**SCENARIO), lab(folder))).truth  # type: ignore[arg-type]
    error = 0.5 * (truth + truth.roll(1, -1)) - 2 / 255 - 0.125
    expected = (error.clamp(0, 1) - truth).square().mean().item()
    assert found["metrics"]["adv_base"]["mse"] == pytest.approx(expected, rel=1e-3)
    certified = json.loads(said("run", *WORDS, "--eps", "0.05", "--json"))["discrepancy"]["attacked"]
    assert 0 < certified["median"] < certified["certified"]
    words = said("run", *WORDS)
    assert "darkened evenly" in words
    assert "smoothed ĝ, attacked" in words, "rows are called what the pages call them"
    assert "adv_" not in words


def test_a_process_of_its_own_finds_it_too(folder: Path) -> None:
    code = "from tests import test_toy; test_toy.offer(); from core.commands import main; main()"
    words = [sys.executable, "-c", code, "run", *WORDS, "--checkpoints", str(folder), "--device", "cpu"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    assert done.returncode == 0, done.stderr
    assert "toy-std, shadow of 0.5" in done.stdout


def test_the_live_page_offers_and_restores_it() -> None:
    app = calm(opened("live_lab.py", problem="ghosts", samples="2"))
    assert in_link(app)["checkpoint"] == "toy-std"
    assert "Ghosts" in app.selectbox(key="lab.problem").options
    app.select_slider(key="lab.weight").set_value(0.5).run()
    app.selectbox(key="lab.attack").set_value("darken").run()
    assert in_link(calm(app))["weight"] == "0.5"
    command = next(code.value for code in app.code if code.value.startswith("python -m core"))
    found = json.loads(said(*shlex.split(command)[3:], "--json"))
    shown = {str(value).strip("*") for value in app.table[0].value.to_numpy().flatten()}
    assert f"{found['metrics']['adv_base']['psnr']:.2f} dB" in shown
    assert any("shadow of 0.5" in each.value and "Darkened evenly" in each.value for each in app.caption)


def test_a_small_evaluation_stores_it(folder: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("camera", "coins"):
        Image.fromarray(images.bundled(name).pixels).save(photos / f"{name}.png")
    said("evaluate", "toy-std", "--data", str(photos), "--results", str(tmp_path), "--size", "64",
         "--eps", "2", "--sigma", "10", "--samples", "4", "--json")  # fmt: skip
    rows = Store(PROBLEMS["ghosts"].table, tmp_path).read()
    assert set(rows["problem"]) == {"ghosts"}
    assert set(rows["weight"]) == {0.25}
    assert len(rows) == 2
    assert rows["psnr"].between(5, 40).all()


def test_tables_of_networks_list_it() -> None:
    assert "toy-std" in said("models")
    app = calm(opened("models.py"))
    (table,) = app.dataframe
    assert table.value["name"].tolist() == ["toy-std"]
    assert table.value["psnr"].tolist() == [12.34]


def test_the_library_attacks_and_certifies_it(generator: torch.Generator) -> None:
    x = 0.5 + 0.1 * torch.rand(2, 1, 8, 8, generator=generator)
    network = build("shift", start=0.0)
    found = attack(network, x, eps=2, method="darken", problem="ghosts", weight=0.5)
    torch.testing.assert_close(found.perturbation, torch.full_like(x, -2 / 255))
    bounds = certify(network, x, sigma=10, eps=0.5, samples=100, problem="ghosts", weight=0.5)
    assert (bounds.bounds > bounds.medians).all()  # type: ignore[union-attr]

"""A network whose gradient says nothing: wherever a figure of it is shown, it is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import Tensor
from typer.testing import CliRunner, Result

from core.base.progress import finish
from core.commands import application
from core.evaluation.studies.attacks import Protocol, study_photo
from core.evaluation.studies.attempts import light
from core.evaluation.studies.case import Case
from core.evaluation.studies.certificates import Plan
from core.experiment.run import run
from core.pictures import units
from core.pictures.images import bundled
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import Scene
from core.results import store
from core.results import summary as results
from core.results.store import Store
from core.runtime.engine import Engine, Estimator
from core.runtime.session import Lab
from core.zoo import checkpoints
from pages.widgets.talk import talk_stage
from tests.conftest import untrained_checkpoint
from tests.core import synthetic_inverse, synthetic_results, synthetic_studies
from tests.core.digit_files import write_mnist
from tests.pages import apps

FLAT, FLAT_SMOOTHED = "sr-x2-std-literal", "sr-x2-rs-0.40-literal"
"""Networks without the global skip whose head is zero: they answer one grey to everything."""

SAID = "gradient is zero at"
STORED = f"its {SAID} 10 of 10 steps"


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints, flat ones among them."""
    folder = tmp_path_factory.mktemp("flat")
    for name in (FLAT, FLAT_SMOOTHED, "sr-x2-std", "sr-x2-rs-0.10"):
        untrained_checkpoint(name, folder)
    for name in (FLAT, FLAT_SMOOTHED):
        network, metadata = checkpoints.load(name, folder)
        for parameter in network.head.parameters():  # type: ignore[union-attr]
            torch.nn.init.zeros_(parameter)
        checkpoints.save(network, metadata, folder)
    return folder


@pytest.fixture(scope="module")
def flat_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped digit networks; two of them give the same scores to everything."""
    folder = tmp_path_factory.mktemp("digits")
    for path in checkpoints.FOLDER.glob("digits-*.safetensors"):
        shutil.copy(path, folder)
    for name in ("digits-std", "digits-rs-0.50"):
        network, metadata = checkpoints.load(name, folder)
        torch.nn.init.zeros_(network.head.weight)  # type: ignore[union-attr, arg-type]
        checkpoints.save(network, metadata, folder)
    return folder


@pytest.fixture
def here(flat: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The app and the commands find these networks."""
    monkeypatch.setattr(checkpoints, "FOLDER", flat)
    st.cache_resource.clear()
    yield flat
    st.cache_resource.clear()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for folder in ("photos_test", "photos_val"):
        (tmp_path / folder).mkdir()
        pixels = random.integers(0, 255, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((240, 200)).save(tmp_path / folder / "a.png")
    return tmp_path / "photos_test"


def call(*words: str) -> Result:
    return CliRunner().invoke(application, list(words), catch_exceptions=False)


def answer(*words: str) -> Any:
    done = call(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def warnings(app: AppTest) -> str:
    assert not app.exception
    assert not app.error
    return "\n".join(warning.value for warning in app.warning)


def noted(folder: Path, table: str, by: str, who: str) -> None:
    """Let the stored rows of one network say it; rows of others were stored before attacks were watched."""
    for path in (Store(table, folder).path, Store(f"{table}_strongest", folder).path):
        if path.exists():
            rows = pd.read_parquet(path)
            rows["notice"] = np.where(rows[by] == who, STORED, None)
            rows.to_parquet(path, index=False)


# -- made now ------------------------------------------------------------------------------


def test_compare_says_it(here: Path, photos: Path) -> None:
    words = ("compare", "--data", str(photos), "--standard", FLAT, "--adversarial", "sr-x2-std")
    words = (*words, "--samples", "2", "--attack", "fgm", "--precision", "float32")
    (notice,) = answer(*words)["notices"]
    assert notice.startswith(f"{FLAT}: its {SAID}")
    assert notice in call(*words).stdout
    clean = ("compare", "--data", str(photos), "--standard", "sr-x2-std", "--adversarial", "sr-x2-std")
    assert answer(*clean, "--samples", "2", "--attack", "fgm")["notices"] == []


def test_certify_says_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Plan((1.0,), (0.05,), (), samples=60, pilot=30, measure=30, steps=1, attack_samples=1)
    monkeypatch.setattr(Plan, "of_one_photo", lambda *_, **__: few)
    words = ("certify", "--checkpoint", FLAT_SMOOTHED, "--samples", "20", "--attack-steps", "1")
    (notice,) = answer(*words)["notices"]
    assert notice.startswith(f"{FLAT_SMOOTHED}: apgd f: its {SAID} 1 of 1 steps")


def test_evaluate_stores_it_and_every_reader_of_the_store_says_it(
    here: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "results"
    words = ("evaluate", FLAT, "bilinear", "--data", str(photos), "--eps-rel", "0", "--eps-rel", "0.05")
    done = call(*words, "--results", str(root), "--samples", "2")
    assert f"{FLAT}: its {SAID} 10 of 10 steps" in done.stderr
    rows = Store("super_resolution", root).read()
    told = rows["notice"] != ""
    assert set(rows.loc[told, "estimator"]) == {FLAT}
    assert (rows["eps_rel"] > 0).equals(told | (rows["estimator"] == "bilinear") & (rows["eps_rel"] > 0))
    done = call("curves", "--results", str(root), "--json")
    assert FLAT in done.stderr
    assert json.loads(done.stdout)
    with apps.reading(root, monkeypatch):
        assert f"{FLAT}: its {SAID}" in warnings(apps.opened("tradeoff.py", part="curves", attack="thesis"))


def test_a_study_of_attacks_says_it_attempt_by_attempt() -> None:
    truth = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))

    def rounded(y: Tensor) -> Tensor:
        return (8 * y).round() / 8

    case = Case(
        image=("photo.png", "0123"), checkpoint="sr-x2-rs-0.10", digests={"sr-x2-rs-0.10": "aa"},
        estimators={"sr-x2-rs-0.10": Estimator(rounded, rounded)}, truth=truth,
        target=units.standardise(truth), measurement=units.standardise(0.9 * truth + 0.05), sigma_g=0.2,
        chunk=8, device="cpu", precision="float32",
    )  # fmt: skip
    attempts = light(steps=2, samples=2)
    rows = finish(study_photo(case, 0.1, attempts, Protocol(samples=2, draws=1))).attacks
    by_name = rows.groupby("attempt")["notice"].first()
    cost = rows.groupby("attempt")["forwards"].first()
    for attempt in attempts:
        assert (SAID in by_name[attempt.name]) == (attempt.attack != "noise")
        assert (cost[attempt.name] > attempt.compute[0]) == (attempt.attack != "noise")
    assert results.noticed(rows, "made_on") == [
        f"{who}: {by_name[name]}" for who, name in (("f", attempts[1].name), ("smoothed", attempts[2].name))
    ]


def test_the_live_lab_and_a_talk_say_it(here: Path) -> None:
    scenario = Scenario(checkpoint="sr-x2-rs-0.10", compare=(FLAT,), samples=2, attack_steps=2)
    app = apps.opened("live_lab.py", **scenario.to_query())
    assert f"Standard training · literal, no defence: its {SAID} 2 of 2 steps" in warnings(app)
    outcome = finish(run(scenario, Lab(Engine("cpu", "float32"), here)))
    scene = Scene("Title", "", scenario)
    assert SAID in talk_stage.ready(scene, outcome, bundled(scenario.image)).caption, "the audience reads it"
    sound = scenario.replace(compare=("sr-x2-std",))
    assert SAID not in warnings(apps.opened("live_lab.py", **sound.to_query()))


def test_denoising_says_it_of_the_measurement_that_has_no_error_to_climb() -> None:
    """Without measurement noise the linear estimate is the truth: an attack from zero finds no slope."""
    words = ("run", "--checkpoint", "dn-ord", "--sigma-b", "0", "--attack", "apgd", "--samples", "2")
    words = (*words, "--attack-steps", "5", "--size", "64")
    found = answer(*words)
    assert found["notices"].keys() == {"linear"}
    assert SAID in found["notices"]["linear"]
    assert found["metrics"]["linear_attacked"]["psnr"] < found["metrics"]["linear"]["psnr"]
    assert f"linear: its {SAID}" in call(*words).stdout
    query = {
        "checkpoint": "dn-ord",
        "sigma_b": "0",
        "attack": "apgd",
        "samples": "2",
        "attack_steps": "5",
        "size": "64",
    }
    assert f"Measurement, no network: its {SAID}" in warnings(apps.opened("live_lab.py", **query))


def test_digits_say_it(flat_digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "--checkpoint", "digits-rs-0.50", "--samples", "200", "--folder", str(flat_digits))
    found = answer(*words)
    assert found["notices"].keys() == {"digits-std", "digits-rs-0.50"}
    assert f"digits-std: its {SAID}" in call(*words).stdout
    monkeypatch.setattr(checkpoints, "FOLDER", flat_digits)
    st.cache_resource.clear()
    shown = warnings(apps.opened("digits.py", n="100"))
    assert f"Standard training: its {SAID}" in shown
    assert f"Smoothed classifier g: its {SAID}" in shown
    assert "Adversarial training: its" not in shown
    st.cache_resource.clear()
    monkeypatch.setattr(store, "RESULTS", tmp_path / "results")
    write_mnist(tmp_path / "mnist")
    data = ("--data", str(tmp_path / "mnist"), "--limit", "1", "--samples", "200")
    data += ("--results", str(tmp_path / "results"))
    done = call("evaluate", "digits-std", "digits-rs-0.50", *data)
    assert f"digits-std: its {SAID}" in done.stderr
    rows = Store("digits_attacks").read()
    assert ((rows["notice"] != "") == (rows["attack"] != "clean")).all()
    assert f"digits-std: its {SAID}" in call("findings", "--problem", "digits", "--json").stderr
    inside = ("--attack-steps", "2", "--restarts", "1")
    call("certify", "--checkpoint", "digits-rs-0.50", *data, *inside)
    assert SAID in Store("digits_challenges").read()["notice"].iloc[0]


# -- stored --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fill", "table", "by", "who", "pages", "commands"),
    [
        (
            synthetic_results.fill, "super_resolution", "estimator", "sr-x2-std",
            [("tradeoff.py", {})],
            [("curves",), ("findings",)],
        ),
        (
            synthetic_studies.fill, "attacks", "made_on", "f",
            [("attack_strength.py", {}), ("attack_strength.py", {"look": "Norms"})],
            [("study", "attacks")],
        ),
        (
            synthetic_studies.fill, "certificates", "checkpoint", "sr-x2-rs-0.40",
            [("certificates.py", {"part": "bounds"})],
            [("study", "certificates")],
        ),
        (
            synthetic_inverse.write, "inverse_problems", "network", "dn-ord",
            [("linear_results.py", {"part": "noise"})],
            [(each, "--problem", "denoising") for each in ("findings", "curves")],
        ),
    ],
    ids=["evaluation", "attacks", "certificates", "inverse"],
)  # fmt: skip
def test_stored_rows_say_it_where_they_are_shown(
    fill: Any, table: str, by: str, who: str, pages: Any, commands: Any,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fill(tmp_path)
    opened = partial(apps.opened)
    with apps.reading(tmp_path, monkeypatch):
        for page, query in pages:
            assert STORED not in warnings(opened(page, **query))
        noted(tmp_path, table, by, who)
        for page, query in pages:
            assert f"{who}: {STORED}" in warnings(opened(page, **query))
        for command in commands:
            assert f"{who}: {STORED}" in call(*command, "--results", str(tmp_path)).stderr


def test_tables_say_it_in_a_note(tmp_path: Path) -> None:
    synthetic_results.fill(tmp_path)
    assert STORED not in call("tables", "4.1", "--results", str(tmp_path)).stdout
    noted(tmp_path, "super_resolution", "estimator", "sr-x2-std")
    (table,) = answer("tables", "4.1", "--results", str(tmp_path))
    assert f"sr-x2-std: {STORED}" in table["notes"]

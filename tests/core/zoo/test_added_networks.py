"""Networks that were added stand beside the shipped ones everywhere: evaluated, certified, compared."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from PIL import Image

from core.base.progress import finish
from core.evaluation.benchmark import benchmark
from core.evaluation.driver import carry_out
from core.evaluation.jobs import targets
from core.evaluation.photos import Photos
from core.evaluation.studies.certificates import Plan
from core.evaluation.studies.one_photo import certify_one, remembered
from core.pictures import images
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.figures import tradeoff
from core.reports.findings.thesis import findings
from core.reports.tables.thesis import build
from core.results import evaluations
from core.results import summary as results
from core.results.published import published
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import registry, uploads
from tests.conftest import untrained_checkpoint
from tests.core.evaluation.small import here, plan_of
from tests.core.synthetic_results import fill
from tests.core.zoo.test_programs import Tiny, exported


@pytest.fixture(params=["upload", "program"])
def added(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a noise-trained network from outside."""
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path / "added"))
    if request.param == "upload":
        mine = untrained_checkpoint("sr-x2-rs-0.15", tmp_path / "mine", seed=7)
        return uploads.add(mine.read_bytes(), "mine.safetensors").name
    monkeypatch.setenv("LAB_PROGRAMS", str(tmp_path / "programs"))
    torch.manual_seed(0)
    return exported(tmp_path / "programs" / "sr-x2-rs-0.15-own-tiny.pt2", Tiny()).stem


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("chelsea", "coffee"):
        Image.fromarray(images.resized(images.bundled(name), 192)).save(folder / f"{name}.png")
    return folder


def test_an_added_network_is_evaluated(added: str, photos: Path, tmp_path: Path) -> None:
    plan = plan_of(SUPER_RESOLUTION, [added, added], None, {"epses": (0.0, 0.02)}, attack_steps=1)
    (target,), digest = plan.targets, registry.describe(added).digest
    assert target.smoothing
    assert target.digest == digest
    assert target in targets(SUPER_RESOLUTION)
    store, read = Store(SUPER_RESOLUTION.table, tmp_path), Photos.read(photos)
    list(carry_out(plan.test(read, {}), read, store, here(Lab(Engine("cpu", threads=1)))))
    rows = store.read()
    assert rows["level"].unique().tolist() == [0.15]
    assert rows["estimator"].unique().tolist() == [added]
    assert rows["digest"].unique().tolist() == [digest]
    assert len(rows) == 2 * 2


def test_an_added_network_is_certified(added: str) -> None:
    lab = Lab(Engine("cpu", threads=1))
    scenario = SUPER_RESOLUTION.scenario(checkpoint=added, sigma_g=0.2)
    asked = images.bundled("coffee"), scenario, Plan.of_one_photo(60, attack=False)
    assert remembered(lab, *asked) is None
    found = finish(lab.engine.drive(certify_one(lab, *asked)))
    assert len(found.rows)
    assert remembered(lab, *asked) is found


def test_the_engine_is_measured_on_an_added_network(added: str) -> None:
    found = benchmark(Lab(Engine("cpu", threads=1)), added, ["coffee"], sigma_g=0.1, samples=2, rounds=1)
    assert abs(found["psnr_differences"]["coffee"]) < 0.1


OWN = "sr-x2-rs-0.10-own-mine"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A grid of results, and the same with an added network's beside it, on fewer photos and far better."""
    plain, more = (tmp_path_factory.mktemp(name) for name in ("plain", "more"))
    fill(plain)
    fill(more)
    store = Store(SUPER_RESOLUTION.table, more)
    rows = store.read()
    rows = rows[(rows["estimator"] == "sr-x2-rs-0.10") & rows["image"].isin(["0.png", "1.png", "2.png"])]
    rows = rows.assign(estimator=OWN, key=rows["key"] + "own", psnr=rows["psnr"] + 20, ssim=0.99, mse=0.0)
    store.put("own", rows)
    store.merge(["image"])
    return plain, more


@pytest.mark.parametrize("name", ["4.1", "4.2", "A.1", "A.2"])
def test_the_tables_of_the_thesis_do_not_mix_it_in(name: str, stores: tuple[Path, Path]) -> None:
    plain, more = (build(name, root) for root in stores)
    pd.testing.assert_frame_equal(plain.cells, more.cells)
    assert plain.notes == more.notes


def test_the_answers_to_the_claims_stay(stores: tuple[Path, Path]) -> None:
    plain, more = (findings(root) for root in stores)
    assert [finding.answer for finding in plain] == [finding.answer for finding in more]
    assert plain


def test_it_has_a_line_and_a_point_of_its_own(stores: tuple[Path, Path]) -> None:
    root = stores[1]
    table = results.deployed(
        evaluations.load(SUPER_RESOLUTION, "test", root), evaluations.chosen(SUPER_RESOLUTION, root)
    )
    nothing = published(SUPER_RESOLUTION)
    for figure in (
        tradeoff.curves(SUPER_RESOLUTION, table, nothing, "psnr"),
        tradeoff.plane(SUPER_RESOLUTION, table, "psnr", 0.05),
    ):
        names = [trace.name for trace in figure.data]
        assert names.count("smoothed, σ_f 0.1") == names.count("smoothed, σ_f 0.1 · mine") == 1

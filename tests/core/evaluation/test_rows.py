"""Rows of the store are what ``run`` says, for every problem, and those that stand there are recognised."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.attacks.terms import STRONGEST, STRONGEST_SSIM
from core.base.progress import finish
from core.evaluation.driver import carry_out
from core.evaluation.jobs import Job, Target
from core.evaluation.photos import Photos
from core.evaluation.rows import rows_of
from core.experiment.run import run
from core.pictures.images import bundled
from core.problems import PROBLEMS, problem_of
from core.problems.problem import Problem
from core.results.evaluations import DISCREPANCIES, DRAWS, METRICS, TABLES, load, table_of
from core.results.store import RESULTS, Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from tests.core.evaluation.small import here, plan_of
from tests.core.inverse_networks import SHAPES, untrained

PHOTOS = Photos("few", tuple(bundled(name) for name in ("camera", "chelsea")))
SETTINGS = {"denoising": 15.0, "compressed_sensing": 0.3, "inpainting": 0.5, "deblurring": 1.5}
NETWORKS = ("dn-adv", "cs-adv", "ip-rs-10.00", "db-std")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """With one untrained network for each linear problem."""
    folder = tmp_path_factory.mktemp("networks")
    for name in NETWORKS:
        untrained(name, folder)
    return Lab(Engine("cpu", "float32", threads=1), folder)


def jobs_of(name: str, folder: Path | None, **grid: object) -> list[Job]:
    problem = problem_of(name)
    settings = (SETTINGS[problem.name],) if problem.own else ()
    usual = {"size": 66} if problem.own else {}
    plan = plan_of(problem, [name], folder, {"settings": settings, **grid}, samples=14, **usual)
    return plan.test(PHOTOS, {(name, eps): (0.2,) for eps in plan.grid.epses})


@pytest.mark.parametrize("name", NETWORKS)
def test_a_row_is_what_run_says(name: str, lab: Lab) -> None:
    (job,) = jobs_of(name, lab.folder, epses=(4.0,), sigmas=(0.0, 8.0))
    table = table_of(job.scenario.problem)
    rows = rows_of(job, PHOTOS.photos, lab).set_index(["image", "sigma"])
    assert len(rows) == 2 * 2
    row = rows.loc[("chelsea", 8.0)]
    outcome = finish(run(job.scenario.replace(sigma=8.0, samples=14), lab, PHOTOS.photos[1]))
    found = outcome.to_dict()
    for column, what in (
        ("psnr", "adv_smoothed"),
        ("psnr_median", "adv_median"),
        ("psnr_published", "adv_published"),
    ):
        shown = found["metrics"].get(what, {"psnr": math.nan})["psnr"]
        assert row[column] == pytest.approx(shown, abs=1e-3, nan_ok=True)
    assert math.isnan(row["psnr_published"]) != job.scenario.problem.published
    assert row["median"] == pytest.approx(outcome.chosen.attacked.draws.median, rel=1e-3)
    assert row["norm"] == pytest.approx(row["epsilon"], rel=1e-4)
    assert row["certified"] == math.inf
    base = rows.loc[("chelsea", 0.0)]
    assert base["psnr"] == pytest.approx(found["metrics"]["adv_base"]["psnr"], abs=1e-3)
    assert base["samples"] == 1
    assert row[table.estimator] == name


@pytest.mark.parametrize("name", ["sr-x2-rs-0.10", "bilinear"])
def test_a_row_of_super_resolution_is_too(name: str, untrained_folder: Path) -> None:
    lab, problem = Lab(Engine("cpu", "float32", threads=1), untrained_folder), PROBLEMS["super_resolution"]
    plan = plan_of(problem, [name], untrained_folder, {"epses": (0.05,)})
    (job, *_) = plan.test(PHOTOS, {("sr-x2-rs-0.10", 0.05): (0.2,)})
    rows = rows_of(job, PHOTOS.photos, lab).set_index(["image", "sigma_g"])
    scenario = job.scenario.replace(checkpoint="sr-x2-rs-0.10", sigma_g=0.2)
    for photo in PHOTOS.photos:
        outcome = finish(run(scenario, lab, photo))
        pair = outcome.baselines.get(name) or outcome.base
        expected = {0.0: pair.attacked.quality, 0.2: outcome.chosen.attacked.estimate.quality}
        for sigma_g in (0.0, 0.2) if name != "bilinear" else (0.0,):
            found = rows.loc[(photo.name, sigma_g)]
            assert found["psnr"] == pytest.approx(expected[sigma_g].psnr, abs=1e-3)
            assert found["ssim"] == pytest.approx(expected[sigma_g].ssim, abs=1e-5)
            assert found["norm"] == pytest.approx(pair.perturbation.reached, rel=1e-6)


def test_under_the_strongest_attack_a_row_is_what_run_says_of_the_deployed_estimate(
    untrained_folder: Path,
) -> None:
    lab, name = Lab(Engine("cpu", "float32", threads=1), untrained_folder), "sr-x2-rs-0.10"
    effort = {"attack_steps": 4, "attack_samples": 2}
    plan = plan_of(PROBLEMS["super_resolution"], [name], untrained_folder, {"epses": (0.05,)}, **effort)
    plan = replace(plan, attacks=STRONGEST, rivals=("sr-x2-adv-0.02", "sr-x2-adv-1.00", "sr-x4-adv-0.05"))
    few = replace(PHOTOS, photos=PHOTOS.photos[:1])
    (job,) = plan.test(few, {(name, 0.05): (0.2,)})
    assert job.scenario.compare == ("sr-x2-adv-0.02",)
    assert job.table.name == "super_resolution_strongest"
    rows = rows_of(job, few.photos, lab).set_index("sigma_g")
    outcome = finish(run(job.scenario.replace(sigma_g=0.2), lab, few.photos[0]))
    assert rows.loc[0.2, "psnr"] == pytest.approx(outcome.chosen.attacked.estimate.quality.psnr, abs=1e-3)
    assert rows.loc[0.0, "psnr"] == pytest.approx(outcome.base.attacked.quality.psnr, abs=1e-3)
    assert rows["attack_on"].to_dict() == {0.0: name, 0.2: "smoothed"}
    assert rows.loc[0.2, "attempt"] in {"zero", "transfer", "pgd", name, "sr-x2-adv-0.02"}
    assert rows["psnr_of_median"].isna().to_dict() == {0.0: True, 0.2: False}


def test_no_row_of_the_strongest_attack_is_weaker_than_the_thesis_s(untrained_folder: Path) -> None:
    lab, name = Lab(Engine("cpu", "float32", threads=1), untrained_folder), "sr-x2-rs-0.10"
    grid = {"epses": (0.02, 0.2)}
    thesis = plan_of(PROBLEMS["super_resolution"], [name], untrained_folder, grid, attack_steps=5)
    jobs = zip(*(p.test(PHOTOS, {}) for p in (thesis, replace(thesis, attacks=STRONGEST))), strict=True)
    for pair in jobs:
        weak, strong = (rows_of(job, PHOTOS.photos, lab)["mse"] for job in pair)
        assert (strong >= weak * (1 - 1e-5)).all()


def test_an_attack_on_ssim_lowers_it_more_and_has_a_table_of_its_own(untrained_folder: Path) -> None:
    lab, name = Lab(Engine("cpu", "float32", threads=1), untrained_folder), "sr-x2-std"
    plan = plan_of(PROBLEMS["super_resolution"], [name], untrained_folder, {"epses": (0.05,)}, attack_steps=5)
    found = {}
    for attacks in (STRONGEST, STRONGEST_SSIM):
        (job,) = replace(plan, attacks=attacks).test(PHOTOS, {})
        assert job.table.name == f"super_resolution_{attacks}"
        found[attacks] = rows_of(job, PHOTOS.photos, lab)
    assert (found[STRONGEST_SSIM]["ssim"] < found[STRONGEST]["ssim"]).all()
    assert (found[STRONGEST_SSIM]["psnr"] > found[STRONGEST]["psnr"]).all()
    assert not set(found[STRONGEST]["key"]) & set(found[STRONGEST_SSIM]["key"])


def test_an_estimator_without_weights_needs_no_network(tmp_path: Path) -> None:
    (job, *_) = jobs_of_baseline(PROBLEMS["inpainting"], tmp_path)
    row = rows_of(job, PHOTOS.photos, Lab(Engine("cpu", "float32", threads=1), tmp_path)).iloc[0]
    assert (row["estimator"], row["objective"], row["digest"]) == ("linear", "the linear estimate", "")
    assert row["norm"] == pytest.approx(row["epsilon"], rel=1e-4)


def jobs_of_baseline(problem: Problem, folder: Path) -> list[Job]:
    return plan_of(problem, ["linear"], folder, {"epses": (4.0,)}, size=66).test(PHOTOS, {})


def test_smaller_numbers_of_samples_are_the_first_of_the_larger(lab: Lab) -> None:
    (job,) = jobs_of("dn-adv", lab.folder, epses=(4.0,), sigmas=(8.0,))
    several, alone = (
        rows_of(replace(job, noises=((8.0, counts),)), PHOTOS.photos, lab) for counts in ((4, 9), (4,))
    )
    assert several["samples"].tolist() == [4, 9] * 2
    several = several[several["samples"] == 4]
    assert list(several["key"]) == list(alone["key"])
    np.testing.assert_allclose(several["median"], alone["median"], rtol=1e-4)
    np.testing.assert_allclose(several["psnr"], alone["psnr"], rtol=1e-4)


@pytest.mark.parametrize("table", ["super_resolution", "inverse_problems"])
def test_what_stands_in_the_store_is_recognised(table: str) -> None:
    """The key of one stored row of each network, worked out anew from its columns."""
    described, rows = TABLES[table], Store(table).read()
    attacked = rows[rows[described.eps] > 0]
    for name, mine in attacked.groupby(described.estimator):
        row = mine.sample(1, random_state=0).iloc[0]
        network = row["digest"] != ""
        problem = problem_of(str(name)) if network else PROBLEMS["super_resolution"]
        checkpoint = str(name) if network else f"sr-x{row['factor']}-std"
        scenario = problem.scenario_at(
            *(row[field] for field in problem.own), checkpoint=checkpoint, attack="pgd", attack_on="base",
            attack_steps=int(row["attack_steps"]), keep=row["keep"], seed=int(row["seed"]),
            precision=row["precision"], short_side=problem.grid.short_side,
            **{problem.eps: float(row[described.eps])},
        )  # fmt: skip
        noises = ((float(row[described.sigma]), (int(row["samples"]),)),)
        image = ((row["image"], row["image_digest"]),)
        job = Job(
            Target(str(name), checkpoint, row["digest"]), scenario, noises, image, "", "", row["device"]
        )
        assert job.keys == (row["key"],)
    assert len(attacked[described.estimator].unique()) == len(rows[described.estimator].unique())


@pytest.mark.parametrize("table", ["super_resolution", "inverse_problems"])
def test_new_rows_have_the_columns_that_stored_ones_have(
    table: str, lab: Lab, untrained_folder: Path
) -> None:
    name, grid = ("sr-x2-std", {}) if table == "super_resolution" else ("dn-adv", {"sigmas": (0.0,)})
    folder = untrained_folder if table == "super_resolution" else lab.folder
    job, *_ = jobs_of(name, folder, epses=(0.05,), **grid)
    rows = rows_of(job, PHOTOS.photos, Lab(lab.engine, folder))
    stored = pd.read_parquet(RESULTS / f"{table}.parquet")
    assert set(rows) - {"notice"} == set(stored) - {"notice"}
    for column in (*METRICS, TABLES[table].eps, "samples", "seed"):
        assert rows[column].dtype == stored[column].dtype, column


def test_a_problem_without_a_table_of_its_own_is_stored_and_read(lab: Lab, tmp_path: Path) -> None:
    store, problem = Store("evaluations", tmp_path), PROBLEMS["inpainting"]
    for name in ("ip-rs-10.00", "db-std"):
        jobs = jobs_of(name, lab.folder, epses=(0.0, 4.0), sigmas=(0.0, 8.0))
        list(carry_out(jobs, PHOTOS, store, here(lab)))
    summary = load(problem, "test", tmp_path)
    assert len(summary) == 2 * 2
    assert set(summary["images"]) == {2}
    assert set(summary["share"]) == {0.5}
    assert set(summary["setting"]) == {"50% of the pixels"}
    for metric in (*METRICS, *DRAWS, *DISCREPANCIES):
        assert {metric, f"{metric}_low", f"{metric}_high"} <= set(summary)
    (row,) = summary.query("eps == 4 and sigma == 8").to_dict("records")
    stored = store.read(where=[("problem", "==", "inpainting")]).query("eps == 4 and sigma == 8")
    assert row["psnr"] == pytest.approx(stored["psnr"].mean())
    assert row["attack"] == "PGD-3"
    assert len(load(PROBLEMS["deblurring"], "test", tmp_path)) == 2 * 2
    assert set(SHAPES) == set(SETTINGS)

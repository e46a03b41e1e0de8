"""An evaluation survives kills, rivals and lost workers, and computes nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.base.errors import UserError
from core.evaluation.cluster import Cluster
from core.evaluation.driver import carry_out
from core.evaluation.jobs import Plan, chosen_noises
from core.evaluation.local import Local
from core.evaluation.photos import Photos
from core.evaluation.rows import rows_of
from core.evaluation.timing import Clock
from core.problems.denoising import DENOISING
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results.evaluations import chosen, per_image
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from tests.core.evaluation.small import carried_out, here, plan_of, save_photos

ROOT = Path(__file__).resolve().parents[3]
TABLE = SUPER_RESOLUTION.table
NAMES = ["sr-x2-rs-0.10", "bilinear"]
GRID = {"epses": (0.0, 0.05), "sigmas": (0.0, 0.2)}
EVERY_IMAGE = 2 * 2 + 3 * 2 * 3
"""Validation: one network, two photos, two strengths. Test: it and two baselines, three photos."""


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine("cpu", precision="float32", threads=1)


@pytest.fixture(scope="session")
def plan(untrained_folder: Path) -> Plan:
    return plan_of(SUPER_RESOLUTION, NAMES, untrained_folder, GRID)


@pytest.fixture(scope="session")
def reference(
    tmp_path_factory: pytest.TempPathFactory, photos: Path, untrained_folder: Path, engine: Engine, plan: Plan
) -> Store:
    """The small evaluation, carried out undisturbed in this process."""
    store = Store(TABLE, tmp_path_factory.mktemp("reference"))
    assert carried_out(plan, photos, store, here(Lab(engine, untrained_folder))) == EVERY_IMAGE
    return store


def test_the_noise_is_chosen_on_validation_and_used_on_test(reference: Store) -> None:
    validation = reference.read(where=[("split", "==", "validation")])
    means = validation.groupby(["eps_rel", "sigma_g"])["ssim"].mean()
    best = chosen(SUPER_RESOLUTION, reference.root).set_index("eps")["sigma"]
    for eps_rel in GRID["epses"]:
        assert best[eps_rel] == means[eps_rel].idxmax()
    test = reference.read(where=[("split", "==", "test"), ("estimator", "==", "sr-x2-rs-0.10")])
    used = test.groupby("eps_rel")["sigma_g"].unique()
    for eps_rel in GRID["epses"]:
        assert set(used[eps_rel]) == {0.0, best[eps_rel]}


def test_nothing_is_computed_twice(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, plan: Plan, tmp_path: Path
) -> None:
    store = Store(TABLE, tmp_path)
    store.put("copy", reference.read())
    assert carried_out(plan, photos, store, here(Lab(engine, untrained_folder)), batch=2) == 0
    pd.testing.assert_frame_equal(store.read(), reference.read())


def test_a_further_photo_adds_its_rows_alone(
    photos: Path, inverse_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.evaluation.local as local

    asked: list[tuple[str, ...]] = []
    compute = local.rows_of

    def noting(job, *rest):
        asked.append(tuple(name for name, _ in job.images))
        return compute(job, *rest)

    monkeypatch.setattr(local, "rows_of", noting)
    plan = plan_of(DENOISING, ["dn-ord"], inverse_lab.folder, {**GRID, "settings": (15.0,), "epses": (4.0,)})
    some, store = Photos.read(photos / "photos_test", 2), Store(DENOISING.table, tmp_path)
    list(carry_out(plan.test(some, {}), some, store, here(inverse_lab)))
    every = Photos.read(photos / "photos_test")
    list(carry_out(plan.test(every, {}), every, store, here(inverse_lab)))
    assert asked == [("0.png", "1.png"), ("2.png",)]
    assert sorted(store.read()["image"]) == [f"{n}.png" for n in (0, 0, 1, 1, 2, 2)]


def test_a_wider_grid_computes_only_what_is_new(
    photos: Path, inverse_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.evaluation.local as local

    asked, compute = [], local.rows_of

    def noting(job, *rest):
        asked.append(job.noises)
        return compute(job, *rest)

    monkeypatch.setattr(local, "rows_of", noting)
    store, grid = Store(DENOISING.table, tmp_path), {"settings": (15.0,), "epses": (4.0,)}
    some = Photos.read(photos / "photos_test", 2)

    def evaluated(*sigmas: float) -> pd.DataFrame:
        plan = plan_of(DENOISING, ["dn-ord", "dn-adv"], inverse_lab.folder, {**grid, "sigmas": sigmas})
        list(carry_out(plan.test(some, {}), some, store, here(inverse_lab)))
        return store.read()

    before = evaluated(0.0, 8.0)
    asked.clear()
    after = evaluated(0.0, 5.0, 8.0)
    assert asked == [((5.0, (5,)),)] * 2
    assert len(after) == len(before) + 2 * 2
    assert after[after["sigma"] != 5].reset_index(drop=True).equals(before)


def test_rows_of_a_replaced_checkpoint_are_dropped(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, plan: Plan, tmp_path: Path
) -> None:
    store = Store(TABLE, tmp_path)
    store.put("copy", reference.read().assign(digest="earlier", key=lambda f: f["key"].str[::-1]))
    store.merge(["image"])
    carried_out(plan, photos, store, here(Lab(engine, untrained_folder)))
    assert "earlier" not in set(store.read()["digest"])


def test_the_noise_is_chosen_while_another_checkpoint_is_evaluated_anew(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, plan: Plan, tmp_path: Path
) -> None:
    store = Store(TABLE, tmp_path)
    rows = reference.read()
    other = rows[rows["split"] == "validation"].assign(estimator="sr-x2-rs-0.20", level=0.2)
    versions = (other.assign(digest=d, key=other["key"] + d) for d in ("earlier", "present"))
    store.put("both", pd.concat([rows, *versions]))
    store.merge(["image"])
    assert carried_out(plan, photos, store, here(Lab(engine, untrained_folder))) == 0
    with pytest.raises(UserError, match="two protocols"):
        per_image(SUPER_RESOLUTION, "validation", store.root)


def test_a_photo_is_not_tested_and_held_out(photos: Path, plan: Plan, engine: Engine, tmp_path: Path) -> None:
    from core.evaluation.driver import evaluate

    test = Photos.read(photos / "photos_test")
    with pytest.raises(UserError, match=r"0\.png is a test photo and a validation photo"):
        next(evaluate(plan, test, test, Store(TABLE, tmp_path), here(Lab(engine)), validation_samples=3))


def test_another_network_under_the_same_name_is_refused(
    photos: Path, untrained_folder: Path, engine: Engine, plan: Plan
) -> None:
    some = Photos.read(photos / "photos_test", limit=1)
    job = plan.test(some, {})[0]
    other = replace(job, target=replace(job.target, digest="0" * 16))
    with pytest.raises(UserError, match="copy the same checkpoints"):
        rows_of(other, some.photos, Lab(engine, untrained_folder))


def test_no_photos_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no photos"):
        Photos.read(tmp_path)


def test_the_clock_counts_only_what_was_computed(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, plan: Plan, tmp_path: Path
) -> None:
    store, test = Store(TABLE, tmp_path), Photos.read(photos / "photos_test")
    rows = reference.read()
    store.put("copy", rows[(rows["split"] == "test") & (rows["image"] != "2.png")])
    noises = chosen_noises(chosen(SUPER_RESOLUTION, reference.root))
    clock = Clock()
    for finished in carry_out(plan.test(test, noises), test, store, here(Lab(engine, untrained_folder))):
        clock.add(finished)
    records = {(r["estimator"], r["setting"]): r["images"] for r in clock.to_records()}
    assert records == {("sr-x2-rs-0.10", "×2"): 2, ("bilinear", "×2"): 2, ("bilinear", "×4"): 2}
    assert finished.done == finished.parts
    assert Clock().lines() == ["nothing to compute: all of it stands in the store"]


# -- kills and rivals, as processes of their own ---------------------------------------------


def command(photos: Path, folder: Path, target: Path) -> list[str]:
    words = [sys.executable, "-m", "core", "evaluate", *NAMES, "--data", str(photos / "photos_test")]
    for option in ("--eps-rel", "0", "--eps-rel", "0.05", "--sigma-g", "0", "--sigma-g", "0.2"):
        words.append(option)
    words += ["--samples", "8", "--validation-samples", "8", "--batch", "1", "--precision", "float32"]
    words += ["--threads", "1", "--device", "cpu", "--json"]
    return [*words, "--checkpoints", str(folder), "--results", str(target)]


def launch(photos: Path, folder: Path, target: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(command(photos, folder, target), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def parts(target: Path) -> list[Path]:
    return sorted(target.glob(f".parts/{TABLE}/[!.]*.parquet"))


def test_killed_and_with_a_rival_the_sweep_is_the_undisturbed_one(
    photos: Path, untrained_folder: Path, tmp_path: Path
) -> None:
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    process = launch(photos, untrained_folder, disturbed)
    while len(parts(disturbed)) < 2:
        assert process.poll() is None, "the sweep ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    survived = {path: path.stat().st_mtime_ns for path in parts(disturbed)}
    assert not (disturbed / f"{TABLE}.parquet").exists()

    # Two processes go on at once; what survived is not computed again, nothing is done twice.
    rivals = [launch(photos, untrained_folder, disturbed) for _ in range(2)]
    computed = 0
    for rival in rivals:
        output, _ = rival.communicate(timeout=240)
        assert rival.returncode == 0
        computed += sum(record["images"] for record in json.loads(output))
    done_before = len(survived)  # one photo a part
    assert computed == EVERY_IMAGE - done_before

    engine = Engine("cpu", precision="float32", threads=1)
    store = Store(TABLE, calm)
    plan = plan_of(SUPER_RESOLUTION, NAMES, untrained_folder, GRID, samples=8, attack_steps=10)
    carried_out(plan, photos, store, Local(Lab(engine, untrained_folder), "float32"), samples=8)
    pd.testing.assert_frame_equal(Store(TABLE, disturbed).read(), store.read())


# -- a real cluster --------------------------------------------------------------------------


def test_two_workers_one_killed_half_way_give_the_local_rows(
    cluster: object, reference: Store, photos: Path, untrained_folder: Path, plan: Plan, tmp_path: Path
) -> None:
    store = Store(TABLE, tmp_path)
    validation, test = (Photos.read(photos / name) for name in ("photos_val", "photos_test"))
    with closing(Cluster(cluster.scheduler_address, "cpu", "float32", 1, untrained_folder)) as executor:
        list(carry_out(plan.validation(validation, 3), validation, store, executor, batch=1))
        jobs = plan.test(test, chosen_noises(chosen(SUPER_RESOLUTION, tmp_path)))
        for number, _ in enumerate(carry_out(jobs, test, store, executor, batch=1)):
            if number == len(jobs):
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    assert number + 1 == len(jobs) * len(test.photos)
    pd.testing.assert_frame_equal(store.read(), reference.read())


def test_no_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask.distributed", reason="needs requirements-cluster.txt")
    monkeypatch.setattr("core.base.cluster.SECONDS_TO_ANSWER", 0.5)
    with pytest.raises(UserError, match="No Dask scheduler answers"):
        Cluster("tcp://127.0.0.1:9", "cpu", "float32", 1, None)

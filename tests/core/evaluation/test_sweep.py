"""The evaluation sweep: its figures, and that it survives kills, rivals and lost workers."""

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

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.base.errors import UserError
from core.base.progress import finish
from core.evaluation.sweep import start
from core.evaluation.sweep.cluster import Cluster
from core.evaluation.sweep.grid import Settings, Target, groups
from core.evaluation.sweep.group import compute
from core.evaluation.sweep.local import Local
from core.evaluation.sweep.photos import read_crops
from core.evaluation.sweep.start import targets
from core.evaluation.sweep.sweep import Executor, carry_out, choose_noises, plan_test, plan_validation
from core.evaluation.sweep.timing import Clock
from core.experiment.run import run
from core.experiment.scenario import Scenario
from core.pictures.images import open_photo
from core.results import summary as results
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab

ROOT = Path(__file__).resolve().parents[3]
NAMES = ["sr-x2-rs-0.10", "bilinear"]
SETTINGS = Settings(eps_rels=(0.0, 0.05), sigma_gs=(0.0, 0.2), samples=5, attack_steps=3, batch=1)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders, photos_test and photos_val, of small pictures with structure."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for split, count in (("photos_test", 3), ("photos_val", 2)):
        (folder / split).mkdir()
        for number in range(count):
            coarse = random.integers(0, 255, (24, 30, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((240, 192), Image.Resampling.BICUBIC)
            picture.save(folder / split / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine("cpu", precision="float32", threads=1)


def sweep(executor: Executor, photos: Path, store: Store, folder: Path, settings: Settings = SETTINGS) -> int:
    """A whole small evaluation; how many groups were computed and not found."""
    targets = start.targets(NAMES, folder)
    computed = 0
    validation, test = read_crops(photos / "photos_val"), read_crops(photos / "photos_test")
    planned = plan_validation(targets, validation, settings, samples=3)
    computed += sum(f.seconds > 0 for f in carry_out(planned, validation, store, executor))
    planned = plan_test(targets, test, settings, choose_noises(store, targets, settings))
    return computed + sum(f.seconds > 0 for f in carry_out(planned, test, store, executor))


@pytest.fixture(scope="session")
def reference(
    tmp_path_factory: pytest.TempPathFactory, photos: Path, untrained_folder: Path, engine: Engine
) -> Store:
    """The small evaluation, carried out undisturbed in this process."""
    store = Store(results.TABLE, tmp_path_factory.mktemp("reference"))
    executor = Local(Lab(engine, untrained_folder), "float32")
    # Validation: one network, two photos, two strengths. Test: it and two baselines, three photos.
    assert sweep(executor, photos, store, untrained_folder) == 2 * 2 + 3 * 2 * 3
    return store


@pytest.mark.parametrize("name", NAMES)
def test_a_row_has_the_figures_of_the_scenario_run_alone(
    name: str, photos: Path, untrained_folder: Path, engine: Engine
) -> None:
    lab = Lab(engine, untrained_folder)
    crops = read_crops(photos / "photos_test")
    (target, *_) = start.targets([name], untrained_folder)
    noises = (0.0,) if name == "bilinear" else (0.0, 0.2)
    settings = replace(SETTINGS, eps_rels=(0.05,), batch=3)
    (group,) = groups(target, "test", crops.names, settings, {0.05: noises})
    rows = compute(group, crops.of(group.images), lab).set_index(["image", "sigma_g"])
    scenario = Scenario(
        checkpoint="sr-x2-rs-0.10", eps_rel=0.05, sigma_g=0.2, samples=5,
        attack="pgd", attack_on="base", attack_steps=3, precision="float32",
    )  # fmt: skip
    for image, _ in crops.names:
        path = str(photos / "photos_test" / image)
        outcome = finish(run(scenario.replace(image=path), lab, open_photo(path)))
        pair = outcome.baselines.get(name) or outcome.base
        expected = {0.0: pair.attacked.quality, 0.2: outcome.chosen.attacked.estimate.quality}
        for sigma_g in noises:
            found = rows.loc[(image, sigma_g)]
            assert found["psnr"] == pytest.approx(expected[sigma_g].psnr, abs=1e-3)
            assert found["ssim"] == pytest.approx(expected[sigma_g].ssim, abs=1e-5)
            assert found["norm"] == pytest.approx(pair.perturbation.reached, rel=1e-6)


def test_the_noise_is_chosen_on_validation_and_used_on_test(reference: Store) -> None:
    validation = reference.read(where=[("split", "==", "validation")])
    means = validation.groupby(["eps_rel", "sigma_g"])["ssim"].mean()
    chosen = results.choose(results.per_image("validation", reference)).set_index("eps_rel")["sigma_g"]
    for eps_rel in SETTINGS.eps_rels:
        assert chosen[eps_rel] == means[eps_rel].idxmax()
    test = reference.read(where=[("split", "==", "test"), ("estimator", "==", "sr-x2-rs-0.10")])
    used = test.groupby("eps_rel")["sigma_g"].unique()
    for eps_rel in SETTINGS.eps_rels:
        assert set(used[eps_rel]) == {0.0, chosen[eps_rel]}


def test_nothing_is_computed_twice_and_more_photos_add_rows(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, tmp_path: Path
) -> None:
    store = Store(results.TABLE, tmp_path)
    store.put("copy", reference.read())
    executor = Local(Lab(engine, untrained_folder), "float32")
    assert sweep(executor, photos, store, untrained_folder) == 0
    pd.testing.assert_frame_equal(store.read(), reference.read())


def test_rows_of_a_replaced_checkpoint_are_dropped(
    reference: Store, photos: Path, untrained_folder: Path, engine: Engine, tmp_path: Path
) -> None:
    store = Store(results.TABLE, tmp_path)
    store.put("copy", reference.read().assign(digest="earlier", key=lambda f: f["key"].str[::-1]))
    store.merge(["image"])
    sweep(Local(Lab(engine, untrained_folder), "float32"), photos, store, untrained_folder)
    assert "earlier" not in set(store.read()["digest"])


def test_the_noise_is_chosen_while_another_checkpoint_is_evaluated_anew(
    reference: Store, untrained_folder: Path, tmp_path: Path
) -> None:
    store = Store(results.TABLE, tmp_path)
    rows = reference.read()
    other = rows[rows["split"] == "validation"].assign(estimator="sr-x2-rs-0.20", level=0.2)
    versions = (other.assign(digest=d, key=other["key"] + d) for d in ("earlier", "present"))
    store.put("both", pd.concat([rows, *versions]))
    store.merge(["image"])
    targets = start.targets(NAMES, untrained_folder)
    pd.testing.assert_frame_equal(
        choose_noises(store, targets, SETTINGS), choose_noises(reference, targets, SETTINGS)
    )
    with pytest.raises(UserError, match="two protocols"):
        results.per_image("validation", store)


def test_keys_depend_on_what_decides_the_figures() -> None:
    target = Target("sr-x2-rs-0.10", 2, "digest")

    def keys(target: Target = target, **changes: object) -> set[str]:
        settings = replace(SETTINGS, **changes)
        noises = dict.fromkeys(settings.eps_rels, settings.sigma_gs)
        planned = groups(target, "test", [("a", "1"), ("b", "2")], settings, noises)
        return {key for group in planned for key in group.keys()}  # noqa: SIM118

    plain = keys()
    assert len(plain) == 2 * 2 * 2
    assert plain == keys(batch=2)
    assert not plain & keys(seed=1)
    assert not plain & keys(target=replace(target, digest="other"))
    assert not plain & keys(precision="bfloat16")
    # More samples change smoothed rows only, another attack attacked ones only.
    assert len(plain & keys(samples=9)) == 4
    assert len(plain & keys(attack_steps=9)) == 4


def test_another_network_under_the_same_name_is_refused(
    photos: Path, untrained_folder: Path, engine: Engine
) -> None:
    crops = read_crops(photos / "photos_test", limit=1)
    (group, *_) = groups(
        Target("sr-x2-std", 2, "0" * 16), "test", crops.names, SETTINGS, dict.fromkeys((0.0, 0.05), (0.0,))
    )
    with pytest.raises(UserError, match="copy the same checkpoints"):
        compute(group, crops.of(group.images), Lab(engine, untrained_folder))


def test_what_is_asked_twice_is_computed_once() -> None:
    twice = replace(SETTINGS, eps_rels=(0.0, 0.05, 0.05), sigma_gs=(0.2, 0.0, 0.2))
    assert (twice.eps_rels, twice.sigma_gs) == ((0.0, 0.05), (0.2, 0.0))


def test_no_photos_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no photos"):
        read_crops(tmp_path)


def test_the_clock_counts_only_what_was_computed(reference: Store, photos: Path) -> None:
    assert Clock().lines() == ["nothing to compute: all of it stands in the store"]


# -- kills and rivals, as processes of their own ---------------------------------------------


def command(photos: Path, folder: Path, target: Path) -> list[str]:
    words = [sys.executable, "-m", "core", "evaluate", *NAMES, "--data", str(photos / "photos_test")]
    for option in ("--eps-rel", "0", "--eps-rel", "0.05", "--sigma-g", "0", "--sigma-g", "0.2"):
        words.append(option)
    words += ["--samples", "30", "--validation-samples", "30", "--batch", "1", "--precision", "float32"]
    words += ["--threads", "1", "--device", "cpu", "--json"]
    return [*words, "--checkpoints", str(folder), "--results", str(target)]


def launch(photos: Path, folder: Path, target: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(command(photos, folder, target), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def parts(target: Path) -> list[Path]:
    return sorted(target.glob(f".parts/{results.TABLE}/[!.]*.parquet"))


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
    assert not (disturbed / f"{results.TABLE}.parquet").exists()

    # Two processes go on at once; what survived is not computed again, nothing is done twice.
    rivals = [launch(photos, untrained_folder, disturbed) for _ in range(2)]
    computed = 0
    for rival in rivals:
        output, _ = rival.communicate(timeout=240)
        assert rival.returncode == 0
        computed += sum(record["images"] for record in json.loads(output))
    every_image = 2 * 2 + 3 * 2 * 3
    done_before = len(survived)  # one photo a part
    assert computed == every_image - done_before

    settings = replace(SETTINGS, samples=30, attack_steps=10)
    engine = Engine("cpu", precision="float32", threads=1)
    store = Store(results.TABLE, calm)
    targets = start.targets(NAMES, untrained_folder)
    executor = Local(Lab(engine, untrained_folder), "float32")
    validation, test = read_crops(photos / "photos_val"), read_crops(photos / "photos_test")
    list(carry_out(plan_validation(targets, validation, settings, 30), validation, store, executor))
    planned = plan_test(targets, test, settings, choose_noises(store, targets, settings))
    list(carry_out(planned, test, store, executor))
    pd.testing.assert_frame_equal(Store(results.TABLE, disturbed).read(), store.read())


# -- a real cluster --------------------------------------------------------------------------


def test_two_workers_one_killed_half_way_give_the_local_rows(
    cluster: object, reference: Store, photos: Path, untrained_folder: Path, tmp_path: Path
) -> None:
    store = Store(results.TABLE, tmp_path)
    targets = start.targets(NAMES, untrained_folder)
    validation, test = read_crops(photos / "photos_val"), read_crops(photos / "photos_test")
    with closing(Cluster(cluster.scheduler_address, "cpu", "float32", 1, untrained_folder)) as executor:
        list(carry_out(plan_validation(targets, validation, SETTINGS, 3), validation, store, executor))
        planned = plan_test(targets, test, SETTINGS, choose_noises(store, targets, SETTINGS))
        for number, _ in enumerate(carry_out(planned, test, store, executor)):
            if number == len(planned) // 3:
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    assert number + 1 == len(planned)
    pd.testing.assert_frame_equal(store.read(), reference.read())


def test_no_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask.distributed", reason="needs requirements-cluster.txt")
    monkeypatch.setattr("core.base.cluster.SECONDS_TO_ANSWER", 0.5)
    with pytest.raises(UserError, match="No Dask scheduler answers"):
        Cluster("tcp://127.0.0.1:9", "cpu", "float32", 1, None)


def test_networks_of_other_problems_are_sent_to_their_own_evaluation() -> None:
    with pytest.raises(UserError, match="python -m core inverse evaluate"):
        targets(["dn-ord"])

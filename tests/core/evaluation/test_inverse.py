"""Rows of the store are what ``run`` says, resumable and without doubles."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import UserError
from core.base.progress import finish
from core.evaluation.inverse import grid
from core.evaluation.inverse.evaluation import Pictures, evaluate
from core.experiment.run import run
from core.pictures import images
from core.results.inverse import TABLE
from core.results.store import Store
from core.runtime.session import Lab


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    folder = tmp_path_factory.mktemp("few")
    for name in ("camera", "chelsea", "coffee"):
        pixels = Image.fromarray(images.resized(images.bundled(name), 192)).convert("L")
        pixels.save(folder / f"{name}.tif")
    return Pictures.read(folder, limit=2)


def _jobs(prefix: str, **options: object) -> list[grid.Job]:
    options = {
        "epses": (0.0, 4.0), "sigmas": (0.0, 8.0), "samples": 14, "tables": False, "size": 66,
        "settings": (0.3,) if prefix == "cs" else (15.0,), **options,
    }  # fmt: skip
    return grid.jobs([f"{prefix}-ord", f"{prefix}-adv"], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["dn", "cs"])
def test_a_row_is_what_run_says(prefix: str, inverse_lab: Lab, pictures: Pictures, tmp_path: Path) -> None:
    store = Store(TABLE, tmp_path)
    *_, last = evaluate(inverse_lab, _jobs(prefix), pictures, store)
    assert last.done == last.parts == 4
    rows = store.read()
    assert len(rows) == 2 * 2 * 2 * 2
    wanted = rows.query(f"network == '{prefix}-adv' and eps == 4 and sigma == 8 and image == 'chelsea.tif'")
    (row,) = wanted.to_dict("records")
    scenario = _jobs(prefix)[-1].scenario.replace(sigma=8.0, samples=14)
    assert scenario.checkpoint == f"{prefix}-adv"
    outcome = finish(run(scenario, inverse_lab, pictures.photos[1]))
    found = outcome.to_dict()
    for column, name in (
        ("psnr", "adv_smoothed"),
        ("psnr_median", "adv_median"),
        ("psnr_published", "adv_published"),
    ):
        assert row[column] == pytest.approx(found["metrics"][name]["psnr"], abs=1e-3)
    assert row["median"] == pytest.approx(outcome.chosen.attacked.draws.median, rel=1e-3)
    assert row["norm"] == pytest.approx(row["epsilon"], rel=1e-4)
    base = rows.query(f"network == '{prefix}-adv' and eps == 4 and sigma == 0 and image == 'chelsea.tif'")
    assert base["psnr"].item() == pytest.approx(found["metrics"]["adv_base"]["psnr"], abs=1e-3)
    assert base["samples"].item() == 1
    assert (rows["certified"][rows["eps"] == 4] == math.inf).all()


def test_nothing_is_computed_twice_and_a_kill_loses_one_part(
    inverse_lab: Lab, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.evaluation.inverse.evaluation as evaluation

    store = Store(TABLE, tmp_path)
    counted: list[str] = []
    compute = evaluation._rows

    def counting(*args: object) -> object:
        counted.append(str(args[1]))
        return compute(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluation, "_rows", counting)
    work = evaluate(inverse_lab, _jobs("dn"), pictures, store)
    next(work)
    next(work)
    work.close()  # as a kill would: nothing is merged
    assert not store.path.exists()
    list(evaluate(inverse_lab, _jobs("dn"), pictures, store))
    assert len(counted) == len(set(counted)) == 4
    before = store.read()
    list(evaluate(inverse_lab, _jobs("dn"), pictures, store))
    assert len(counted) == 4
    assert store.read().equals(before)
    assert not before["key"].duplicated().any()


def test_a_wider_grid_computes_only_what_is_new(
    inverse_lab: Lab, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.evaluation.inverse.evaluation as evaluation

    store = Store(TABLE, tmp_path)
    list(evaluate(inverse_lab, _jobs("dn", epses=(4.0,)), pictures, store))
    before, asked = store.read(), []
    compute = evaluation._rows

    def noting(*args: object) -> object:
        asked.append(args[1].noises)  # type: ignore[attr-defined]
        return compute(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluation, "_rows", noting)
    list(evaluate(inverse_lab, _jobs("dn", epses=(4.0,), sigmas=(0.0, 5.0, 8.0)), pictures, store))
    assert asked == [((5.0, (14,)),)] * 2
    after = store.read()
    assert len(after) == len(before) + 2 * 2
    assert after[after["sigma"] != 5].reset_index(drop=True).equals(before)


def test_smaller_numbers_of_samples_are_the_first_of_the_larger(
    inverse_lab: Lab, pictures: Pictures, tmp_path: Path
) -> None:
    (job,) = [job for job in _jobs("dn", epses=(4.0,)) if job.scenario.checkpoint == "dn-ord"]
    several = grid.Job(job.scenario, ((8.0, (4, 9)),))
    store, alone = Store(TABLE, tmp_path / "several"), Store(TABLE, tmp_path / "alone")
    list(evaluate(inverse_lab, [several], pictures, store))
    list(evaluate(inverse_lab, [grid.Job(job.scenario, ((8.0, (4,)),))], pictures, alone))
    rows = store.read().query("samples == 4")
    assert sorted(store.read()["samples"].unique()) == [4, 9]
    assert list(rows["key"]) == list(alone.read()["key"])
    np.testing.assert_allclose(rows["median"], alone.read()["median"], rtol=1e-4)
    np.testing.assert_allclose(rows["psnr"], alone.read()["psnr"], rtol=1e-4)


def test_the_grid_covers_the_paper() -> None:
    found = grid.jobs(["dn-ord", "cs-ord"])
    asked: dict[tuple[str, float, float], set[float]] = {}
    for job in found:
        s = job.scenario
        setting = s.sigma_b if s.checkpoint.startswith("dn") else s.ratio
        noises = asked.setdefault((s.checkpoint[:2], setting, s.eps), set())
        new = {sigma for sigma, _ in job.noises}
        assert noises.isdisjoint(new)
        noises |= new
    assert {(prefix, setting) for prefix, setting, _ in asked} == {
        *(("dn", sigma_b) for sigma_b in (0, 2, 10, 15)), *(("cs", ratio) for ratio in (0.1, 0.2, 0.3, 0.4))
    }  # fmt: skip
    for prefix, (setting, pairs) in grid.OF_TABLE_1.items():
        for eps, sigma in ((0.0, 0.0), *pairs):
            assert {0.0, sigma} <= asked[prefix, setting, eps]
    for prefix, setting in grid.FIGURE_1.items():
        for eps in grid.EPSES[prefix]:
            assert set(grid.SIGMAS[prefix]) <= asked[prefix, setting, eps]
    assert any(job.noises == ((12.0, (50, 500, 1000)),) for job in found)


def test_what_is_asked_twice_is_planned_once() -> None:
    once = _jobs("dn")
    assert _jobs("dn", sigmas=(0.0, 8.0, 8.0, 0.0)) == once
    assert grid.jobs(["dn-ord", "dn-ord"], sigmas=(0.0,)) == grid.jobs(["dn-ord"], sigmas=(0.0,))


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no photos"):
        Pictures.read(tmp_path)

"""Which jobs an evaluation plans, and what their keys depend on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.attacks.terms import STRONGEST
from core.base.errors import UserError
from core.evaluation.jobs import TRIED_STEPS, Plan, Target, targets
from core.evaluation.photos import Photos
from core.pictures.images import bundled
from core.problems import PROBLEMS
from core.problems.denoising import DENOISING
from core.problems.sensing import COMPRESSED_SENSING
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import SIGMA_GS, SUPER_RESOLUTION
from tests.core.evaluation.small import plan_of

PHOTOS = Photos("few", tuple(bundled(name) for name in ("camera", "chelsea")))
GRID = {"epses": (0.0, 0.05), "sigmas": (0.0, 0.2)}


def keys_of(plan: Plan, samples: int = 5) -> list[str]:
    return [key for job in plan.validation(PHOTOS, samples) for key in job.keys]


def test_keys_depend_on_what_decides_the_figures(untrained_folder: Path) -> None:
    def keys(**changes: object) -> set[str]:
        return set(keys_of(plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, GRID, **changes)))

    plan = plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, GRID)
    plain = keys()
    assert len(plain) == 2 * 2 * 2
    assert plain == {
        key for job in plan.validation(PHOTOS, 5) for part in job.batches(1) for key in part.keys
    }
    assert not plain & keys(seed=1)
    assert not plain & keys(precision="bfloat16")
    (target,) = plan.targets
    assert not plain & set(keys_of(replace(plan, targets=(replace(target, digest="other"),))))
    # More samples change smoothed rows only, another attack attacked ones only.
    assert len(plain & set(keys_of(plan, 9))) == 4
    assert len(plain & keys(attack_steps=9)) == 4


def test_keys_of_the_strongest_attack_depend_on_what_decides_its_figures(untrained_folder: Path) -> None:
    def keys(**changes: object) -> set[str]:
        plan = plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, GRID, **changes)
        return set(keys_of(replace(plan, attacks=STRONGEST)))

    plain = keys()
    thesis = set(keys_of(plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, GRID)))
    attacked = {key for key in plain if key not in thesis}
    assert len(attacked) == len(plain) / 2, "without an attack there is no difference"
    assert len(plain & keys(attack_samples=4)) == len(plain) - len(attacked)


def test_noises_near_that_of_the_training_are_tried_under_the_strongest_attack(
    untrained_folder: Path,
) -> None:
    grid = {"epses": (0.05,), "sigmas": SIGMA_GS}
    plan = plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, grid, attack_steps=99)
    (job,) = replace(plan, attacks=STRONGEST).validation(PHOTOS, 5)
    assert [sigma for sigma, _ in job.noises] == [0.1, 0.15, 0.2]
    assert job.scenario.attack_steps == TRIED_STEPS


PICTURES = {name: problem for name, problem in PROBLEMS.items() if not problem.classes}


@pytest.mark.parametrize("problem", PICTURES.values(), ids=PICTURES)
def test_no_row_is_planned_twice(problem, tmp_path: Path) -> None:
    factor = "-x2" if problem in (SUPER_RESOLUTION, SMALL_PICTURE) else ""
    name = f"{problem.prefix}{factor}-rs-0.10"
    given = (Target(name, name, "digest"), Target("linear", name))
    plan = Plan(problem, given, problem.grid, {"samples": 50, "precision": "float32"}, "cpu")
    chosen = {(name, eps): (0.2,) for eps in problem.grid.epses}
    keys = [key for job in plan.test(PHOTOS, chosen) for key in job.keys]
    assert len(keys) == len(set(keys)) > 0


def test_the_grid_covers_the_paper() -> None:
    for problem in (DENOISING, COMPRESSED_SENSING):
        names = [f"{problem.prefix}-{objective}" for objective in ("ord", "jcb", "smt-grad")]
        given = tuple(Target(name, name, "digest") for name in names)
        plan = Plan(problem, given, problem.grid, {"samples": 50, "precision": "float32"}, "cpu")
        asked = {}
        for job in plan.test(PHOTOS, {}):
            s = job.scenario
            asked[s.checkpoint, getattr(s, problem.own[0]), s.eps_level] = dict(job.noises)
        for name in names:
            for eps in problem.grid.epses:
                whole, *others = problem.grid.settings
                assert set(problem.grid.sigmas) <= set(asked[name, whole, eps])
                for setting in others:
                    assert set(problem.grid.elsewhere) <= set(asked[name, setting, eps])
            for table in problem.grid.tables.values():
                for point in table:
                    if point.network in ("", name):
                        counts = asked[name, point.setting, point.eps][point.sigma]
                        assert set(point.samples or (50,)) <= set(counts)
        assert 0.0 in asked["".join(names[:1]), problem.grid.tables["1"][0].setting, 0.0]


def test_what_is_asked_twice_is_planned_once(untrained_folder: Path) -> None:
    once = plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"], untrained_folder, GRID)
    grid = {"epses": (0.0, 0.05, 0.05), "sigmas": (0.0, 0.2, 0.2)}
    twice = plan_of(SUPER_RESOLUTION, ["sr-x2-rs-0.10"] * 2, untrained_folder, grid)
    assert keys_of(twice) == keys_of(once)
    assert twice.test(PHOTOS, {}) == once.test(PHOTOS, {})


def test_all_are_the_networks_and_what_stands_beside_them(
    untrained_folder: Path, inverse_folder: Path
) -> None:
    found = [target.name for target in targets(SUPER_RESOLUTION, folder=untrained_folder)]
    assert found[:4] == ["bilinear", "bilinear", "bicubic", "bicubic"]
    assert sorted(found[4:]) == ["sr-x2-adv-0.02", "sr-x2-rs-0.10", "sr-x2-std"]
    found = [target.name for target in targets(DENOISING, folder=inverse_folder)]
    assert sorted(found) == ["dn-adv", "dn-jcb", "dn-ord", "dn-smt-adv", "dn-smt-grad"]


def test_networks_of_two_problems_are_one_sentence(inverse_folder: Path) -> None:
    with pytest.raises(UserError, match="dn-ord is no network for compressed sensing"):
        targets(COMPRESSED_SENSING, ["dn-ord"], inverse_folder)


@pytest.mark.parametrize(
    ("problem", "given"), [(SUPER_RESOLUTION, {"size": 96}), (SUPER_RESOLUTION, {"setting": 2.0})]
)
def test_a_field_that_a_problem_lacks_is_one_sentence(problem, given) -> None:
    with pytest.raises(UserError, match="Super-resolution has no"):
        problem.scenario_at(**given)


def test_levels_out_of_range_are_one_sentence(untrained_folder: Path) -> None:
    with pytest.raises(UserError, match="sigma_g is 9"):
        plan_of(SUPER_RESOLUTION, ["sr-x2-std"], untrained_folder, {**GRID, "sigmas": (9.0,)})
    plan = plan_of(SUPER_RESOLUTION, ["sr-x2-std"], untrained_folder, {**GRID, "epses": (9.0,)})
    with pytest.raises(UserError, match="eps_rel is 9"):
        plan.test(PHOTOS, {})

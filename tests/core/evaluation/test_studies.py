"""Both studies on small untrained networks: protocol, rows, resuming. And their summaries."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core.attacks import ball
from core.base.errors import UserError
from core.base.progress import Progress
from core.certificates.draws import Draws
from core.evaluation.studies import attacks, certificates, reading
from core.evaluation.studies.attacks import Protocol, study_photo
from core.evaluation.studies.attempts import SMOOTHED, VANILLA, Attempt, carry_out, full, light
from core.evaluation.studies.case import Case, make_case
from core.evaluation.studies.certificates import Plan, certify_photo
from core.evaluation.studies.plans import AttackStudy
from core.evaluation.studies.runner import Unit, marker, superseded
from core.evaluation.studies.runner import carry_out as run_units
from core.networks.unet import UNet
from core.pictures import images, units
from core.problems import restoring
from core.problems.problem import Problem
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results.store import Store
from core.runtime.engine import Engine, Estimator
from core.runtime.session import Lab, Memory
from tests.conftest import untrained_checkpoint
from tests.core.inverse_networks import untrained

OTHER = "sr-x2-adv-0.02"
PLAN = Plan(
    ratios=(0.1, 0.5, 6.0), eps_rels=(0.05,), attacked_ratios=(0.5,), samples=120, pilot=30, measure=30,
    steps=2, attack_samples=2,
)  # fmt: skip


def _network(seed: int) -> Estimator:
    torch.manual_seed(seed)
    network = UNet(widths=(2, 3, 4)).eval()
    torch.nn.init.normal_(network.head.weight, std=0.3)
    return Engine("cpu", "float32").prepare(network)


@pytest.fixture(scope="module")
def case() -> Case:
    truth = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    return Case(
        image=("photo.png", "0123"),
        checkpoint="sr-x2-rs-0.10",
        digests={"sr-x2-rs-0.10": "aa", OTHER: "bb"},
        estimators={"sr-x2-rs-0.10": _network(0), OTHER: _network(1)},
        truth=truth,
        target=units.standardise(truth),
        measurement=units.standardise(0.9 * truth + 0.05),
        sigma_g=0.2,
        chunk=8,
        device="cpu",
        precision="float32",
    )


def _last(walk: Generator[Progress, None, Any]) -> Any:
    fractions = []
    while True:
        try:
            fractions.append(next(walk).fraction)
        except StopIteration as stop:
            assert fractions == sorted(fractions)
            assert all(0 <= fraction <= 1 for fraction in fractions)
            return stop.value


@pytest.fixture(scope="module")
def tables(case: Case) -> attacks.Tables:
    attempts = full((OTHER,), steps=2, long=3, samples=(1, 2, 4))
    result: attacks.Tables = _last(study_photo(case, 0.05, attempts, Protocol(samples=4)))
    return result


def test_every_attempt_is_scored_on_every_estimator_and_noise_set(tables: attacks.Tables) -> None:
    rows = tables.attacks
    attempts = full((OTHER,), steps=2, long=3, samples=(1, 2, 4))
    assert set(rows["attempt"]) == {attempt.name for attempt in attempts}
    scores = rows.groupby("attempt").apply(
        lambda g: sorted(zip(g["tested_on"], g["noise_set"], g["draw"], strict=True)), include_groups=False
    )
    expected = sorted(
        [("f", "none", 0), (OTHER, "none", 0), ("smoothed", "select", 0)]
        + [("smoothed", "report", draw) for draw in (0, 1)]
    )
    assert all(found == expected for found in scores)
    assert not rows["key"].duplicated().any()
    assert not tables.paths["key"].duplicated().any()
    assert not rows.drop(columns="others").isna().any().any()
    assert (rows["norm"] <= rows["epsilon"] * (1 + 1e-5)).all()
    assert rows["company_effect"].max() < 1e-5


def test_the_chosen_attempt_is_the_worst_on_the_selection_noise(tables: attacks.Tables) -> None:
    rows = tables.attacks
    selection = rows[(rows["tested_on"] == SMOOTHED) & (rows["noise_set"] == "select")]
    for box in (False, True):
        group = selection[selection["box"] == box]
        assert group.loc[group["chosen"], "attempt"].tolist() == [group.loc[group["mse"].idxmax(), "attempt"]]
        assert (rows.loc[rows["chosen"] & (rows["box"] == box), "attempt"].nunique()) == 1


def test_a_score_is_the_quality_of_the_deployed_estimate(case: Case, tables: attacks.Tables) -> None:
    *_, last = carry_out(VANILLA.__class__("fgm", "f", start="zero", steps=1), case, 0.05, 0)
    seed = attacks.noise_seed(Protocol(samples=4), "report", 1)
    expected = case.quality(case.smoothed(case.measurement + last.kept, 4, seed))
    row = tables.attacks.query(
        "attempt == 'fgm f 1 zero' and tested_on == 'smoothed' and noise_set == 'report' and draw == 1"
    ).iloc[0]
    assert row["mse"] == pytest.approx(expected.mse, rel=1e-6)
    assert row["psnr"] == pytest.approx(expected.psnr, rel=1e-6)


def test_paths_end_at_the_attempts_steps(tables: attacks.Tables) -> None:
    ends = tables.paths.groupby("attempt")[["iteration", "steps"]].max()
    assert (ends["iteration"] == ends["steps"]).all()
    assert "noise" not in set(tables.paths["attempt"])


@pytest.mark.parametrize("attempt", full((OTHER,), steps=2, long=3, samples=(1, 2, 4)), ids=lambda a: a.name)
def test_compute_is_what_an_attempt_says(case: Case, attempt: Attempt) -> None:
    """Images forwarded with and without a graph, counted."""
    counts = {True: 0, False: 0}

    def counted(estimator: Estimator) -> Estimator:
        def fast(measurement: torch.Tensor) -> torch.Tensor:
            counts[torch.is_grad_enabled()] += len(measurement)
            return estimator.fast(measurement)

        return Estimator(estimator.exact, fast)

    watched = Case(**{**vars(case), "estimators": {n: counted(e) for n, e in case.estimators.items()}})
    *_, last = carry_out(attempt, watched, 0.05, 0)
    assert (counts[False], counts[True]) == attempt.compute
    assert ball.norms(last.kept).item() <= case.radius(0.05) * (1 + 1e-5)


def test_attempts_have_names_of_their_own() -> None:
    names = [attempt.name for attempt in full((OTHER, "sr-x2-std"))]
    assert len(names) == len(set(names))
    assert {attempt.name for attempt in light()} <= set(names)


def test_clean_rows_have_no_attack(case: Case) -> None:
    rows = _last(study_photo(case, 0.0, light(), Protocol(samples=4))).attacks
    assert set(rows["attempt"]) == {"clean"}
    assert (rows["norm"] == 0).all()


# -- certificates --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified(case: Case) -> certificates.Certified:
    result: certificates.Certified = _last(certify_photo(case, PLAN))
    return result


def test_certificate_rows(certified: certificates.Certified, case: Case) -> None:
    rows = certified.rows
    assert len(rows) == 4 * 8
    assert not rows["key"].duplicated().any()
    np.testing.assert_allclose(rows["epsilon"], rows["ratio"] * 0.2, rtol=1e-9)
    np.testing.assert_allclose(rows["epsilon"], rows["eps_rel"] * np.sqrt(768), rtol=1e-9)
    attacked = rows["measured"].notna()
    assert set(rows.loc[attacked, "ratio"].round(3)) == {0.5, round(case.radius(0.05) / 0.2, 3)}
    assert (rows.loc[attacked, "measured_norm"] <= rows.loc[attacked, "epsilon"] * (1 + 1e-5)).all()
    far = rows[(rows["ratio"] > 5) & rows["is_certificate"]]
    assert np.isinf(far["bound"]).all()
    judged = rows[rows["is_certificate"] & np.isfinite(rows["bound"]) & attacked]
    assert len(judged) >= 3
    assert (judged["measured"] <= judged["bound"]).all()


@pytest.mark.parametrize("lasts", [False, True])
def test_what_lies_above_its_bound_is_measured_again_with_more_draws(
    case: Case, certified: certificates.Certified, lasts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noise of few draws goes; what is still above stays there to be seen."""
    real = certificates.measured

    def noisy(attacked: Draws, clean: Draws) -> dict[str, float]:
        found = real(attacked, clean)
        few = attacked.pilot.design.samples == PLAN.measure
        return {**found, "percentile_error": 9.0} if attacked is not clean and (few or lasts) else found

    monkeypatch.setattr(certificates, "measured", noisy)
    rows = _last(certify_photo(case, PLAN)).rows
    before = certified.rows
    above = (
        (rows["certificate"] == "percentile_error") & np.isfinite(rows["bound"]) & rows["measured"].notna()
    )
    assert above.any()
    assert (rows.loc[above, "measure"] == PLAN.samples).all()
    assert (rows.loc[~above, "measure"] == PLAN.measure).all()
    if lasts:
        assert (rows.loc[above, "measured"] == 9.0).all()
        assert (rows.loc[above, "measured_attack"] == "apgd f").all(), "of equal ones the first"
    else:
        assert (rows.loc[above, "measured"] <= rows.loc[above, "bound"]).all()
        assert (rows.loc[above, "measured"] != before.loc[above, "measured"]).all(), "on draws of its own"
    columns = ["bound", "clean"]
    pd.testing.assert_frame_equal(rows[columns], before[columns])


def test_a_second_attack_above_the_bound_is_not_hidden_by_the_first(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is above by noise alone, the second in truth and by less."""
    real, again = certificates.measured, itertools.count()

    def noisy(attacked: Draws, clean: Draws) -> dict[str, float]:
        found = real(attacked, clean)
        if attacked is clean:
            return found
        if attacked.pilot.design.samples == PLAN.measure:
            return {**found, "percentile_error": 9.0 - next(few)}
        return {**found, "percentile_error": 7.0 if next(again) == 1 else 0.0}

    few = itertools.count()
    monkeypatch.setattr(certificates, "measured", noisy)
    plan = replace(PLAN, eps_rels=())
    rows = _last(certify_photo(case, plan)).rows.query("certificate == 'percentile_error'")
    (seen,) = rows[rows["measured"].notna()].to_dict("records")
    assert np.isfinite(seen["bound"])
    assert (seen["measured"], seen["measured_attack"]) == (7.0, "apgd smoothed")


def test_another_confidence_draws_and_attacks_nothing_again(case: Case) -> None:
    """α and the radii are no part of what is drawn: bounds are worked out from remembered statistics."""
    calls: list[int] = []

    def counted(points: torch.Tensor) -> torch.Tensor:
        calls.append(len(points))
        return case.base.fast(points)

    watched = replace(case, estimators={case.checkpoint: Estimator(counted, counted)})
    plan, memory = replace(PLAN, ratios=(0.1, 0.5), eps_rels=()), Memory()
    first = _last(certify_photo(watched, plan, memory))
    assert sum(calls) > plan.samples
    calls.clear()
    other = _last(certify_photo(watched, replace(plan, alpha=0.01), memory))
    assert sum(calls) == 1, "f at the measurement itself"
    alone = _last(certify_photo(case, replace(plan, alpha=0.01)))
    rates = ["forwards_per_second"]
    pd.testing.assert_frame_equal(other.rows.drop(columns=rates), alone.rows.drop(columns=rates))
    bounds = (found.rows.query("certificate == 'mean_error'")["bound"] for found in (other, first))
    assert np.less(*bounds).all()
    calls.clear()
    _last(certify_photo(watched, replace(plan, seed=1), memory))
    assert sum(calls) > plan.samples


def test_refutation_rows(certified: certificates.Certified) -> None:
    rows = certified.falsification
    assert len(rows) == 2 * 3 * 2
    assert set(rows["reading"]) == {"fixed", "moving"}
    assert (rows["low"] <= rows["median"]).all()
    assert (rows["median"] <= rows["high"]).all()


def test_summaries(certified: certificates.Certified, tables: attacks.Tables) -> None:
    summary = reading.certificate_summary(certified.rows)
    assert len(summary) == len(certified.rows)
    assert (summary["exceeded"] >= 0).all()
    reach = reading.certified_range(certified.rows).set_index("certificate")
    finite = certified.rows[np.isfinite(certified.rows["bound"])].groupby("certificate")["epsilon"].max()
    for name in reach.index:
        assert reach.loc[name, "reach"] == pytest.approx(finite.get(name, 0.0))
    np.testing.assert_allclose(reach["attacked_to"], 0.05 * np.sqrt(768))
    assert reach.loc["center", "reach"] == 0, "120 samples are too few for center smoothing"
    refuted = reading.falsification_summary(certified.falsification)
    np.testing.assert_allclose(refuted["factor"], refuted["median"] / refuted["claimed"])
    matrix = reading.transfer_matrix(tables.attacks)
    assert list(matrix.index) == list(matrix.columns) == ["f", "smoothed", OTHER]
    assert not matrix.isna().any().any()
    own = tables.attacks.query("made_on == 'f' and tested_on == 'f'")
    assert matrix.loc["f", "f"] == pytest.approx(own.loc[own["mse"].idxmax(), "psnr"])
    (gap,) = reading.thesis_gap(tables.attacks).to_dict("records")
    report = tables.attacks.query("tested_on == 'smoothed' and noise_set == 'report' and not box")
    psnr = report.groupby("attempt")["psnr"].mean()
    strongest = report.loc[report["chosen"], "attempt"].iloc[0]
    thesis = "pgd f 2 random 1 final"
    assert gap["gap"] == pytest.approx(psnr[thesis] - psnr[strongest])
    assert gap["share"] == float(psnr[thesis] >= psnr[strongest])


# -- resuming ------------------------------------------------------------------------------


def _unit(name: str, calls: list[str], fail: bool = False) -> Unit:
    def compute() -> Generator[Progress, None, dict[str, pd.DataFrame]]:
        calls.append(name)
        yield Progress("half", 0.5)
        if fail:
            raise KeyboardInterrupt
        frame = pd.DataFrame({"key": [marker(name)], "study": [name], "checkpoint": ["c"],
                              "image": [name], "image_digest": [name[0]], "sigma": [0.1]})  # fmt: skip
        return {"side": frame, "main": frame}

    return Unit(name, name, marker(name), compute)


def test_finished_units_are_not_computed_again(tmp_path: Path) -> None:
    engine, calls = Engine("cpu", "float32"), list[str]()
    tables = dict.fromkeys(("side", "main"), ("checkpoint", "image"))
    with pytest.raises(KeyboardInterrupt):
        list(run_units([_unit("a1", calls), _unit("b1", calls, fail=True)], tables, tmp_path, engine))
    reports = list(run_units([_unit("a1", calls), _unit("b1", calls)], tables, tmp_path, engine))
    assert calls == ["a1", "b1", "b1"]
    assert reports[-1].done == reports[-1].parts == 2
    assert [report.what for report in reports] == ["a1", "b1: half", "b1"]
    assert list(Store("main", tmp_path).read()["study"]) == ["a1", "b1"]
    assert list(Store("side", tmp_path).read()["study"]) == ["a1", "b1"]
    list(run_units([_unit("a1", calls), _unit("b1", calls)], tables, tmp_path, engine))
    assert calls == ["a1", "b1", "b1"]


def test_a_new_protocol_replaces_the_old_rows_of_the_same_photo(tmp_path: Path) -> None:
    engine, calls = Engine("cpu", "float32"), list[str]()
    tables = {"side": ("image",), "main": ("image",)}
    for names in (("a1", "b1"), ("a2",)):
        list(run_units([_unit(name, calls) for name in names], tables, tmp_path, engine))
    rows = Store("main", tmp_path).read()
    assert list(rows["study"]) == ["a2", "b1"]
    assert not superseded(rows, {"a2", "b1"}).any()


def test_case_refuses_what_cannot_be_studied(untrained_folder: Path) -> None:
    lab, photo = Lab(Engine("cpu", "float32"), untrained_folder), images.bundled("coffee")
    kind = SUPER_RESOLUTION.scenario
    with pytest.raises(UserError, match="different factors"):
        kind(checkpoint="sr-x2-rs-0.10", compare=("sr-x4-std",))
    with pytest.raises(UserError, match="above 0"):
        make_case(lab, photo, kind(checkpoint="sr-x2-rs-0.10", sigma_g=0.0))


@pytest.mark.parametrize(
    "problem", [p for p in restoring().values() if p is not SUPER_RESOLUTION], ids=lambda p: p.name
)
def test_a_case_of_any_problem_is_certified_in_its_units(problem: Problem, tmp_path: Path) -> None:
    name = next(iter(problem.grid.beside), f"{problem.prefix}-ord")
    if problem is SMALL_PICTURE:  # ours are those of super-resolution
        untrained_checkpoint(name.replace("lr-", "sr-"), tmp_path)
    else:
        untrained(name, tmp_path)
    lab = Lab(Engine("cpu", "float32"), tmp_path)
    scenario = problem.scenario_at(checkpoint=name, sigma=10.0, size=33)
    case = make_case(lab, images.bundled("camera"), scenario)
    assert case.sigma == pytest.approx(10)
    assert case.sigma_g == pytest.approx(10 / 255)
    # An attack as strong in grey levels as 0.02 is in standardised units.
    assert case.radius(0.02) == pytest.approx(units.grey_levels(0.02) / 255 * case.dimension**0.5)
    rows = _last(certificates.certify_photo(case, PLAN)).rows
    assert set(rows["units"]) == {"grey levels"}
    assert (rows["ratio"] * case.sigma_g == rows["epsilon"]).all()
    judged = rows[rows["is_certificate"] & rows["measured"].notna()]
    assert (judged["measured"] <= judged["bound"]).all()


def test_stored_studies_keep_their_keys() -> None:
    """One row of either study: a table that is started anew would lose what took days."""
    row = Store("certificates").read().iloc[0]
    plan = Plan(samples=int(row["samples"]), steps=int(row["attack_steps"]))
    assert certificates.study_id(_of_row(row, "sigma"), plan) == row["study"]
    rows = Store("attacks").read()
    for eps_rel in (0.02, 0.1, 0.0):
        row = rows[rows["eps_rel"] == eps_rel].iloc[0]
        case, study = _of_row(row, "sigma_g"), AttackStudy()
        attempts = study.attempts(eps_rel, ("sr-x2-std", "sr-x2-adv-0.02", "sr-x2-adv-0.10"))
        assert attacks.study_id(case, eps_rel, attempts, study.protocol) == row["study"]


def _of_row(row: pd.Series, noise: str) -> Case:
    nothing = torch.zeros(1, 3, 160, 160)
    others = dict(other.split(":") for other in row.get("others", "").split())
    return Case(
        image=(row["image"], row["image_digest"]), checkpoint=row["checkpoint"],
        digests={row["checkpoint"]: row["digest"], **others}, estimators={}, truth=nothing, target=nothing,
        measurement=nothing, sigma_g=row[noise], chunk=1, device=row["device"], precision=row["precision"],
    )  # fmt: skip

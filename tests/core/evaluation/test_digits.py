"""Evaluations into the store: what rows say, that they resume, and what is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from core.base.errors import UserError
from core.certificates.classification import certify
from core.evaluation import digit_plan
from core.evaluation import digits as evaluation
from core.evaluation.digit_plan import DigitsPlan
from core.evaluation.digits import DigitsJob
from core.evaluation.driver import carry_out
from core.evaluation.jobs import targets
from core.evaluation.local import Local
from core.problems.digits import data
from core.problems.digits.problem import DIGITS, KINDS
from core.reports import digits as report
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints
from tests.core.digit_files import write_mnist


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(Engine("cpu", "bfloat16"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> data.Digits:
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder)
    return data.evaluation(folder, 12)


def plan_of(names: Sequence[str], digits: data.Digits) -> DigitsPlan:
    return DigitsPlan(targets(DIGITS, names), digits, "cpu", "bfloat16")


def carried_out(jobs: list[DigitsJob], digits: data.Digits, root: Path, lab: Lab) -> Store:
    store = Store(jobs[0].table.name, root)
    list(carry_out(jobs, digits, store, Local(lab), batch=1))
    return store


def certificate_jobs(digits: data.Digits) -> list[DigitsJob]:
    # Each setting counts once.
    return plan_of(["digits-std", "digits-rs-0.50", "digits-std"], digits).certified(
        [0.25, 0.5, 0.25], n0=20, n=300
    )


@pytest.fixture(scope="module")
def certificates(
    lab: Lab, digits: data.Digits, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, pd.DataFrame]:
    store = carried_out(certificate_jobs(digits), digits, tmp_path_factory.mktemp("results"), lab)
    return store, store.read()


SHIPPED = {
    "digits_attacks": ("a87d4c0358263782", 9996, {"attack": "sign", "epsilon": 0.3, "answer": 8}),
    "digits_certificates": (
        "29298734164c728b",
        5,
        {"sigma": 0.25, "votes": 9999, "radius": 0.7784908980456575},
    ),
    "digits_challenges": ("d6495fb283cdc7a0", 132, {"kept": 5, "norm": 1.5278248786847641}),
}


@pytest.mark.parametrize("table", SHIPPED)
def test_keys_and_rows_of_the_store_keep_their_meaning(table: str, digits: data.Digits) -> None:
    """Were a key another one, hours of work would be computed again."""
    key, number, figures = SHIPPED[table]
    one = replace(digits.take([0]), numbers=digits.numbers[:1] * 0 + number)
    plan = plan_of(["digits-std", "digits-adv-l2", "digits-rs-0.50"], one)
    jobs = {
        "digits_attacks": plan.attacked,
        "digits_certificates": lambda: plan.certified([0.25, 0.5, 1.0]),
        "digits_challenges": lambda: replace(plan, targets=plan.targets[2:]).challenged(
            Store("digits_certificates"), wanted=60, n=10_000
        ),
    }[table]()
    assert key in {each for job in jobs for each in job.keys}
    stored = Store(table).read()
    row = stored[stored["key"] == key].iloc[0]
    assert row["number"] == number
    assert {name: row[name] for name in figures} == figures


PINNED_NUMBERS = [13, 33]
PINNED_ANSWERS = [4, 4, 4, 9, 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8]
PINNED_NORMS = [0, 0, 1.994109, 1.99385, *[0.15] * 4, 0, 0, 1.998593, 1.998574, *[0.15] * 4]
"""By network, kind of attack and radius."""


def test_rows_are_those_of_before_the_driver(digits: data.Digits, tmp_path: Path) -> None:
    """Answers under attack of two made-up digits, as they were computed by the evaluation of their own."""
    lab = Lab(Engine("cpu", "float32", threads=1))
    plan = DigitsPlan(
        targets(DIGITS, ["digits-std", "digits-rs-0.50"]), digits.take([0, 1]), "cpu", "float32"
    )
    jobs = [job for job in plan.attacked() if job.said["epsilon"] in (0.0, 0.15, 2.0)]
    rows = carried_out(jobs, plan.on, tmp_path, lab).read()
    found = rows.sort_values(["network", "attack", "epsilon", "number"])
    assert [int(number) for number in plan.on.numbers] == PINNED_NUMBERS
    assert found["answer"].tolist() == PINNED_ANSWERS
    np.testing.assert_allclose(found["norm"], PINNED_NORMS, rtol=1e-5)


def test_one_row_per_digit_network_and_sigma(
    certificates: tuple[Store, pd.DataFrame], digits: data.Digits
) -> None:
    _, rows = certificates
    assert len(rows) == 12 * 4
    assert not rows["key"].duplicated().any()
    assert set(rows["number"]) == set(digits.numbers.tolist())
    assert (rows["correct"] == (rows["answer"] == rows["label"])).all()
    assert (rows.loc[rows["answer"] == -1, "radius"] == 0).all()


def test_the_votes_are_those_of_certify(
    certificates: tuple[Store, pd.DataFrame], lab: Lab, digits: data.Digits
) -> None:
    """Networks and sigmas share a digit's noise; each must still be certify's own answer."""
    _, rows = certificates
    for place, name, sigma in ((0, "digits-rs-0.50", 0.5), (7, "digits-std", 0.25)):
        number = int(digits.numbers[place])
        network, _ = lab.network(name, "auto")
        *_, expected = lab.engine.do(
            lambda network=network, place=place, sigma=sigma, number=number: list(
                certify(
                    network.fast,
                    digits.pictures[place : place + 1],
                    sigma=sigma,
                    n0=20,
                    n=300,
                    seed=evaluation.seed_of(0, number),
                    chunk=77,
                )
            )
        )
        row = rows[(rows["number"] == number) & (rows["network"] == name) & (rows["sigma"] == sigma)].iloc[0]
        assert row["votes"] == expected.votes[expected.candidate]
        assert row["radius"] == expected.radius
        assert row["p_lower"] == expected.p_lower


def test_a_second_run_computes_nothing(
    certificates: tuple[Store, pd.DataFrame], lab: Lab, digits: data.Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, rows = certificates
    monkeypatch.setattr(evaluation, "FIGURES", {})
    carried_out(certificate_jobs(digits), digits, store.root, lab)
    pd.testing.assert_frame_equal(store.read(), rows)


def test_a_kill_costs_little(certificates: tuple[Store, pd.DataFrame], digits: data.Digits) -> None:
    """Parts are many digits where each takes little, and one where it takes long."""
    plan = plan_of(["digits-rs-0.50"], digits)
    challenges = plan.challenged(certificates[0], wanted=3, n=300)
    parts = [
        [len(part.images) for part in jobs[0].batches(10)]
        for jobs in (plan.attacked(), plan.certified([0.5]), challenges)
    ]
    assert parts == [[12], [5, 5, 2], [1, 1, 1]]


def test_attacks_are_rows_with_norms_inside_their_radius(
    lab: Lab, digits: data.Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        digit_plan, "RADII", {"clean": (0.0,), "sign": (0.2,), "linf": (0.1,), "l2": (0.5, 3.0)}
    )
    for module in (digit_plan, evaluation):
        monkeypatch.setattr(module, "STEPS", 5)
    rows = carried_out(
        plan_of(["digits-std", "digits-rs-0.50"], digits).attacked(), digits, tmp_path, lab
    ).read()
    assert len(rows) == 2 * 5 * 12
    assert (rows["norm"] <= rows["epsilon"] * (1 + 1e-5)).all()
    assert (rows[rows["attack"] != "clean"]["norm"] > 0).all()
    means = rows.groupby(["network", "attack", "epsilon"])["correct"].mean()
    assert means["digits-std", "clean", 0.0] > 0.9
    assert means["digits-std", "l2", 3.0] < 0.2
    table = report.accuracy_under_attack(rows)
    assert set(table["attack"]) == set(KINDS)
    assert (table[table["epsilon"] == 0].groupby("network")["accuracy"].nunique() == 1).all()


def test_intervals_are_scipys_exact_ones() -> None:
    successes, trials = np.array([0, 3, 50, 500]), np.array([10, 10, 100, 500])
    share, low, high = report.proportion(successes, trials)
    for i in range(4):
        exact = binomtest(int(successes[i]), int(trials[i])).proportion_ci(0.95, method="exact")
        assert (share[i], low[i], high[i]) == pytest.approx((successes[i] / trials[i], exact.low, exact.high))


def test_certified_accuracy_counts_abstentions_and_wrong_answers_as_errors() -> None:
    rows = pd.DataFrame(
        {
            "network": "n",
            "sigma": 0.5,
            "radius": [1.0, 0.5, 0.0, 0.9],
            "correct": [True, True, False, False],
        }
    )
    table = report.certified_accuracy(rows, [0.0, 0.5, 0.75, 2.0])
    assert table["accuracy"].tolist() == [0.5, 0.5, 0.25, 0.0]
    assert (table["digits"] == 4).all()


def test_an_empty_store_makes_empty_tables() -> None:
    assert not len(report.accuracy_under_attack(pd.DataFrame()))
    assert not len(report.certified_accuracy(pd.DataFrame()))


def test_findings_say_yes_no_and_not_evaluated() -> None:
    attacks = pd.DataFrame(
        {
            "network": "digits-std",
            "number": range(20),
            "attack": ["clean", "sign"] * 10,
            "epsilon": [0.0, 0.2] * 10,
            "correct": [True, True] * 10,
        }
    )
    first, second, third, fourth, fifth = report.answers(attacks, pd.DataFrame(), pd.DataFrame())
    assert first.answer == "yes"
    assert first.evidence[0].value == 1.0
    assert second.answer == "no", "the attack was asked to bring it below one half"
    assert {third.answer, fourth.answer, fifth.answer} == {"not evaluated yet"}
    assert report.answers(*[pd.DataFrame()] * 3) == []


@pytest.mark.parametrize("name", ["digits-rs-0.50", "digits-ds-0.50"])
def test_no_attack_inside_the_certified_radius_flips_a_digit(
    name: str, lab: Lab, digits: data.Digits, tmp_path: Path
) -> None:
    """Of a network trained with noise, and of one that never saw any, behind its denoiser."""
    few = digits.take([*range(4)])
    plan = plan_of([name], few)
    certificates = carried_out(plan.certified([0.5], n0=20, n=300), few, tmp_path / "certified", lab)
    jobs = plan.challenged(certificates, wanted=2, n=300, steps=50, restarts=2)
    rows = carried_out(jobs, digits, tmp_path, lab).read()
    assert len(rows) == 2
    assert (rows["flipped"] == 0).all()
    assert (rows["norm"] <= rows["radius"] * (1 + 1e-5)).all()
    assert (rows["norm"] > 0.9 * rows["radius"]).all()
    with pytest.raises(UserError, match="301 votes"):
        plan.challenged(certificates, wanted=2, n=301)


def test_the_same_attack_does_flip_far_outside(lab: Lab, digits: data.Digits) -> None:
    """Else nothing is learnt from its failure inside."""
    network, _ = lab.network("digits-rs-0.50", "auto")
    picture = digits.pictures[:1]

    def work() -> list[int]:
        *_, found = certify(network.fast, picture, sigma=0.5, n=300)
        far = replace(found, radius=6.0)
        _, answers, _ = evaluation.attack_inside(network.fast, picture, far, steps=40, restarts=1, votes=300)
        return [answer != found.answer for answer in answers]

    assert all(lab.engine.do(work))


def test_a_cluster_computes_the_same_rows(
    lab: Lab, digits: data.Digits, cluster: Any, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    from core.evaluation.cluster import Cluster

    jobs = plan_of(["digits-std", "digits-rs-0.50"], digits).certified([0.5], n0=10, n=50)
    here = carried_out(jobs, digits, tmp_path / "here", lab).read()
    store = Store(jobs[0].table.name, tmp_path / "there")
    with closing(Cluster(cluster.scheduler_address, "cpu", "bfloat16", 1, None)) as executor:
        list(carry_out(jobs, digits, store, executor))
    pd.testing.assert_frame_equal(store.read(), here)


def test_a_network_of_any_level_is_evaluated(lab: Lab, digits: data.Digits, tmp_path: Path) -> None:
    """A level that no shipped network has decides the noise that its smoothed form is asked with."""
    network, metadata = checkpoints.load("digits-rs-0.25")
    checkpoints.save(network, replace(metadata, name="digits-rs-0.30", level=0.3), tmp_path)
    (target,) = targets(DIGITS, folder=tmp_path)
    plan = DigitsPlan([target], digits.take([0]), "cpu", "bfloat16")
    mine = Lab(lab.engine, tmp_path)
    rows = carried_out(plan.attacked()[:1], plan.on, tmp_path, mine).read()
    assert rows[["network", "sigma", "votes"]].to_numpy().tolist() == [["digits-rs-0.30", 0.3, 200]]

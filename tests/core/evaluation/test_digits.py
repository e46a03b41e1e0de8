"""Evaluations into the store: what rows say, that they resume, and what is read from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from core.attacks.digits import KINDS
from core.certificates.classification import certify
from core.evaluation.digits import challenge, evaluation
from core.problems.digits import data
from core.reports import digits as report
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from tests.core.digit_files import write_mnist


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(Engine("cpu", "bfloat16"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> data.Digits:
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder)
    return data.evaluation(folder, 12)


@pytest.fixture(scope="module")
def certificates(
    lab: Lab, digits: data.Digits, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, pd.DataFrame]:
    store = Store(evaluation.CERTIFICATES, tmp_path_factory.mktemp("results"))
    settings = (["digits-std", "digits-rs-0.50", "digits-std"], [0.25, 0.5, 0.25])  # each counts once
    list(evaluation.evaluate_certificates(lab, *settings, digits, store, n0=20, n=300))
    return store, store.read()


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
    monkeypatch.setattr(evaluation, "_certified", lambda *_: pytest.fail("computed again"))
    settings = (["digits-std", "digits-rs-0.50"], [0.25, 0.5])
    list(evaluation.evaluate_certificates(lab, *settings, digits, store, n0=20, n=300))
    pd.testing.assert_frame_equal(store.read(), rows)


def test_attacks_are_rows_with_norms_inside_their_radius(
    lab: Lab, digits: data.Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        evaluation, "RADII", {"clean": (0.0,), "sign": (0.2,), "linf": (0.1,), "l2": (0.5, 3.0)}
    )
    monkeypatch.setattr(evaluation, "STEPS", 5)
    store = Store(evaluation.ATTACKS, tmp_path)
    list(evaluation.evaluate_attacks(lab, ["digits-std", "digits-rs-0.50"], digits, store))
    rows = store.read()
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
            "attack": ["clean", "sign"] * 10,
            "epsilon": [0.0, 0.2] * 10,
            "correct": [True, True] * 10,
        }
    )
    first, second, third, fourth = report.findings(attacks, pd.DataFrame())
    assert first["holds"]
    assert first["accuracy"] == 1.0
    assert not second["holds"], "the attack was asked to bring it below one half"
    assert third["accuracy"] is None
    assert fourth["accuracy"] is None


def test_no_attack_inside_the_certified_radius_flips_a_digit(
    lab: Lab, digits: data.Digits, tmp_path: Path
) -> None:
    store = Store(challenge.TABLE, tmp_path)
    work = challenge.challenge(lab, "digits-rs-0.50", digits, store, wanted=2, n=500, steps=50, restarts=2)
    assert [progress.done for progress in work] == [1, 2]
    rows = store.read()
    assert (rows["flipped"] == 0).all()
    assert (rows["norm"] <= rows["radius"] * (1 + 1e-5)).all()
    assert (rows["norm"] > 0.9 * rows["radius"]).all()


def test_the_same_attack_does_flip_far_outside(lab: Lab, digits: data.Digits) -> None:
    """Else nothing is learnt from its failure inside."""
    from dataclasses import replace

    network, _ = lab.network("digits-rs-0.50", "auto")
    picture = digits.pictures[:1]

    def work() -> list[int]:
        *_, found = certify(network.fast, picture, sigma=0.5, n=300)
        far = replace(found, radius=6.0)
        _, answers, _ = challenge.attack_inside(network.fast, picture, far, steps=40, restarts=1, votes=300)
        return [answer != found.answer for answer in answers]

    assert all(lab.engine.do(work))

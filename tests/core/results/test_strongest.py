"""What the committed store says of the strongest attacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.attacks.terms import STRONGEST
from core.problems import restoring
from core.results.evaluations import table_of
from core.results.store import Store

STORED = [p for p in restoring().values() if Store(table_of(p, STRONGEST).name).path.exists()]
ALLOWED = 0.02
"""Decibels by which rounding may make the strongest attack seem weaker."""


@pytest.fixture(params=STORED, ids=lambda problem: problem.name)
def pairs(request: pytest.FixtureRequest) -> pd.DataFrame:
    """Rows of the same photo, estimator and setting under both kinds of attack."""
    problem = request.param
    same = ["split", "image_digest", "digest", "device", "precision", "samples"]
    strong, weak = (Store(table_of(problem, attacks).name).read() for attacks in (STRONGEST, "thesis"))
    names = table_of(problem).names
    keys = [*(name for name in same if name in weak), *names.values(), *problem.own]
    keys += ["factor"] if "factor" in weak else []
    found = strong.merge(weak, on=list(dict.fromkeys(keys)), suffixes=("", "_weak"))
    return found.rename(columns={names["eps"]: "eps"})


def test_no_strong_attack_is_weaker_than_that_of_the_thesis(pairs: pd.DataFrame) -> None:
    attacked = pairs[pairs["eps"] > 0]
    assert len(attacked)
    worse = attacked[attacked["psnr"] > attacked["psnr_weak"] + ALLOWED]
    assert worse.empty, worse[["estimator", "eps", "image", "psnr", "psnr_weak", "attempt"]]


def test_without_an_attack_both_say_the_same(pairs: pd.DataFrame) -> None:
    clean = pairs[pairs["eps"] == 0]
    np.testing.assert_allclose(clean["psnr"], clean["psnr_weak"], atol=2e-3)


@pytest.mark.parametrize("problem", STORED, ids=lambda problem: problem.name)
def test_linear_estimators_were_not_searched_but_solved(problem) -> None:
    rows = Store(table_of(problem, STRONGEST).name).read()
    eps = table_of(problem).names["eps"]
    linear = rows[(rows["objective"] == problem.without_weights) & (rows[eps] > 0)]
    assert len(linear)
    assert set(linear["attempt"]) == {"exact"}

"""Each item of the checklist on rows built to pass it, to fail it, and to lack what it needs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.evaluation.studies.attempts import Attempt
from core.evaluation.studies.checklist import FAILED, ITEMS, NOT_TRIED, PASSED, Rows, checklist, judge

ADV = "sr-x2-adv-0.10"
STRENGTHS = {0.0: 0.002, 0.05: 0.006, 0.2: 0.02, 1.0: 0.2}
ATTEMPTS = {
    Attempt("noise"): 0.5,
    Attempt("fgm", "f", start="zero", steps=1): 0.7,
    Attempt("pgd", "f", start="random 1", steps=10, keep="final"): 0.75,
    Attempt("apgd", "smoothed", 16, "fixed", "zero", 10): 0.9,
    Attempt("apgd", "smoothed", 16, "fixed", "random 1", 10): 0.91,
    Attempt("apgd", "smoothed", 16, "fixed", "random 2", 10): 0.9,
    Attempt("apgd", "smoothed", 64, "fixed", "zero", 10): 0.92,
    Attempt("apgd", "smoothed", 4, "fresh", "zero", 100): 1.0,
    Attempt("apgd", ADV, start="zero", steps=10): 0.6,
    Attempt("spsa", "smoothed", 16, "fixed", "random 1", 10): 0.52,
    Attempt("apgd", "smoothed", 16, "fixed", "zero", 10, box=True): 0.88,
}


def attack_rows() -> pd.DataFrame:
    """Two defences, three photos, four strengths: passes everything.

    The adversarially trained network is attacked itself with as many gradients as each smoothed one.
    """
    rows = []
    spent = sum(attempt.compute[1] for attempt in ATTEMPTS if attempt.made_on in ("f", "smoothed"))
    for digest in ("d1", "d2"):
        for image in ("i1", "i2", "i3"):
            for eps_rel, worst in STRENGTHS.items():
                tried = ATTEMPTS if eps_rel else {Attempt("clean"): 1.0}
                for attempt, strength in tried.items():
                    for noise_set, draw in (("select", 0), ("report", 0), ("report", 1)):
                        mse = worst * strength * (1 + 0.01 * draw + 0.1 * int(image[1]))
                        rows.append({
                            "image_digest": image, "digest": digest, "checkpoint": digest,
                            "sigma_g": 0.4, "eps_rel": eps_rel,
                            "epsilon": eps_rel * np.sqrt(300), "dimension": 300,
                            "norm": eps_rel * np.sqrt(300), "norm_kind": "L2", "units": "standardised",
                            "seed": 0, "samples": 50, "precision": "float32",
                            "attacked_output": "unclamped", "company_effect": 1e-7,
                            "attempt": attempt.name, "attack": attempt.attack, "made_on": attempt.made_on,
                            "attack_samples": attempt.samples, "attack_noise": attempt.noise,
                            "start": attempt.start, "steps": attempt.steps, "box": attempt.box,
                            "gradients": spent if attempt.made_on == ADV else attempt.compute[1],
                            "tested_on": "smoothed",
                            "noise_set": noise_set, "draw": draw, "mse": mse,
                            "psnr": -10 * np.log10(mse), "ssim": 0.5,
                            "chosen": attempt.box or strength == 1.0,
                        })  # fmt: skip
    return pd.DataFrame(rows)


def path_rows() -> pd.DataFrame:
    losses = 0.1 * (1 - np.exp(-np.arange(101) / 10))
    one = {
        "image_digest": "i1", "digest": "d1", "sigma_g": 0.4, "eps_rel": 0.05, "attempt": "long",
        "made_on": "smoothed", "attack": "apgd", "attack_noise": "fixed", "steps": 100, "box": False,
    }  # fmt: skip
    return pd.DataFrame([{**one, "iteration": i, "loss": loss} for i, loss in enumerate(losses)])


def certificate_rows() -> pd.DataFrame:
    return pd.DataFrame({
        "is_certificate": [True, True, True, False], "bound": [0.1, np.inf, 0.3, 0.1],
        "measured": [0.05, 0.5, np.nan, 9.0], "image_digest": ["i1"] * 4, "epsilon": [1.0, 2.0, 3.0, 1.0],
    })  # fmt: skip


Change = Callable[[pd.DataFrame], pd.DataFrame]


def _where(query: str, **changes: object) -> Change:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        mask = rows.eval(query)
        return rows.assign(**{
            name: np.where(mask, value(rows) if callable(value) else value, rows[name])
            for name, value in changes.items()
        })  # fmt: skip

    return change


def _without(query: str) -> Change:
    return lambda rows: rows[~rows.eval(query)]


def _scaled(query: str, factor: float) -> Change:
    return _where(query, mse=lambda rows: rows["mse"] * factor)


PLATEAU_PATHS: Change = lambda paths: paths.assign(loss=paths["iteration"] / 1000)  # noqa: E731

BROKEN: dict[str, tuple[str, Change]] = {
    "ε, σ, d, norm and units recorded": ("attacks", _where("image_digest == 'i1'", epsilon=1.0)),
    "‖e‖ ≤ ε": ("attacks", _where("image_digest == 'i1'", norm=lambda r: r["epsilon"] * 1.001 + 1e-9)),
    "The deployed estimator is the one attacked": (
        "attacks", _without("made_on == 'smoothed' and image_digest == 'i1'"),
    ),
    "Transfer tried, worst per image kept": (
        "attacks", _scaled("made_on == 'f' and image_digest == 'i2' and noise_set == 'select'", 9.0),
    ),
    "Loss rises with iterations to a plateau": ("paths", PLATEAU_PATHS),
    "Error rises with restarts to a plateau": ("attacks", _scaled("start == 'random 2'", 3.0)),
    "Error rises with samples to a plateau": ("attacks", _scaled("attack_samples == 64", 3.0)),
    "Error monotone in ε": ("attacks", _scaled("eps_rel == 0.2", 0.01)),
    "A huge ε destroys the picture": ("attacks", _where("eps_rel == 1.0", psnr=20.0)),
    "Beats Gaussian noise of equal norm": ("attacks", _scaled("attack == 'noise'", 3.0)),
    "Beats the one-step gradient method": ("attacks", _scaled("attack == 'fgm'", 3.0)),
    "Beats the thesis's attack on f": ("attacks", _scaled("attack == 'pgd'", 3.0)),
    "A gradient-free check agrees": ("attacks", _scaled("attack == 'spsa'", 3.0)),
    "No gradient masked by clamping": ("attacks", _where("image_digest == 'i1'", attacked_output="clamped")),
    "Fresh noise at evaluation": ("attacks", _without("noise_set == 'select' and image_digest == 'i1'")),
    "Equal compute for each defence": ("attacks", _where(f"made_on == '{ADV}'", gradients=10)),
    "Batch norm in evaluation mode": ("attacks", _where("image_digest == 'i1'", company_effect=0.1)),
    "Measured error never above a certified bound": ("certificates", _where("epsilon == 1.0", measured=0.2)),
}  # fmt: skip

LACKING: dict[str, tuple[str, Change]] = {
    "‖e‖ ≤ ε": ("attacks", _without("eps_rel > 0")),
    "The deployed estimator is the one attacked": ("attacks", _without("eps_rel > 0")),
    "Transfer tried, worst per image kept": ("attacks", _without(f"made_on == '{ADV}'")),
    "Restarts": ("attacks", _without("made_on == 'smoothed' and start != 'zero'")),
    "Loss rises with iterations to a plateau": ("paths", _without("iteration >= 0")),
    "Error rises with restarts to a plateau": ("attacks", _without("start == 'random 2'")),
    "Error rises with samples to a plateau": ("attacks", _without("attack_samples == 64")),
    "Error monotone in ε": ("attacks", _without("eps_rel > 0.05")),
    "A huge ε destroys the picture": ("attacks", _without("eps_rel == 1.0")),
    "Beats Gaussian noise of equal norm": ("attacks", _without("attack == 'noise'")),
    "Beats the one-step gradient method": ("attacks", _without("attack == 'fgm'")),
    "Beats the thesis's attack on f": ("attacks", _without("attack == 'pgd'")),
    "A gradient-free check agrees": ("attacks", _without("attack == 'spsa'")),
    "Intervals over noise and images": ("attacks", _without("noise_set == 'report' and draw == 1")),
    "Clipped and unclipped reported apart": ("attacks", _without("box")),
    "Equal compute for each defence": ("attacks", _without(f"made_on == '{ADV}'")),
    "Measured error never above a certified bound": ("certificates", _without("epsilon == 1.0")),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {"attacks": attack_rows(), "paths": path_rows(), "certificates": certificate_rows()}


def _status(tables: dict[str, pd.DataFrame], name: str, case: tuple[str, Change]) -> str:
    table, change = case
    return judge(name, Rows(**{**tables, table: change(tables[table]).reset_index(drop=True)})).status


def test_good_rows_pass_every_item(tables: dict[str, pd.DataFrame]) -> None:
    items = checklist(**tables)
    assert [item.name for item in items] == list(ITEMS)
    assert {item.name: item.evidence for item in items if item.status != PASSED} == {}
    assert all(item.evidence for item in items)


@pytest.mark.parametrize("name", BROKEN)
def test_an_item_fails(tables: dict[str, pd.DataFrame], name: str) -> None:
    assert _status(tables, name, BROKEN[name]) == FAILED


@pytest.mark.parametrize("name", LACKING)
def test_an_item_is_not_tried(tables: dict[str, pd.DataFrame], name: str) -> None:
    assert _status(tables, name, LACKING[name]) == NOT_TRIED


def test_every_item_has_a_case_it_does_not_pass() -> None:
    assert set(BROKEN) | set(LACKING) == set(ITEMS)


def test_nothing_passes_without_rows() -> None:
    assert {item.status for item in checklist(pd.DataFrame())} == {NOT_TRIED}


def test_one_defence_is_judged_and_all_are_compared(tables: dict[str, pd.DataFrame]) -> None:
    """The second defence's broken rows do not count, its compute does."""
    broken = _where("digest == 'd2'", norm=99.0)(attack_rows())
    paths = path_rows().assign(checkpoint="d1")
    found = {item.name: item.status for item in checklist(broken, paths, checkpoint="d1")}
    assert found["‖e‖ ≤ ε"] == PASSED
    assert found["Equal compute for each defence"] == PASSED
    more = _where("digest == 'd2'", gradients=lambda rows: 2 * rows["gradients"])(attack_rows())
    found = {item.name: item.status for item in checklist(more, paths, checkpoint="d1")}
    assert found["Equal compute for each defence"] == FAILED
    found = {item.name: item.status for item in checklist(broken, paths, checkpoint="d2")}
    assert found["‖e‖ ≤ ε"] == FAILED
    assert found["Loss rises with iterations to a plateau"] == NOT_TRIED


def test_a_norm_that_is_not_a_number_and_a_gradient_that_says_nothing_fail_their_items() -> None:
    rows = attack_rows()
    one = rows["attempt"] == "fgm f 1 zero"
    rows = rows.assign(
        norm=rows["norm"].where(~one, np.nan),
        notice=np.where(one, "its gradient is zero at 1 of 1 steps", None),
    )
    found = {item.name: item for item in checklist(rows, path_rows(), certificate_rows())}
    assert found["‖e‖ ≤ ε"].status == FAILED
    assert found["No gradient masked by clamping"].status == FAILED
    assert "fgm f 1 zero: its gradient is zero" in found["No gradient masked by clamping"].evidence

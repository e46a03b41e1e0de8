"""The answered question, against differences worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from core.attacks.terms import THESIS
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.answer import answer, elsewise

PSNR = {
    ("sr-x2-adv-0.10", "adversarial", 0.1, 0.0): [24.0, 23.0, 25.5],
    ("sr-x2-adv-0.02", "adversarial", 0.02, 0.0): [21.0, 20.0, 22.0],
    ("sr-x2-rs-0.50", "smoothing", 0.5, 0.6): [23.0, 22.5, 24.0],
    ("bicubic", "interpolation", 0.0, 0.0): [23.8, 23.2, 25.2],
}


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"estimator": name, "objective": kind, "level": level, "sigma": sigma, "eps": 0.05,
             "image": f"{place}.png", "psnr": psnr, "mse": 10 ** (-psnr / 10)}
            for (name, kind, level, sigma), values in PSNR.items()
            for place, psnr in enumerate(values)
        ]
    )  # fmt: skip


def test_the_best_of_each_kind_stands_with_its_paired_difference(rows: pd.DataFrame) -> None:
    found = answer(SUPER_RESOLUTION, rows, "psnr", 0.05)
    assert found is not None
    assert (found.best.estimator, found.images) == ("sr-x2-adv-0.10", 3)
    assert [rival.estimator for rival in found.others] == ["bicubic", "sr-x2-rs-0.50"]
    first, second = (np.array(PSNR[key]) for key in list(PSNR)[::2])
    expected = ttest_rel(first, second).confidence_interval(0.95)
    smoothed = found.others[1]
    assert smoothed.less == pytest.approx((first - second).mean())
    assert (smoothed.low, smoothed.high) == pytest.approx((expected.low, expected.high))


def test_the_sentence_says_what_is_not_clear(rows: pd.DataFrame) -> None:
    found = answer(SUPER_RESOLUTION, rows, "psnr", 0.05)
    assert found is not None
    said = found.sentence(SUPER_RESOLUTION)
    assert said.startswith(
        "At ε_rel 0.05, by PSNR and under the strongest attack known on each estimator, **adversarial "
        "training (ε_rel 0.1)** is best: 24.17 dB over 3 photos, "
    )
    assert "more than bicubic interpolation (which may be chance)" in said
    assert "more than randomized smoothing (σ_f 0.5, σ_g 0.6)" in said
    assert "attacks that leave smoothing itself alone" in found.sentence(SUPER_RESOLUTION, THESIS)


def test_the_smallest_error_is_the_best(rows: pd.DataFrame) -> None:
    found = answer(SUPER_RESOLUTION, rows, "mse", 0.05)
    assert found is not None
    assert found.best.estimator == "sr-x2-adv-0.10"
    assert all(rival.less > 0 for rival in found.others)


def test_only_photos_that_everybody_has_are_compared(rows: pd.DataFrame) -> None:
    rows = rows[~((rows["estimator"] == "bicubic") & (rows["image"] == "0.png"))]
    found = answer(SUPER_RESOLUTION, rows, "psnr", 0.05)
    assert found is not None
    assert "bicubic" not in {found.best.estimator, *(rival.estimator for rival in found.others)}
    assert answer(SUPER_RESOLUTION, rows[rows["objective"] == "smoothing"], "psnr", 0.05) is None


def test_another_measure_is_named_where_it_chooses_otherwise(rows: pd.DataFrame) -> None:
    rows = rows.assign(ssim=rows["estimator"].map({"sr-x2-rs-0.50": 0.9}).fillna(0.5))
    by_psnr, by_ssim = (answer(SUPER_RESOLUTION, rows, metric, 0.05) for metric in ("psnr", "ssim"))
    assert by_psnr is not None
    said = elsewise(by_psnr, by_ssim)
    assert said == (
        " By SSIM, at which these attacks do not aim, it would be **randomized smoothing (σ_f 0.5, "
        "σ_g 0.6)** with 0.900."
    )
    assert by_ssim is not None
    assert "aims at the squared error and not at SSIM, **" in by_ssim.sentence(SUPER_RESOLUTION)
    assert elsewise(by_psnr, by_psnr) == ""

"""ĝ beside other networks and interpolation, on planted rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from core.evaluation.studies.beside import beside, interpolations
from core.results.store import Store
from tests.core import synthetic_studies as planted

BILINEAR = {0.0: 26.0, 0.01: 25.0, 0.05: 20.0}


@pytest.fixture(scope="module")
def attacks() -> pd.DataFrame:
    return planted.attacks()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Bilinear interpolation on three of the study's four photos, among rows that are not meant."""
    rows = [
        {"key": f"{split}{factor}{image}{eps_rel}{objective}", "split": split, "factor": factor,
         "objective": objective, "estimator": "bilinear", "image_digest": image, "eps_rel": eps_rel,
         "psnr": psnr if (split, factor, objective) == ("test", 2, "interpolation") else 99.0,
         "mse": 0.01, "ssim": 0.5}
        for split in ("test", "validation") for factor in (2, 4)
        for objective in ("interpolation", "standard") for image in ("i1", "i2", "i3", "elsewhere")
        for eps_rel, psnr in BILINEAR.items()
    ]  # fmt: skip
    store = Store("super_resolution", tmp_path)
    store.put("all", pd.DataFrame(rows))
    store.merge(["key"])
    return tmp_path


def smoothed(image: str, eps_rel: float, share: float) -> float:
    """PSNR of ĝ under the attempt of this share of the rise: a mean over two draws of the noise."""
    error = planted.CLEAN + share * planted.rise(eps_rel, image)
    return float(np.mean([-10 * np.log10(error * (1 + 0.01 * draw)) for draw in (0, 1)]))


def test_a_network_counts_where_it_was_attacked_itself(attacks: pd.DataFrame) -> None:
    table = beside(attacks, attacks.iloc[:0])
    assert table[["eps_rel", "estimator", "images"]].to_numpy().tolist() == [[0.05, planted.ADV, 4]]
    # Every attempt does to that network what the first of two draws does to ĝ.
    assert table["gap"].item() == pytest.approx(-5 * np.log10(1.01), abs=1e-9)
    assert table["smoothed"].item() == pytest.approx(
        np.mean([smoothed(image, 0.05, 1.0) for image in planted.IMAGES])
    )


def test_interpolation_stands_beside_on_the_same_photos(attacks: pd.DataFrame, root: Path) -> None:
    found = interpolations(attacks, root)
    assert set(found["image_digest"]) == {"i1", "i2", "i3"}
    assert found.groupby("eps_rel")["psnr"].unique().map(list).to_dict() == {
        e: [v] for e, v in BILINEAR.items()
    }
    table = beside(attacks, found).query("estimator == 'bilinear'").set_index("eps_rel")
    assert list(table.index) == [0.01, 0.05]
    assert list(table["images"]) == [3, 3]
    gaps = [smoothed(image, 0.05, 1.0) - BILINEAR[0.05] for image in ("i1", "i2", "i3")]
    assert table.loc[0.05, "gap"] == pytest.approx(np.mean(gaps), abs=1e-9)
    low, high = student.interval(0.95, 2, np.mean(gaps), np.std(gaps, ddof=1) / np.sqrt(3))
    assert table.loc[0.05, ["gap_low", "gap_high"]].tolist() == pytest.approx([low, high], abs=1e-6)


def test_the_best_of_the_others_comes_first(attacks: pd.DataFrame, root: Path) -> None:
    table = beside(attacks, interpolations(attacks, root)).query("eps_rel == 0.05")
    assert list(table["psnr"]) == sorted(table["psnr"], reverse=True)
    assert set(table["estimator"]) == {"bilinear", planted.ADV}


def test_without_an_evaluation_there_is_no_interpolation(attacks: pd.DataFrame, tmp_path: Path) -> None:
    found = interpolations(attacks, tmp_path)
    assert found.empty
    assert set(beside(attacks, found)["estimator"]) == {planted.ADV}
    assert beside(attacks[attacks["eps_rel"] < 0.05], found).empty

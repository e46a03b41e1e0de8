from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.errors import UserError
from core.problems import PROBLEMS
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.tables.thesis import QUALITY
from core.results import evaluations
from core.results import summary as results
from core.results.published import published
from core.results.store import Store


def per_image(
    estimator: str, objective: str, level: float, eps_rel: float, sigma_g: float, ssim: list[float]
):
    return pd.DataFrame(
        {
            "factor": 2,
            "objective": objective,
            "level": level,
            "residual": True,
            "estimator": estimator,
            "eps": eps_rel,
            "sigma": sigma_g,
            "image": [f"{n}.png" for n in range(len(ssim))],
            "epsilon": 0.0,
            "norm": 0.0,
            "attack": "pgd",
            "attack_steps": 10 if eps_rel else 0,
            "keep": "best" if eps_rel else "",
            "samples": 50 if sigma_g else 1,
            "mse": 0.01,
            "psnr": [20.0 + n for n in range(len(ssim))],
            "ssim": ssim,
        }
    )


GROUP = evaluations.table_of(SUPER_RESOLUTION).group
NETWORK = ("sr-x2-rs-0.10", "smoothing", 0.1)


def test_means_are_over_images_group_by_group() -> None:
    rows = pd.concat(
        [per_image(*NETWORK, 0.0, 0.0, [0.5, 0.7, 0.9]), per_image(*NETWORK, 0.02, 0.1, [0.2, 0.4])]
    ).sample(frac=1.0, random_state=0)
    table = results.summarise(rows, GROUP)
    assert table["images"].tolist() == [3, 2]
    np.testing.assert_allclose(table["ssim"], [0.7, 0.3])
    np.testing.assert_allclose(table["psnr"], [21.0, 20.5])
    assert (table["ssim_low"] <= table["ssim"]).all()
    assert (table["ssim_high"] >= table["ssim"]).all()
    np.testing.assert_allclose(table["mse_low"], 0.01)  # equal values: the interval is a point


def test_sigma_g_has_the_highest_ssim_and_ties_go_to_the_smaller() -> None:
    rows = pd.concat(
        [
            per_image(*NETWORK, 0.0, 0.0, [0.5, 0.5]),
            per_image(*NETWORK, 0.0, 0.1, [0.6, 0.8]),
            per_image(*NETWORK, 0.0, 0.2, [0.8, 0.6]),
            per_image(*NETWORK, 0.05, 0.1, [0.1, 0.1]),
            per_image(*NETWORK, 0.05, 0.2, [0.3, 0.1]),
            per_image("sr-x2-std", "standard", 0.0, 0.0, 0.0, [0.9, 0.9]),
        ]
    )
    chosen = evaluations.choose(rows, SUPER_RESOLUTION)
    assert chosen["estimator"].unique().tolist() == ["sr-x2-rs-0.10"]
    assert dict(zip(chosen["eps"], chosen["sigma"], strict=True)) == {0.0: 0.1, 0.05: 0.2}


def test_deployed_networks_are_smoothed_with_the_chosen_noise_and_others_are_not() -> None:
    rows = pd.concat(
        [
            per_image(*NETWORK, 0.0, 0.0, [0.5]),
            per_image(*NETWORK, 0.0, 0.1, [0.6]),
            per_image("sr-x2-std", "standard", 0.0, 0.0, 0.0, [0.9]),
        ]
    )
    found = results.deployed(results.summarise(rows, GROUP), evaluations.choose(rows, SUPER_RESOLUTION))
    assert sorted(zip(found["estimator"], found["sigma"], strict=True)) == [
        ("sr-x2-rs-0.10", 0.1),
        ("sr-x2-std", 0.0),
    ]


def test_two_protocols_in_one_table_are_refused(tmp_path: Path) -> None:
    rows = pd.concat([per_image(*NETWORK, 0.0, 0.0, [0.5])] * 2).assign(split="test", key=["a", "b"])
    store = Store(SUPER_RESOLUTION.table, tmp_path)
    store.put("part", rows.rename(columns={"eps": "eps_rel", "sigma": "sigma_g"}))
    store.merge(["image"])
    with pytest.raises(UserError, match="two protocols"):
        evaluations.load(SUPER_RESOLUTION, root=tmp_path)


def test_an_empty_store_gives_empty_tables(tmp_path: Path) -> None:
    assert evaluations.load(SUPER_RESOLUTION, root=tmp_path).empty
    assert evaluations.chosen(SUPER_RESOLUTION, tmp_path).empty


def test_published_numbers_are_the_thesis_ones() -> None:
    table = published(SUPER_RESOLUTION, *QUALITY)
    assert len(table) == 2 * 13 * 6
    found = table.query("factor == 2 and objective == 'smoothing' and level == 0.1 and eps == 0.02")
    assert found[["psnr", "ssim", "sigma"]].iloc[0].tolist() == [24.26, 0.7776, 0.15]
    assert table.query("objective == 'standard' and factor == 4 and eps == 0.2")["psnr"].item() == 15.68
    assert len(published(SUPER_RESOLUTION, "A.2", "A.3")) == 2 * 7 * 7
    assert published(SUPER_RESOLUTION, "A.1")["norm_e_f"].tolist() == [2.7712812, 13.85640583]
    assert published(PROBLEMS["inpainting"], "1").empty

"""A results store with known answers: figures by rule instead of networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from core.attacks.terms import STRONGEST, THESIS
from core.base.options import key_of
from core.problems.super_resolution import EPS_REL, SIGMA_F, SIGMA_GS, SUPER_RESOLUTION
from core.results.evaluations import table_of
from core.results.store import Store

Rule = Callable[[str, float, float], float]
"""PSNR of (objective, level, eps_rel); SSIM is a fixed function of it."""

NOISE_FACTOR = 1.5
"""The chosen sigma_g is the grid's value nearest to this times sigma_f."""


def plain_rule(objective: str, level: float, eps_rel: float) -> float:
    """Numbers like the thesis's: a larger level costs clean and gains attacked quality."""
    if objective == "interpolation":
        return 25.0 - 30 * eps_rel
    if objective == "standard":
        return 29.0 - 200 * eps_rel
    slope = {"smoothing": 60.0, "adversarial": 50.0}[objective]
    return 28.0 - 3 * level - slope * eps_rel * (1.2 - level)


def fill(
    root: Path,
    rule: Rule = plain_rule,
    images: int = 12,
    factors: tuple[int, ...] = (2,),
    steps: int = 10,
    samples: int = 50,
) -> None:
    """Write a whole grid: every network, every attack strength, validation and test.

    Args:
        root: folder of the store.
        rule: PSNR of an estimator.
        images: photos of either split.
        factors: of super-resolution.
        steps: of the attacks.
        samples: of smoothed estimates.
    """
    random = np.random.default_rng(0)
    photo = random.normal(0.0, 1.5, images)
    rows = []
    for factor in factors:
        estimators = [("bilinear", "interpolation", 0.0), (f"sr-x{factor}-std", "standard", 0.0)]
        estimators += [(f"sr-x{factor}-rs-{s:.2f}", "smoothing", s) for s in SIGMA_F]
        estimators += [(f"sr-x{factor}-adv-{e:.2f}", "adversarial", e) for e in EPS_REL]
        for name, objective, level in estimators:
            best = (
                min(SIGMA_GS, key=lambda s: abs(s - NOISE_FACTOR * level))
                if objective == "smoothing"
                else 0.0
            )
            for eps_rel in SUPER_RESOLUTION.grid.epses:
                center = rule(objective, level, eps_rel)
                noises = {("test", 0.0), ("test", best)} if best else {("test", 0.0)}
                if objective == "smoothing":
                    noises |= {("validation", s) for s in SIGMA_GS}
                for split, sigma_g in noises:
                    psnr = center - 10 * abs(sigma_g - best) + photo + random.normal(0, 0.05, images)
                    for number in range(images):
                        rows.append(
                            {
                                "split": split, "factor": factor, "objective": objective, "level": level,
                                "residual": True, "estimator": name, "digest": "", "eps_rel": eps_rel,
                                "sigma_g": sigma_g, "image": f"{number}.png", "image_digest": f"i{number}",
                                "psnr": psnr[number],
                                "ssim": 1 - 10 ** (-psnr[number] / 30), "mse": 10 ** (-psnr[number] / 10),
                                "epsilon": 277.128129 * eps_rel, "norm": 277.128129 * eps_rel,
                                "attack": "pgd", "attack_steps": steps if eps_rel else 0,
                                "keep": "best" if eps_rel else "",
                                "samples": samples if sigma_g else 1,
                            }
                        )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["key"] = [key_of({"row": number}) for number in range(len(frame))]
    for attacks, shown in ((THESIS, frame), (STRONGEST, _attacked_themselves(frame))):
        store = Store(table_of(SUPER_RESOLUTION, attacks).name, root)
        store.put("synthetic", shown)
        store.merge(["image"])


TAKEN = {"smoothing": 3.0, "adversarial": 0.2, "standard": 0.5, "interpolation": 0.1}
"""Decibels that the strongest attack takes beyond that of the thesis, by the way of training."""


def _attacked_themselves(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows under the strongest attack."""
    attacked = rows["eps_rel"] > 0
    psnr = rows["psnr"] - rows["objective"].map(TAKEN) * attacked
    return rows.assign(
        psnr=psnr,
        ssim=1 - 10 ** (-psnr / 30),
        mse=10 ** (-psnr / 10),
        attack=np.where(attacked, STRONGEST, ""),
        attack_steps=100 * attacked,
        attack_on=np.where(rows["sigma_g"] > 0, "smoothed", rows["estimator"]),
        attempt=np.where(attacked, "zero", ""),
        psnr_of_median=psnr - 0.1,
        ssim_of_median=1 - 10 ** (-(psnr - 0.1) / 30),
        key=rows["key"] + "s",
    )

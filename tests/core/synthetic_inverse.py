"""A store of made-up rows in which the paper's claims are known to hold or to fail."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

from core.problems.denoising import DENOISING
from core.reports.titles import FIVE
from core.results.evaluations import DISCREPANCIES
from core.results.store import Store

IMAGES = [f"{number:02}.png" for number in range(11)]


def best_sigma(eps: float) -> float:
    """Where the made-up PSNR is highest."""
    return 0.7 * eps


def write(root: Path, *, arch: bool = True, steps: int = 10) -> None:
    """Denoising in two settings: PSNR a parabola over σ around 0.7 ε, Smt-Grad lowest in discrepancy.

    ``arch``: whether the parabola moves with ε; ``steps`` of the attacks.
    """
    generator, number, rows = np.random.default_rng(0), count(), []
    for sigma_b in (2.0, 10.0):
        grid = DENOISING.grid
        settings = [(eps, sigma, 50 if sigma else 1) for eps in grid.epses for sigma in grid.sigmas]
        (point,) = grid.tables["4"]
        if sigma_b == point.setting:
            settings += [(point.eps, point.sigma, samples) for samples in point.samples]
        for eps, sigma, samples in settings:
            for order, objective in enumerate(FIVE):
                for level, image in enumerate(IMAGES):
                    peak = best_sigma(eps) if arch else 0.0
                    psnr = 32 - 0.2 * order - 0.3 * eps - 0.01 * (sigma - peak) ** 2 + 0.3 * level
                    psnr += 0.001 * generator.standard_normal()
                    value = 1e-4 * sigma * (2 - 0.2 * order) * (1 + 0.05 * level) * (1 + 0.1 / samples)
                    rows.append(
                        {"key": f"{next(number):016}", "problem": "denoising", "dataset": "bsd68",
                         "network": f"dn-{objective}", "objective": objective, "sigma_b": sigma_b,
                         "ratio": 1.0, "side": 96, "eps": eps, "epsilon": 96 * eps / 255, "norm": 0.0,
                         "sigma": sigma, "samples": samples, "image": image, "attack": "pgd" if eps else "",
                         "attack_steps": steps if eps else 0, "keep": "best" if eps else "",
                         "mse": 10 ** (-psnr / 10),
                         "psnr": psnr, "ssim": psnr / 40, "psnr_median": psnr, "ssim_median": psnr / 40,
                         "psnr_published": psnr, "ssim_published": psnr / 40,
                         **{name: np.inf if name == "certified" and eps else value
                            for name in DISCREPANCIES}}
                    )  # fmt: skip
    store = Store(DENOISING.table, root)
    store.put("made-up", pd.DataFrame(rows))
    store.merge(["network", "image"])


def write_general(root: Path) -> None:
    """The same figures as if two networks for inpainting and its linear estimate had been evaluated."""
    write(root)
    names = {"dn-ord": ("ip-std", "standard", 0.0), "dn-adv": ("ip-rs-10.00", "smoothing", 10.0),
             "dn-jcb": ("linear", "the linear estimate", 0.0)}  # fmt: skip
    rows = Store(DENOISING.table, root).read()
    rows = rows[rows["network"].isin(names) & (rows["sigma_b"] == 2)]
    rows = rows[(rows["network"] != "dn-jcb") | (rows["sigma"] == 0)]
    which = pd.DataFrame(
        [names[name] for name in rows["network"]], columns=["estimator", "objective", "level"]
    )
    rows = rows.drop(columns=["network", "objective", "sigma_b", "ratio"]).reset_index(drop=True)
    rows = rows.join(which).assign(problem="inpainting", split="test", setting="50% of the pixels", share=0.5)
    store = Store("evaluations", root)
    store.put("made-up", rows)
    store.merge(["estimator", "image"])

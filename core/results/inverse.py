"""What the store says about denoising and compressed sensing; the paper's numbers as published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.base.errors import UserError
from core.results.store import RESULTS, Store
from core.results.summary import PROTOCOL, PUBLISHED, summarise, with_protocol

TABLE = "inverse_problems"
"""Of the store."""

SETTING = ["problem", "dataset", "sigma_b", "ratio"]
"""What is measured, and how."""

GROUP = [*SETTING, "objective", "network", "eps", "sigma", "samples"]
"""What one mean is over the pictures of."""

QUALITY = ("mse", "psnr", "ssim", "psnr_median", "ssim_median", "psnr_published", "ssim_published")
CERTIFIED = ("certified", "certified_quarter", "certified_half", "certified_one")
DISCREPANCIES = ("median", *CERTIFIED, "as_published")

NAMES = {"ord": "Ord", "jcb": "Jcb", "adv": "Adv", "smt-adv": "Smt-Adv", "smt-grad": "Smt-Grad"}
"""The paper's names of the five objectives, in its order."""


def per_image(root: Path | None = None) -> pd.DataFrame:
    """One row per picture and setting; a discrepancy without a value (no certificate) is nan.

    Raises:
        UserError: if one picture was scored twice, under two protocols.
    """
    store = Store(TABLE, root or RESULTS)
    rows = store.read()
    if rows.empty:
        names = [*GROUP, "image", "side", "epsilon", "norm", *PROTOCOL, *QUALITY, *DISCREPANCIES]
        return pd.DataFrame(columns=names)
    if rows.duplicated([*GROUP, "image"]).any():
        raise UserError(
            f"{store.path} holds results of two protocols (crops, attack, seed, precision or device differ): "
            "keep each in a folder of its own, with --results or LAB_RESULTS."
        )
    discrepancies = list(DISCREPANCIES)
    rows[discrepancies] = rows[discrepancies].replace(np.inf, np.nan)
    return with_protocol(rows)


def load(root: Path | None = None) -> pd.DataFrame:
    """Means over pictures with 95 % intervals: see :func:`core.results.summary.summarise`.

    Returns:
        One row per :data:`GROUP`, with ``images`` and for each of :data:`QUALITY` and
        :data:`DISCREPANCIES` the mean, ``…_low`` and ``…_high``; nan where there is no certificate;
        and :data:`core.results.summary.PROTOCOL`.
    """
    return summarise(per_image(root), GROUP, (*QUALITY, *DISCREPANCIES), PROTOCOL)


def table_1() -> pd.DataFrame:
    """The paper's Table 1: ``problem``, ``algorithm``, ``sigma_training``, ``radius`` (0, low, mid,
    high: the radii themselves are not printed), ``sigma``, ``psnr``."""
    table = pd.read_csv(PUBLISHED / "paper_table1_psnr.csv", dtype={"radius_column": str})
    parts = table["algorithm"].str.extract(r"(?P<algorithm>[\w-]+)(?: sigma_tr=(?P<level>\d+))?")
    return pd.DataFrame(
        {
            "problem": np.where(table["task"].str.startswith("denoising"), "denoising", "compressed_sensing"),
            "algorithm": parts["algorithm"],
            "sigma_training": parts["level"].astype(float),
            "radius": table["radius_column"],
            "sigma": table["sigma_test"].astype(float),
            "psnr": table["psnr_db"],
        }
    )


def table_2() -> pd.DataFrame:
    """The paper's Table 2, as printed there."""
    return pd.read_csv(PUBLISHED / "paper_table2_median.csv")


def table_4() -> pd.DataFrame:
    """The paper's Table 4: ``problem``, ``algorithm``, ``samples``, ``as_published`` (mean squared
    units), ``psnr``."""
    table = pd.read_csv(PUBLISHED / "paper_table4_discrepancy.csv")
    denoising = table["task"].str.startswith("denoising")
    return pd.DataFrame(
        {
            "problem": np.where(denoising, "denoising", "compressed_sensing"),
            "algorithm": table["algorithm"],
            "samples": table["samples"],
            "as_published": table["discrepancy"] * np.where(denoising, 1e-4, 1e-3),
            "psnr": table["psnr_db"],
        }
    )

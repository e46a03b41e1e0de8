"""The paper's numbers as published (``sun2024``), and its names of the objectives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.problems.denoising import DENOISING
from core.problems.sensing import COMPRESSED_SENSING
from core.results.summary import PUBLISHED

NAMES = {"ord": "Ord", "jcb": "Jcb", "adv": "Adv", "smt-adv": "Smt-Adv", "smt-grad": "Smt-Grad"}
"""The paper's names of the five objectives, in its order."""

PAPER = (COMPRESSED_SENSING, DENOISING)
"""The problems of the paper."""


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

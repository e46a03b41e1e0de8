"""What stands beside a smoothed estimate under the strongest attack tried on it.

Other networks, each under the strongest attack tried on it, and interpolation attacked itself: a
defence that loses to plain interpolation is seen to lose.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.evaluation.studies.attempts import BASE, SMOOTHED
from core.evaluation.studies.strength import report
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results import summary as results
from core.results.store import Store

CASE = ["image_digest", "eps_rel"]


def interpolations(rows: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Interpolation on the photos of a study, each kind under PGD on itself, from the evaluation.

    Args:
        rows: of the table ``attacks``, of one defence.
        root: folder of results.

    Returns:
        ``image_digest``, ``estimator`` (``bilinear``, ``bicubic``), ``eps_rel``, ``mse``, ``psnr`` and
        ``ssim``, one row per photo; empty if none of them was evaluated.
    """
    factor = SUPER_RESOLUTION.identity(rows["checkpoint"].iloc[0]).factor
    found = Store(SUPER_RESOLUTION.table, root).read(
        [*CASE, "estimator", *results.METRICS],
        [("objective", "==", "interpolation"), ("factor", "==", factor), ("split", "==", "test")],
    )
    return found[found["image_digest"].isin(rows["image_digest"])]


def beside(rows: pd.DataFrame, interpolated: pd.DataFrame) -> pd.DataFrame:
    """ĝ under its strongest attack less every other estimator under the strongest tried on that.

    Args:
        rows: of the table ``attacks``, of one defence. Networks count at the strengths at which they
            were attacked themselves, with transferred attacks beside that.
        interpolated: of :func:`interpolations`; may be empty.

    Returns:
        One line per ``eps_rel`` and ``estimator``: ``images``; mean PSNR ``psnr`` of that estimator
        and ``smoothed`` of ĝ on the same photos; ``gap``, ``gap_low``, ``gap_high``: the latter less
        the former, paired, with its 95 % interval. The best estimator of each strength comes first.
    """
    attacked = rows[rows["eps_rel"] > 0]
    mine = report(attacked).query("chosen")[[*CASE, "psnr"]].rename(columns={"psnr": "smoothed"})
    others = attacked[~attacked["tested_on"].isin([SMOOTHED, BASE]) & ~attacked["box"]]
    own = others.loc[others["made_on"] == others["tested_on"], ["tested_on", "eps_rel"]].drop_duplicates()
    others = others.merge(own, on=["tested_on", "eps_rel"])
    strongest = others.sort_values("mse").drop_duplicates(["tested_on", *CASE], keep="last")
    theirs = pd.concat([strongest.rename(columns={"tested_on": "estimator"}), interpolated])
    both = theirs[["estimator", *CASE, "psnr"]].merge(mine, on=CASE)
    both = both.assign(gap=both["smoothed"] - both["psnr"], image=both["image_digest"])
    table = results.summarise(both, ["eps_rel", "estimator"], ["psnr", "smoothed", "gap"])
    order = table.sort_values(["eps_rel", "psnr"], ascending=[True, False], ignore_index=True)
    return order.drop(columns=["psnr_low", "psnr_high", "smoothed_low", "smoothed_high"])

"""Numbers of the documents that are implemented here, as printed there."""

from __future__ import annotations

import pandas as pd

from core.base.places import shipped
from core.problems.problem import Problem

FOLDER = shipped("results") / "published"


def published(problem: Problem, *tables: str) -> pd.DataFrame:
    """The rows of some printed tables that are about a problem.

    In the thesis (``patsatzi2023``) the base networks' PSNR was taken on standardised, unclamped values and
    the smoothed ones' on clamped pictures, so they compare with ours in order, not in decibels. The paper
    (``sun2024``) prints no value of its Table 1's radii (``radius``: 0, low, mid, high).

    Returns:
        The columns ``table`` and, as in :func:`core.results.evaluations.load`, what the document says; nan
        where it says nothing. Empty if no document is about the problem.
    """
    if not problem.document:
        return pd.DataFrame(columns=["table"])
    rows = pd.read_csv(FOLDER / f"{problem.document}.csv", dtype={"table": str, "radius": str})
    return rows[(rows["problem"] == problem.name) & rows["table"].isin(tables)]

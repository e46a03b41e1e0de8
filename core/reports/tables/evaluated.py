"""Tables of an evaluation that no document printed before: one for each setting."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.base.errors import UserError
from core.problems.problem import Problem
from core.reports.tables.table import Table, marked
from core.results.evaluations import load, notices
from core.results.summary import attack_words, said, span

SHOWN = ("psnr", "ssim")


def build(problem: Problem, root: Path | None = None) -> list[Table]:
    """Quality of every estimator and smoothing noise over the attack strengths.

    Raises:
        UserError: if nothing was evaluated yet.
    """
    summary = load(problem, "test", root)
    if summary.empty:
        raise UserError(
            f"The store holds no such results: python -m core evaluate --problem {problem.name} --data DIR "
            "makes them."
        )
    told = notices(problem, root)
    return [_table(problem, str(setting), rows).noting(told) for setting, rows in summary.groupby("setting")]


def _table(problem: Problem, setting: str, rows: pd.DataFrame) -> Table:
    rows = rows.sort_values(["level", "estimator", "sigma", "eps", "samples"])
    rows = rows.drop_duplicates(["estimator", "sigma", "eps"], keep="last")
    smoothed = (" smoothed, σ = " + rows["sigma"].map("{:g}".format)).where(rows["sigma"] > 0, "")
    columns = "ε = " + rows["eps"].map("{:g}".format)
    parts = [
        pd.DataFrame(
            {
                "row": rows["estimator"] + smoothed,
                "column": columns,
                "metric": metric,
                "ours": rows[metric],
                "low": rows[f"{metric}_low"],
                "high": rows[f"{metric}_high"],
                "published": float("nan"),
            }
        )
        for metric in SHOWN
    ]
    cells = pd.concat(parts).loc[rows.index].reset_index(drop=True)
    note = (
        f"Means over {span(rows['images'])} photos of {said(rows['dataset'])}, "
        f"{attack_words(rows['attack'])}, S = {said(rows['draws']) or '–'}. ε and σ are RMS, in "
        f"{problem.space.unit}."
    )
    return Table(problem.name, f"{problem.title}, {setting}: quality under attack", marked(cells), (note,))

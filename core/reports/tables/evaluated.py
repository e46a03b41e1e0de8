"""Tables of an evaluation that no document printed before: one for each setting."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.attacks.terms import THESIS
from core.base.errors import UserError
from core.problems.problem import Problem
from core.reports import titles
from core.reports.tables.table import Table, joined, labels
from core.results.evaluations import load, notices
from core.results.summary import attack_words, said, span

SHOWN = {"psnr": "psnr", "ssim": "ssim"}


def build(problem: Problem, root: Path | None = None, attacks: str = THESIS) -> list[Table]:
    """Quality of every estimator and smoothing noise over the attack strengths, under one of
    :data:`core.attacks.terms.ATTACKED`.

    Raises:
        UserError: if nothing was evaluated yet.
    """
    summary = load(problem, "test", root, attacks)
    if summary.empty:
        raise UserError(
            f"The store holds no such results: python -m core evaluate --problem {problem.name} --attack "
            f"{attacks} --data DIR makes them."
        )
    told = notices(problem, root, attacks)
    return [_table(problem, str(setting), rows).noting(told) for setting, rows in summary.groupby("setting")]


def _table(problem: Problem, setting: str, rows: pd.DataFrame) -> Table:
    rows = rows.sort_values("samples").drop_duplicates(["estimator", "sigma", "eps"], keep="last")
    called = [
        titles.estimator(problem, name) + f" smoothed, σ = {sigma:g}" * (sigma > 0)
        for name, sigma in zip(rows["estimator"], rows["sigma"], strict=True)
    ]
    rows = rows.assign(row=called, column=labels("ε = {:g}", rows["eps"]))
    note = (
        f"Means over {span(rows['images'])} photos of {said(rows['dataset'])}, "
        f"{attack_words(rows['attack'])}, S = {said(rows['draws']) or '–'}. ε and σ are RMS, in "
        f"{problem.space.unit}."
    )
    cells = joined(rows, rows.iloc[:0], ["level", "estimator", "sigma", "eps", "row", "column"], SHOWN)
    return Table(problem.name, f"{problem.title}, {setting}: quality under attack", cells, (note,))

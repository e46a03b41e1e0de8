"""Tables 1, 2 and 4 of the paper: ours, published, and the difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core.base.errors import UserError
from core.problems.denoising import DENOISING
from core.problems.problem import Problem
from core.problems.sensing import COMPRESSED_SENSING
from core.reports.tables.table import Table, marked
from core.results import inverse as results
from core.results.evaluations import load, notices
from core.results.summary import attack_words, span

NAMES = ("1a", "1b", "2", "4a", "4b")

PARTS = {"a": DENOISING, "b": COMPRESSED_SENSING}
RADII = ("low", "mid", "high")
"""Columns of Table 1, in the order of the problems' :class:`core.problems.grid.Grid`."""

PLACES = {
    "denoising": "σ_b = {:g}, centre 96×96 of BSD68",
    "compressed_sensing": "m/n = {:g}, centre 99×99 of Set11",
}

COMPARED = (
    "Published: whole 256×256 pictures, larger networks, longer training, another attack; ε there is an "
    "L2 norm of pictures in [0, 1], which on 256×256 pixels is that many grey levels RMS. Compare orders, "
    "not decibels."
)
MIXED = (
    "The discrepancy is the published algorithm's, with ε/σ in mixed units: not a bound. Sound ones: "
    "python -m core curves --problem denoising."
)


def build(name: str, root: Path | None = None) -> Table:
    """One table from the store and the published numbers; needs neither pictures nor torch.

    Raises:
        UserError: if there is no such table.
    """
    if name not in NAMES:
        raise UserError(f"There is no Table {name} of the paper: choose one of {', '.join(NAMES)}.")
    if name == "2":
        table = _medians(root)
    else:
        table = (_trade_off if name[0] == "1" else _samples)(name, PARTS[name[1]], root)
    return table.noting(notices(DENOISING, root))


def _setting(problem: Problem, setting: float, root: Path | None) -> pd.DataFrame:
    return _at(load(problem, "test", root), **{problem.own[0]: setting})


def _at(rows: pd.DataFrame, **where: object) -> pd.DataFrame:
    """The rows in which each column has the value given."""
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return rows


def _trade_off(name: str, problem: Problem, root: Path | None) -> Table:
    points = problem.grid.tables["1"]
    setting = points[0].setting
    ours = _setting(problem, setting, root)
    theirs = results.table_1()
    theirs = theirs[(theirs["problem"] == problem.name) & ~theirs["sigma_training"].isin((1.0, 5.0))]
    columns: list[tuple[str, float, float]] = [("0", 0.0, 0.0)]
    for radius, point in zip(RADII, points, strict=True):
        columns += [(radius, point.eps, 0.0), (radius, point.eps, point.sigma)]
    cells: list[dict[str, Any]] = []
    for objective, title in results.NAMES.items():
        for radius, eps, sigma in columns:
            mine = _at(ours, objective=objective, eps=eps, sigma=sigma)
            published = _at(theirs, algorithm=title, radius=radius, sigma=sigma)
            cells.append(
                _cell(title, f"ε = {eps:g}, σ = {sigma:g}", "psnr", mine, "psnr_published", published["psnr"])
            )
    notes = (
        _counted(ours),
        "Ours with σ > 0: the draw that the published algorithm returns, as in the paper. Training noise "
        "σ_tr = 10 grey levels. The paper does not print its three radii; ours are in the columns.",
        COMPARED,
    )
    where = PLACES[problem.name].format(setting)
    return Table(name, f"PSNR clean, attacked and smoothed, {where}", marked(pd.DataFrame(cells)), notes)


def _medians(root: Path | None) -> Table:
    cells: list[dict[str, Any]] = []
    ours = {problem.name: load(problem, "test", root) for problem in PARTS.values()}
    for row in results.table_2().itertuples():
        problem = DENOISING if row.ratio == 1 else COMPRESSED_SENSING
        own = {problem.own[0]: float(getattr(row, problem.own[0]))}
        objective = next(key for key, title in results.NAMES.items() if title == row.algorithm)
        mine = _at(ours[problem.name], **own, eps=row.eps, sigma=row.sigma, objective=objective)
        evaluated = {point.network for point in problem.grid.tables["2"]}
        mine = mine if f"{problem.prefix}-{objective}" in evaluated else mine.iloc[:0]
        how = problem.setting(problem.scenario_at(**own))
        title = f"{row.algorithm}: {how}, ε = {row.eps:g}, σ = {row.sigma:g} ({row.dataset})"
        for column, quality, discrepancy, psnr, value in (
            ("median", "psnr_median", "median", row.psnr_median_db, row.discrepancy_median),
            ("as published", "psnr_published", "as_published", row.psnr_certified_db,
             row.discrepancy_certified),
        ):  # fmt: skip
            cells.append(_cell(title, column, "psnr", mine, quality, pd.Series([psnr])))
            cells.append(_cell(title, column, "discrepancy", mine, discrepancy, pd.Series([value])))
    counted = _counted(pd.concat(ours.values()))
    notes = (counted, MIXED, "DIV2K and ImageNet are not evaluated here.", COMPARED)
    table = marked(pd.DataFrame(cells)).assign(best_ours=False, best_published=False)
    return Table("2", "The median draw beside the published “certified” one", table, notes)


def _samples(name: str, problem: Problem, root: Path | None) -> Table:
    (point,) = problem.grid.tables["4"]
    ours = _at(_setting(problem, point.setting, root), eps=point.eps, sigma=point.sigma)
    theirs = results.table_4()
    cells: list[dict[str, Any]] = []
    for objective, title in results.NAMES.items():
        for samples in point.samples:
            mine = _at(ours, objective=objective, samples=samples)
            published = _at(theirs, problem=problem.name, algorithm=title, samples=samples)
            column = f"S = {samples}"
            cells.append(_cell(title, column, "psnr", mine, "psnr_published", published["psnr"]))
            cells.append(_cell(title, column, "discrepancy", mine, "as_published", published["as_published"]))
    where = PLACES[problem.name].format(point.setting)
    return Table(
        name,
        f"Numbers of samples, ε = {point.eps:g}, σ = {point.sigma:g}, {where}",
        marked(pd.DataFrame(cells)),
        (_counted(ours), MIXED, COMPARED),
    )


def _cell(
    row: str, column: str, metric: str, mine: pd.DataFrame, value: str, published: pd.Series
) -> dict[str, Any]:
    """One cell: nan where there is nothing."""
    nan = float("nan")
    found = mine.iloc[0] if len(mine) else {}
    return {
        "row": row,
        "column": column,
        "metric": metric,
        "ours": float(found.get(value, nan)),
        "low": float(found.get(f"{value}_low", nan)),
        "high": float(found.get(f"{value}_high", nan)),
        "published": float(published.iloc[0]) if len(published) else nan,
    }


def _counted(ours: pd.DataFrame) -> str:
    return f"Ours: means over {span(ours['images'])} test pictures, {attack_words(ours['attack'])}."

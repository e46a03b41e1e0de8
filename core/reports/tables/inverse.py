"""Tables 1, 2 and 4 of the paper: ours, published, and the difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core.base.errors import UserError
from core.evaluation.inverse.grid import OF_TABLE_1, OF_TABLE_2, OF_TABLE_4
from core.problems.denoising import DENOISING
from core.problems.sensing import COMPRESSED_SENSING
from core.reports.tables.table import Table, marked
from core.results import inverse as results
from core.results.inverse import TABLE
from core.results.summary import attack_words, notices, span

NAMES = ("1a", "1b", "2", "4a", "4b")

TABLE_1 = {"1a": DENOISING, "1b": COMPRESSED_SENSING}
RADII = ("low", "mid", "high")
"""Columns of Table 1, in the order of :data:`core.evaluation.inverse.grid.OF_TABLE_1`."""

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
    "python -m core inverse curves."
)


def build(name: str, root: Path | None = None) -> Table:
    """One table from the store and the published numbers; needs neither pictures nor torch.

    Raises:
        UserError: if there is no such table.
    """
    if name in TABLE_1:
        table = _trade_off(name, root)
    elif name == "2":
        table = _medians(root)
    elif name in ("4a", "4b"):
        table = _samples(name, root)
    else:
        raise UserError(f"There is no Table {name} of the paper: choose one of {', '.join(NAMES)}.")
    return table.noting(notices(TABLE, "network", root))


def _setting(rows: pd.DataFrame, problem: str, setting: float) -> pd.DataFrame:
    return _at(rows, problem=problem, **{"sigma_b" if problem == "denoising" else "ratio": setting})


def _at(rows: pd.DataFrame, **where: object) -> pd.DataFrame:
    """The rows in which each column has the value given."""
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return rows


def _trade_off(name: str, root: Path | None) -> Table:
    problem = TABLE_1[name].name
    setting, pairs = OF_TABLE_1[TABLE_1[name].prefix]
    ours = _setting(results.load(root), problem, setting)
    theirs = results.table_1()
    theirs = theirs[(theirs["problem"] == problem) & ~theirs["sigma_training"].isin((1.0, 5.0))]
    columns: list[tuple[str, float, float]] = [("0", 0.0, 0.0)]
    for radius, (eps, sigma) in zip(RADII, pairs, strict=True):
        columns += [(radius, eps, 0.0), (radius, eps, sigma)]
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
    where = PLACES[problem].format(setting)
    return Table(name, f"PSNR clean, attacked and smoothed, {where}", marked(pd.DataFrame(cells)), notes)


def _medians(root: Path | None) -> Table:
    ours, cells = results.load(root), []
    for row in results.table_2().itertuples():
        denoising = row.ratio == 1
        problem = "denoising" if denoising else "compressed_sensing"
        setting = float(row.sigma_b if denoising else row.ratio)
        mine = _setting(ours, problem, setting)
        objective = next(key for key, title in results.NAMES.items() if title == row.algorithm)
        name = f"{'dn' if denoising else 'cs'}-{objective}"
        mine = _at(mine, eps=row.eps, sigma=row.sigma, objective=objective)
        mine = mine if name in OF_TABLE_2 else mine.iloc[:0]
        how = f"σ_b = {setting:g}" if denoising else f"m/n = {setting:g}"
        title = f"{row.algorithm}: {how}, ε = {row.eps:g}, σ = {row.sigma:g} ({row.dataset})"
        for column, quality, discrepancy, psnr, value in (
            ("median", "psnr_median", "median", row.psnr_median_db, row.discrepancy_median),
            ("as published", "psnr_published", "as_published", row.psnr_certified_db,
             row.discrepancy_certified),
        ):  # fmt: skip
            cells.append(_cell(title, column, "psnr", mine, quality, pd.Series([psnr])))
            cells.append(_cell(title, column, "discrepancy", mine, discrepancy, pd.Series([value])))
    notes = (_counted(ours), MIXED, "DIV2K and ImageNet are not evaluated here.", COMPARED)
    table = marked(pd.DataFrame(cells)).assign(best_ours=False, best_published=False)
    return Table("2", "The median draw beside the published “certified” one", table, notes)


def _samples(name: str, root: Path | None) -> Table:
    problem, prefix = ("denoising", "dn") if name == "4a" else ("compressed_sensing", "cs")
    setting, eps, sigma = OF_TABLE_4[prefix]
    ours = _setting(results.load(root), problem, setting)
    ours = _at(ours, eps=eps, sigma=sigma)
    theirs = results.table_4()
    cells: list[dict[str, Any]] = []
    for objective, title in results.NAMES.items():
        for samples in (50, 500, 1000):
            mine = _at(ours, objective=objective, samples=samples)
            published = _at(theirs, problem=problem, algorithm=title, samples=samples)
            column = f"S = {samples}"
            cells.append(_cell(title, column, "psnr", mine, "psnr_published", published["psnr"]))
            cells.append(_cell(title, column, "discrepancy", mine, "as_published", published["as_published"]))
    where = PLACES[problem].format(setting)
    return Table(
        name,
        f"Numbers of samples, ε = {eps:g}, σ = {sigma:g}, {where}",
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

"""The results store for pages: read once, and again when its file changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.attacks.terms import STRONGEST, THESIS
from core.base.errors import UserError
from core.problems import PROBLEMS
from core.problems.names import Identity
from core.problems.problem import Problem
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports import answer as reports
from core.results import evaluations
from core.results import summary as results
from core.results.store import RESULTS, Store
from core.zoo import registry
from pages.widgets.page.controls import Controls

EMPTY = (
    "The results store holds no such evaluation yet: run `python -m core evaluate --problem {} --attack {} "
    "--data DIR`, or restore the results folder from git. The live views work without it."
)


@dataclass(frozen=True)
class Data:
    """Summaries of the test photos and, where noises are chosen on them, of the validation photos, the chosen
    noises, and all estimators as deployed."""

    test: pd.DataFrame
    validation: pd.DataFrame
    chosen: pd.DataFrame
    deployed: pd.DataFrame


def load(problem: Problem, attacks: str = THESIS, metric: str = "ssim") -> Data:
    """What the store says now of a problem's evaluations under a kind of attack.

    Args:
        problem: whose.
        attacks: of :data:`core.attacks.terms.ATTACKED`.
        metric: that smoothing noises are chosen by, where several can decide.
    """
    path = Store(evaluations.table_of(problem, attacks).name, RESULTS).path
    return _load(problem.name, attacks, metric, path, changed(path))


@st.cache_data(max_entries=8, show_spinner=False)
def _load(name: str, attacks: str, metric: str, path: Path, modified: int) -> Data:
    problem, root = PROBLEMS[name], path.parent
    test = evaluations.load(problem, "test", root, attacks)
    if not problem.grid.selected or test.empty:
        return Data(test, test.iloc[:0], test.iloc[:0], test.iloc[:0])
    chosen = evaluations.chosen(problem, root, attacks, metric)
    validation = evaluations.load(problem, "validation", root, attacks)
    return Data(test, validation, chosen, results.deployed(test, chosen))


def best_smoothed(problem: Problem, setting: float, eps: float) -> Any | None:
    """The row of the smoothed network with the highest mean PSNR under the strongest attacks, or None.

    Args:
        problem: whose; its smoothing noises are chosen on validation photos.
        setting: as in the column ``problem.apart``.
        eps: of the attack; the nearest one that was evaluated is taken.
    """
    rows = load(problem, STRONGEST, "psnr").deployed
    rows = rows[(rows[problem.apart] == setting) & (rows["objective"] == "smoothing")] if len(rows) else rows
    if rows.empty:
        return None
    rows = rows[rows["eps"] == min(rows["eps"], key=lambda there: abs(there - eps))]
    return rows.loc[rows["psnr"].idxmax()]


def attacked_both_ways(problem: Problem) -> bool:
    """Whether there are tables both of the strongest attacks and of the thesis's."""
    tables = (evaluations.table_of(problem, attacks).name for attacks in (STRONGEST, THESIS))
    return all(Store(table, RESULTS).path.exists() for table in tables)


def answer(
    problem: Problem, attacks: str, metric: str, setting: float, eps: float, noise: float | None = None
) -> str:
    """What to use at one attack strength (:func:`core.reports.answer.answer`), or nothing.

    Args:
        problem: whose estimators.
        attacks: of :data:`core.attacks.terms.ATTACKED`.
        metric: that it is judged by.
        setting: as in the column ``problem.apart``.
        eps: of the attack.
        noise: that all networks are smoothed with, where none is selected for each.
    """
    path = Store(evaluations.table_of(problem, attacks).name, RESULTS).path
    return _answer(problem.name, attacks, metric, setting, eps, noise, path, changed(path))


@st.cache_data(max_entries=64, show_spinner=False)
def _answer(
    name: str,
    attacks: str,
    metric: str,
    setting: float,
    eps: float,
    noise: float | None,
    path: Path,
    modified: int,
) -> str:
    problem, root = PROBLEMS[name], path.parent
    rows = evaluations.per_image(problem, "test", root, attacks=attacks)
    rows = rows[rows[problem.apart] == setting]
    if noise is None:
        rows = results.of_the_grid(rows)
    else:
        rows = rows[(rows["sigma"] == noise) | (rows["objective"] == problem.without_weights)]
        rows = rows.sort_values("samples").drop_duplicates(["estimator", "eps", "image"])

    def by(measure: str) -> reports.Answer | None:
        if noise is not None:
            return reports.answer(problem, rows, measure, eps)
        chosen = evaluations.chosen(problem, root, attacks, measure)
        return reports.answer(problem, results.deployed(rows, chosen), measure, eps)

    found, other = by(metric), by("psnr" if metric == "ssim" else "ssim")
    return found.sentence(problem, attacks) + reports.elsewise(found, other) if found else ""


def on_f_alone(problem: Problem) -> str:
    """See :func:`core.results.summary.on_f_alone`, of the store as it is now."""
    path = Store(results.STUDY, RESULTS).path
    return _on_f_alone(problem.name, path.parent, changed(path))


@st.cache_data(max_entries=6, show_spinner=False)
def _on_f_alone(problem: str, folder: Path, modified: int) -> str:
    return results.on_f_alone(problem, folder)


def study(table: str) -> pd.DataFrame:
    """Rows of a study's table as the store has them now; empty if there are none."""
    path = Store(table, RESULTS).path
    return _study(path, changed(path))


@st.cache_data(max_entries=8, show_spinner=False)
def _study(path: Path, modified: int) -> pd.DataFrame:
    return Store(path.stem, path.parent).read()


def interpolation_error(rows: pd.DataFrame) -> float:
    """Clean RMS error of bilinear interpolation on a study's photos, in grey levels, the median over them.

    Args:
        rows: of a study of super-resolution, of one network.

    Returns:
        Infinite where the store does not have it.
    """
    path = Store(SUPER_RESOLUTION.table, RESULTS).path
    factor = Identity.parse(rows["checkpoint"].iloc[0]).factor
    clean = _interpolated(factor, path, changed(path))
    mine = clean[clean.index.isin(rows["image_digest"])]
    return float(255 * np.sqrt(mine).median()) if len(mine) else np.inf


@st.cache_data(max_entries=4, show_spinner=False)
def _interpolated(factor: int, path: Path, modified: int) -> pd.Series:
    """Mean squared error by the photo's digest."""
    where = [("estimator", "==", "bilinear"), ("factor", "==", factor), ("eps_rel", "==", 0.0)]
    rows = Store(SUPER_RESOLUTION.table, path.parent).read(["image_digest", "mse"], where)
    return rows.drop_duplicates("image_digest").set_index("image_digest")["mse"].astype(float)


def defence(controls: Controls[Any], table: pd.DataFrame, noise: str) -> pd.DataFrame:
    """Rows of one smoothed network: asks which, where the table knows several.

    Args:
        controls: of the page, with a field ``defence``.
        table: of a study, not empty.
        noise: its column of the smoothing noise.
    """
    ids = table["checkpoint"] + ", σ " + table[noise].map("{:g}".format)
    options = sorted(ids.unique())
    if len(options) == 1:
        return table
    controls.keep_among("defence", options, usual=options[0])
    controls.draw("defence", values=options, width=220)
    return table[ids == controls["defence"]]


def changed(path: Path) -> int:
    """When a file was written last, in nanoseconds; 0 if there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0


def earlier_version(rows: pd.DataFrame) -> str:
    """A sentence where the network of these rows was trained anew since, else nothing.

    Args:
        rows: of a study, of one smoothed network.
    """
    one = rows.iloc[0]
    try:
        now = registry.describe(one["checkpoint"]).digest
    except UserError:  # it is not here, or not readable: what was measured stands
        return ""
    if now == one["digest"]:
        return ""
    return f"Measured on an earlier {one['checkpoint']}, which was trained anew since: run the study again."


def warn_of_earlier_version(rows: pd.DataFrame) -> None:
    """Show :func:`earlier_version`, if it says something."""
    if said := earlier_version(rows):
        st.warning(said, icon=":material/history:")

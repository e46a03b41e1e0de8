"""The results store for pages: read once, and again when its file changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.base.errors import UserError
from core.problems import PROBLEMS
from core.problems.problem import Problem
from core.results import evaluations
from core.results import summary as results
from core.results.store import RESULTS, Store
from core.zoo import registry
from pages.widgets.page.controls import Controls

EMPTY = (
    "The results store holds no such evaluation yet: run `python -m core evaluate --problem {} --data DIR`, "
    "or restore the results folder from git. The live views work without it."
)


@dataclass(frozen=True)
class Data:
    """Summaries of the test photos and, where noises are chosen on them, of the validation photos, the chosen
    noises, and all estimators as deployed."""

    test: pd.DataFrame
    validation: pd.DataFrame
    chosen: pd.DataFrame
    deployed: pd.DataFrame


def load(problem: Problem) -> Data:
    """What the store says now of a problem's evaluations."""
    path = Store(problem.table, RESULTS).path
    return _load(problem.name, path, changed(path))


@st.cache_data(max_entries=6, show_spinner=False)
def _load(name: str, path: Path, modified: int) -> Data:
    problem = PROBLEMS[name]
    test = evaluations.load(problem, "test", path.parent)
    if not problem.grid.selected:
        return Data(test, test.iloc[:0], test.iloc[:0], test.iloc[:0])
    chosen = evaluations.chosen(problem, path.parent)
    validation = evaluations.load(problem, "validation", path.parent)
    return Data(test, validation, chosen, results.deployed(test, chosen))


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


def defence(
    controls: Controls[Any], table: pd.DataFrame, noise: str, place: st.delta_generator.DeltaGenerator
) -> pd.DataFrame:
    """Rows of one smoothed network: asks which, where the table knows several.

    Args:
        controls: of the page, with a field ``defence``.
        table: of a study, not empty.
        noise: its column of the smoothing noise.
        place: where to ask.
    """
    ids = table["checkpoint"] + ", σ " + table[noise].map("{:g}".format)
    options = sorted(ids.unique())
    if len(options) == 1:
        return table
    controls.keep_among("defence", options, usual=options[0])
    with place:
        controls.draw("defence", values=options)
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

"""The results store for pages: read once, and again when its file changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core import results
from core.store import RESULTS, Store

EMPTY = (
    "The results store holds no evaluation yet: run `python -m core evaluate --data photos_test`, or "
    "restore the results folder from git."
)


@dataclass(frozen=True)
class Data:
    """Summaries of the test and validation photos, the chosen noises, and all as deployed."""

    test: pd.DataFrame
    validation: pd.DataFrame
    chosen: pd.DataFrame
    deployed: pd.DataFrame


def load() -> Data:
    """What the store says now."""
    path = Store(results.TABLE, RESULTS).path
    stat = path.stat() if path.exists() else None
    return _load(path, stat.st_mtime_ns if stat else 0)


@st.cache_data(max_entries=2, show_spinner=False)
def _load(path: Path, modified: int) -> Data:
    test, chosen = results.load("test", path.parent), results.chosen_sigma_g(path.parent)
    validation = results.load("validation", path.parent)
    return Data(test, validation, chosen, results.deployed(test, chosen))

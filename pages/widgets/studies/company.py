"""ĝ beside the others under attacks, worked out once for each state of the store.

Apart from :mod:`pages.widgets.page.results_data` since attacks load torch, which most pages do not need.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.evaluation.studies.beside import beside, interpolations
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results import store
from core.results.store import Store
from pages.widgets.page import results_data


def beside_others(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Interpolation on a study's photos, and its ĝ beside the others: :mod:`core.evaluation.studies.beside`.

    Args:
        rows: of the table ``attacks``, of one smoothed network.
    """
    one, root = rows.iloc[0], store.RESULTS
    changed = [results_data.changed(Store(name, root).path) for name in (SUPER_RESOLUTION.table, "attacks")]
    return _beside_others(root, tuple(changed), one["checkpoint"], float(one["sigma_g"]), rows)


@st.cache_data(max_entries=4, show_spinner=False)
def _beside_others(
    root: Path, changed: tuple[int, ...], checkpoint: str, sigma_g: float, _rows: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    interpolated = interpolations(_rows, root)
    return interpolated, beside(_rows, interpolated)

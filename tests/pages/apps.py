"""Pages driven through Streamlit's AppTest: opening one by its address, reading it, its results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).resolve().parents[2] / "pages"
APP = str(PAGES.parent / "app.py")
READERS = (
    "core.results.store",
    "core.results.evaluations",
    "core.reports.tables.thesis",
    "pages.widgets.page.results_data",
)


def opened(page: str, **query: str) -> AppTest:
    """The page of a file name, run once with this query; it may show an error, but no traceback."""
    app = AppTest.from_file(str(PAGES / page), default_timeout=120)
    app.query_params.update(query)
    app = app.run()
    assert not app.exception
    return app


def calm(app: AppTest) -> AppTest:
    """The page, which shows neither a traceback nor an error."""
    assert not app.exception
    assert not app.error
    return app


def in_link(app: AppTest) -> dict[str, str]:
    """The query of the page's address."""
    return {key: value if isinstance(value, str) else value[0] for key, value in app.query_params.items()}


@contextmanager
def reading(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let pages read their results from this folder, and remember nothing of another."""
    for module in READERS:
        monkeypatch.setattr(f"{module}.RESULTS", folder)
    st.cache_data.clear()
    yield folder
    st.cache_data.clear()

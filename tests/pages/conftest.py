"""What pages remember: tests of one file share it, as sessions of one server do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st

from core.zoo import checkpoints

Networks = Callable[[Path], None]


@pytest.fixture(autouse=True, scope="module")
def _fresh_caches() -> None:
    """What tests of other files left behind goes."""
    st.cache_resource.clear()


@pytest.fixture
def networks_from(monkeypatch: pytest.MonkeyPatch) -> Iterator[Networks]:
    """Takes a folder from which pages then have their networks; nothing of another's is remembered."""

    def take(folder: Path) -> None:
        monkeypatch.setattr(checkpoints, "FOLDER", folder)
        st.cache_resource.clear()

    yield take
    st.cache_resource.clear()

"""What goes wrong on a page and can be put right: one sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.base.errors import UserError, refusals_explained
from pages.widgets.page.numbers import plain


@contextmanager
def said() -> Iterator[None]:
    """Say a :class:`UserError`, or what the system refuses about a file, where the page stands."""
    try:
        with refusals_explained():
            yield
    except UserError as problem:
        st.error(plain(str(problem)), icon=":material/error:")

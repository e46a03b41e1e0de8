"""Leaving a page for another one at a certain view, as one step of the browser's history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st

from pages.widgets.page import javascript

_component = st.components.v2.component(
    "robustness_lab.leave", html="", js=javascript.bundle(Path(__file__).with_suffix(".js"))
)


def to(page: str, query: Mapping[str, str]) -> None:
    """Open another page.

    ``st.switch_page`` first writes the parameters into the address of the page that is left, which is
    where Back then leads.

    Args:
        page: the last part of its address.
        query: its parameters.
    """
    _component(key="leave", data={"address": f"{page}?{urlencode(query)}", "visit": uuid4().hex})

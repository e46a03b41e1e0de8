"""The page's address, written where it changes."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st


def write(query: Mapping[str, str]) -> None:
    """Let the address say this and nothing else.

    Nothing is sent where it does already: a message that arrives after somebody has gone back would be
    written into the address of the page that is open then.
    """
    if st.query_params.to_dict() != dict(query):
        st.query_params.from_dict(query)


def place() -> str:
    """The page that the browser shows; that of a script which is still running may be another."""
    return urlsplit(st.context.url or "").path


def put(name: str, value: str) -> None:
    """Let one parameter of the address say this, like :func:`write`."""
    if st.query_params.get(name) != value:
        st.query_params[name] = value

"""A choice of one among a few that stands in the page's address."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def one_of(
    label: str, options: Mapping[str, str], *, key: str, default: str = "", help: str | None = None
) -> str:
    """Draw the choice.

    Args:
        label: what is chosen.
        options: what each value is called, which the address says too.
        key: of the choice, and its parameter's name.
        default: by default the first.
        help: behind the question mark beside it.
    """
    default = default or next(iter(options))
    # Streamlit takes an address that empties it (“?factor=”) for no choice, though one is required.
    if st.session_state.get(key, default) is None:
        st.session_state[key] = default
    chosen = st.segmented_control(
        label, list(options), default=default, required=True, key=key, help=help,
        format_func=options.__getitem__, bind="query-params",
    )  # fmt: skip
    if chosen is None:
        st.rerun()
    return str(chosen)

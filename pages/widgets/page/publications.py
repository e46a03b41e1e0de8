"""The publications behind the app, at the foot of every page."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, THESIS, references


def show() -> None:
    """A closed box with all of them; its title says which are called the thesis and the paper."""
    known = references()
    title = f"Publications: “the thesis” is {known[THESIS].label}, “the paper” {known[PAPER].label}"
    with st.expander(title, icon=":material/menu_book:"):
        st.markdown("\n".join(f"- {reference.to_markdown()}" for reference in known.values()))

"""The publications' figures on a page: each is drawn when it is chosen."""

from __future__ import annotations

import streamlit as st

from core.reports.export import saved
from core.reports.publications import ALSO, FIGURES, drawn
from core.results.store import RESULTS
from pages.widgets.page import results_data
from pages.widgets.page.resources import lab


def show() -> None:
    """Choose a figure; see it, and take it along."""
    with st.expander("Figures of the publications", icon=":material/image:"):
        name = st.selectbox(
            "Figure",
            [name for name in FIGURES if name not in ALSO],
            index=None,
            format_func=lambda name: f"{name}: {FIGURES[name].title}",
            placeholder="Choose one: it is drawn now, of the results store or of bundled photos",
            key="tables.drawn",
            help="Ours, and the published numbers where the publication prints them.",
        )
        if name is None:
            return
        changed = tuple(results_data.changed(path) for path in sorted(RESULTS.glob("*.parquet")))
        png, pdf = _files(name, changed)
        st.image(png)
        st.caption(f"{FIGURES[name].note} `python -m core figures {name}`")
        st.download_button(
            "PDF", pdf, file_name=f"figure-{name}.pdf", mime="application/pdf", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


@st.cache_data(max_entries=8, show_spinner="Drawing")
def _files(name: str, changed: tuple[int, ...]) -> tuple[bytes, bytes]:
    """As PNG and PDF; drawn again when a table of the store has changed."""
    figure = drawn(name, None, lab)
    return saved(figure, "png"), saved(figure, "pdf")

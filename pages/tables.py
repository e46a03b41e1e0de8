"""Tables: the thesis's Tables 4.1 to 4.4 and A.1 to A.3, ours beside the published ones."""

from __future__ import annotations

import streamlit as st

from core.tables.text import TITLES
from core.tables.thesis import NAMES, QUALITY, build
from pages.widgets import refusals, share, style, table_view

METRICS = ("psnr", "ssim", "mse")


def page() -> None:
    """Choose a table; see ours, the published and the difference; take it along."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        name = st.segmented_control(
            "Table", list(NAMES), default=NAMES[0], required=True, key="table", bind="query-params"
        )
    metric = None
    if name in QUALITY:
        with right:
            metric = st.segmented_control(
                "Quality", list(METRICS), default="psnr", required=True, key="figure", bind="query-params",
                format_func=TITLES.get,
            )  # fmt: skip
    table = build(name)
    heading.markdown(
        f"#### Table {table.name}\n{table.title}: measured here, as published, and the difference. The best "
        "of each column is bold."
    )
    table_view.show(table, metric or str(table.cells["metric"].iloc[0]))
    for note in table.notes:
        st.caption(note)
    table_view.downloads(table)
    with sharing:
        share.show_page(f"python -m core tables {table.name} --format markdown")


with refusals.said():
    page()

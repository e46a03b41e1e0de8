"""Tables: the thesis's Tables 4.1 to 4.4 and A.1 to A.3, ours beside the published ones."""

from __future__ import annotations

import streamlit as st

from core.base.references import THESIS, cite
from core.reports.tables.text import TITLES
from core.reports.tables.thesis import NAMES, QUALITY, build
from pages.widgets.page import choice, refusals, share, style
from pages.widgets.studies import table_view

METRICS = ("psnr", "ssim", "mse")


def page() -> None:
    """Choose a table; see ours, the published and the difference; take it along."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        name = choice.one_of("Table", {name: name for name in NAMES}, key="table")
    metric = None
    if name in QUALITY:
        with right:
            metric = choice.one_of("Quality", {each: TITLES[each] for each in METRICS}, key="figure")
    table = build(name)
    heading.markdown(
        f"#### Table {table.name} of the thesis\n{table.title}: measured here, as published by "
        f"{cite(THESIS)}, and the difference. The best of each column is bold."
    )
    table_view.show(table, metric or str(table.cells["metric"].iloc[0]))
    for note in table.notes:
        st.caption(note)
    table_view.downloads(table)
    with sharing:
        share.show_page(f"python -m core tables {table.name} --format markdown")


with refusals.said():
    page()

"""Tables: the thesis's Tables 4.1 to 4.4 and A.1 to A.3, ours beside the published ones."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.options import Options
from core.base.references import THESIS, cite
from core.reports.tables.text import TITLES
from core.reports.tables.thesis import NAMES, QUALITY, build
from pages.widgets.page import refusals, share, style
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.studies import table_view

METRICS = {each: TITLES[each] for each in ("psnr", "ssim", "mse")}


@dataclass(frozen=True)
class View(Options):
    """Which table, and which of its figures."""

    table: str = one_of("Table", {name: name for name in NAMES})
    quality: str = one_of("Quality", METRICS, when=("table", [*QUALITY]), former="figure")


CONTROLS = Controls(View, "tables", page="thesis-tables")


def page() -> None:
    """Choose a table; see ours, the published and the difference; take it along."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    CONTROLS.begin()
    with left:
        CONTROLS.draw("table")
    with right:
        CONTROLS.draw("quality")
    table = build(CONTROLS["table"])
    metric = CONTROLS["quality"] if table.name in QUALITY else str(table.cells["metric"].iloc[0])
    heading.markdown(
        f"#### Table {table.name} of the thesis\n{table.title}: measured here, as published by "
        f"{cite(THESIS)}, and the difference. The best of each column is bold."
    )
    table_view.show(table, metric)
    for note in table.notes:
        st.caption(note)
    table_view.downloads(table)
    command = f"python -m core tables {table.name} --format markdown"
    share.show_view(CONTROLS.to_query(), command, sharing)


with refusals.said():
    page()

"""Tables: the thesis's Tables 4.1 to 4.4 and A.1 to A.3, ours beside the published ones."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.tables.text import DIGITS, TITLES, render
from core.tables.thesis import NAMES, QUALITY, Table, build
from pages.widgets import share, style
from pages.widgets.numbers import plain

ROW, HEAD = 30, 68  # pixels: a whole table fits a small screen

METRICS = ("psnr", "ssim", "mse")
WHOSE = {"ours": "ours", "published": "published", "difference": "Δ"}


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
    _show(table, metric or str(table.cells["metric"].iloc[0]))
    for note in table.notes:
        st.caption(note)
    _downloads(table)
    with sharing:
        share.show_page(f"python -m core tables {table.name} --format markdown")


def _show(table: Table, metric: str) -> None:
    cells = table.cells[table.cells["metric"] == metric]
    rows = list(dict.fromkeys(cells["row"]))
    columns = list(dict.fromkeys(cells["column"]))
    parts = {
        part: cells.pivot(index="row", columns="column", values=part).loc[rows, columns] for part in WHOSE
    }
    wide = pd.concat(parts, axis=1).swaplevel(axis=1)
    wide = wide[[(column, part) for column in columns for part in WHOSE]]
    best = {
        (column, part): set(cells.loc[(cells["column"] == column) & cells[f"best_{part}"], "row"])
        for column in columns
        for part in ("ours", "published")
    }

    def bold(column: pd.Series) -> list[str]:
        return ["font-weight: bold" if row in best.get(column.name, ()) else "" for row in column.index]

    def signed(column: tuple[str, str]) -> str:
        return f"{{:+{DIGITS[metric]}}}" if column[1] == "difference" else f"{{:{DIGITS[metric]}}}"

    styled = wide.style.apply(bold, axis=0).format(
        {column: signed(column) for column in wide.columns}, na_rep="–"
    )
    st.dataframe(styled, height=ROW * len(rows) + HEAD, row_height=ROW, placeholder="–")


def _downloads(table: Table) -> None:
    with st.container(horizontal=True):
        for form, suffix, mime in (("csv", "csv", "text/csv"), ("latex", "tex", "text/x-tex")):
            st.download_button(
                f"{form.upper() if form == 'csv' else 'LaTeX'}", render(table, form),
                file_name=f"table-{table.name}.{suffix}", mime=mime, icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip


try:
    page()
except UserError as problem:
    st.error(plain(str(problem)), icon=":material/error:")

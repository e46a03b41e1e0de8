"""A table of a paper on a page: ours, as published and the difference; and its files to take along."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.reports.tables.table import Table
from core.reports.tables.text import DIGITS, render

ROW, HEAD = 30, 68  # pixels: a whole table fits a small screen
WHOSE = {"ours": "ours", "published": "published", "difference": "Δ"}


def show(table: Table, metric: str) -> None:
    """Draw one metric; the best of each column is bold."""
    cells = table.cells[table.cells["metric"] == metric]
    rows = list(dict.fromkeys(cells["row"]))
    columns = list(dict.fromkeys(cells["column"]))
    whose = WHOSE if table.cells["published"].notna().any() else {"ours": WHOSE["ours"]}
    parts = {
        part: cells.pivot(index="row", columns="column", values=part).loc[rows, columns] for part in whose
    }
    wide = pd.concat(parts, axis=1).swaplevel(axis=1)
    wide = wide[[(column, part) for column in columns for part in whose]].rename_axis(index=None)
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


def downloads(table: Table) -> None:
    """Draw the buttons."""
    with st.container(horizontal=True):
        for form, suffix, mime in (("csv", "csv", "text/csv"), ("latex", "tex", "text/x-tex")):
            st.download_button(
                f"{form.upper() if form == 'csv' else 'LaTeX'}", render(table, form),
                file_name=f"table-{table.name}.{suffix}", mime=mime, icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip

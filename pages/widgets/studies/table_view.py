"""A problem's tables on a page: ours, as published and the difference; and their files to take along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.errors import UserError
from core.base.options import Control, Widget
from core.base.references import cite
from core.problems.problem import Problem
from core.reports.documents import DOCUMENTS, Document, tables_of
from core.reports.tables.table import Table
from core.reports.tables.text import TITLES, number, render
from pages.widgets.page import links, share
from pages.widgets.page.controls import Controls
from pages.widgets.scenario.outcome_tables import units

ROW, HEAD = 30, 68  # pixels: a whole table fits a small screen
WHOSE = {"ours": "ours", "published": "published", "difference": "Δ"}


def show(
    problem: Problem,
    controls: Controls[Any],
    address: Mapping[str, str],
    choices: DeltaGenerator,
    heading: DeltaGenerator,
) -> None:
    """Choose a table and a figure of a problem; see them, and take them along.

    Args:
        problem: what was evaluated.
        controls: of the page, with the fields ``table``, ``quality`` and ``attack``, begun.
        address: what else the page's address says.
        choices: where they stand.
        heading: where the table's title goes.
    """
    document = DOCUMENTS.get(problem.document)
    try:
        tables = {} if document else {str(n): table for n, table in enumerate(tables_of(problem), 1)}
    except UserError as error:
        links.write({**address, "problem": problem.name})
        st.info(str(error), icon=":material/database_off:")
        return
    names = list(document.about(problem) if document else tables)
    controls.keep_among("table", names, names[0], said=_of_old_links)
    label = "Table" if document else "Setting"
    said = {name: _setting(table, problem) for name, table in tables.items()} or {
        name: name for name in names
    }
    with choices:
        controls.draw("table", Control(label, Widget.SEGMENTS), values=names, said=said.__getitem__)
    name = controls["table"]
    attacks = _attacks(document, controls, choices) if document else ""
    table = document.build(name, None, attacks) if document else tables[name]
    metrics = list(dict.fromkeys(table.cells["metric"]))
    usual = "psnr" if "psnr" in metrics else metrics[0]
    controls.keep_among("quality", metrics, usual, said=_said)
    if len(metrics) > 1:
        with choices:
            controls.draw("quality", values=metrics, said=TITLES.__getitem__, width=130)
    title = f"#### {table.title}"
    if document and table.cells["published"].notna().any():
        title = (
            f"#### {table.title}\nTable {name} of {document.called} ({cite(problem.document)}): measured "
            "here, as published, and the difference. The best of each column is bold."
        )
    heading.markdown(title)
    _draw(table, controls["quality"])
    for note in (*table.notes, *([units(problem)] if problem.smooths_all else [])):
        st.caption(note)
    _downloads(table)
    command = name if document else f"--problem {problem.name}"
    if document and attacks != document.attacks[0]:
        command += f" --attack {attacks}"
    query = {**address, **controls.to_query(), "problem": problem.name}
    share.show_view(query, f"python -m core tables {command}")


def _attacks(document: Document, controls: Controls[Any], choices: DeltaGenerator) -> str:
    """The kind of attack that is shown: asked where there are several."""
    if len(document.attacks) > 1:
        with choices:
            controls.draw("attack")
    return controls["attack"] if controls["attack"] in document.attacks else document.attacks[0]


def _setting(table: Table, problem: Problem) -> str:
    return table.title.removeprefix(f"{problem.title}, ").partition(":")[0]


def _said(metric: str) -> str:
    """How links called a figure once: SSIM for ssim."""
    return TITLES[metric].split(" ")[0]


def _of_old_links(table: str) -> str:
    """How links named a table before they had its letter: 4 for 4a."""
    return table.rstrip("ab")


def _draw(table: Table, metric: str) -> None:
    """One metric; the best of each column is bold."""
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

    forms = {column: partial(number, metric=metric, part=column[1]) for column in wide.columns}
    styled = wide.style.apply(bold, axis=0).format(forms)
    st.dataframe(styled, height=ROW * len(rows) + HEAD, row_height=ROW, placeholder="–")


def _downloads(table: Table) -> None:
    """The buttons."""
    with st.container(horizontal=True):
        for form, suffix, mime in (("csv", "csv", "text/csv"), ("latex", "tex", "text/x-tex")):
            st.download_button(
                f"{form.upper() if form == 'csv' else 'LaTeX'}", render(table, form),
                file_name=f"table-{table.name}.{suffix}", mime=mime, icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip

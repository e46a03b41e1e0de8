"""The paper's Tables 1, 2 and 4 on the page: ours beside the published."""

from __future__ import annotations

import streamlit as st

from core.base.errors import UserError
from core.base.references import PAPER, cite
from core.problems import PROBLEMS
from core.problems.problem import Problem
from core.reports.documents import DOCUMENTS, tables_of
from core.reports.tables.inverse import PARTS, build
from core.reports.tables.table import Table
from core.reports.tables.text import TITLES
from pages.widgets.page import links, share
from pages.widgets.scenario import inverse_controls, inverse_tables
from pages.widgets.studies import table_view

TABLES = {"1": "1: trade-off", "2": "2: median and published", "4": "4: numbers of samples"}
BOTH_PROBLEMS = ("2",)
KEY = "inverse.table"


def show(heading: st.delta_generator.DeltaGenerator, sharing: st.delta_generator.DeltaGenerator) -> None:
    """Choose a table and a figure; see ours, the published and the difference; take it along.

    Args:
        heading: where the table's title goes.
        sharing: where the button goes that shares the view.
    """
    problem = inverse_controls.now()["problem"]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        try:
            number, table, title, command = _table(PROBLEMS[problem])
        except UserError as error:
            links.write({"part": "tables", "problem": problem})
            st.info(str(error), icon=":material/database_off:")
            return
        metrics = list(dict.fromkeys(table.cells["metric"]))
        metric = metrics[0]
        if len(metrics) > 1:
            metric = _choice("Figure", "figure", {each: TITLES[each] for each in metrics})
    address = {"part": "tables", "problem": problem, "table": number, "figure": metric}
    links.write(address)
    heading.markdown(title)
    table_view.show(table, metric)
    for note in (*table.notes, inverse_tables.UNITS):
        st.caption(note)
    table_view.downloads(table)
    with sharing:
        share.show_links(address, f"python -m core tables {command}")


def _table(problem: Problem) -> tuple[str, Table, str, str]:
    """Which table was chosen, as the link says it; the table, its title, and the end of its command.

    Raises:
        UserError: if nothing was evaluated of a problem that no document has tables of.
    """
    if problem.table not in DOCUMENTS:
        tables = tables_of(problem)
        number = _choice("Setting", "table", {str(n): table.title for n, table in enumerate(tables, 1)})
        table = tables[int(number) - 1]
        return number, table, f"#### {table.title}", f"--problem {problem.name}"
    number = _choice("Table", "table", TABLES)
    (letter,) = (letter for letter, part in PARTS.items() if part is problem)
    table = build(number if number in BOTH_PROBLEMS else number + letter)
    title = (
        f"#### Denoising & sensing: Table {table.name} of the paper\n{table.title}: measured here, as "
        f"published by {cite(PAPER)} (mixed units), and the difference."
    )
    return number, table, title, table.name


def _choice(label: str, field: str, options: dict[str, str]) -> str:
    key = f"inverse.published.{field}"
    if st.session_state.get(key) not in options:
        asked = st.query_params.get(field)
        st.session_state[key] = asked if asked in options else next(iter(options))
    chosen: str = st.segmented_control(
        label, list(options), key=key, required=True, format_func=options.get, persist_state="session"
    )
    return chosen

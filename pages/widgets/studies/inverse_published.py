"""The paper's Tables 1, 2 and 4 on the page: ours beside the published."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.errors import UserError
from core.base.options import Control, Options, Widget, option
from core.base.references import PAPER, cite
from core.problems import PROBLEMS
from core.problems.problem import Problem
from core.reports.documents import DOCUMENTS, tables_of
from core.reports.tables.paper import PARTS, build
from core.reports.tables.table import Table
from core.reports.tables.text import TITLES
from pages.widgets.page import links, share
from pages.widgets.page.controls import Controls
from pages.widgets.scenario import inverse_controls, inverse_tables
from pages.widgets.studies import table_view

TABLES = {"1": "1: trade-off", "2": "2: median and published", "4": "4: numbers of samples"}
BOTH_PROBLEMS = ("2",)


@dataclass(frozen=True)
class View(Options):
    """Which table, and which of its figures."""

    table: str = option("1", "", Control("Table", Widget.SEGMENTS))
    figure: str = option("psnr", "", Control("Figure", Widget.SEGMENTS, names=TITLES))


VIEW = Controls(View, "inverse.published", page=inverse_controls.PAGE)


def show(heading: st.delta_generator.DeltaGenerator, sharing: st.delta_generator.DeltaGenerator) -> None:
    """Choose a table and a figure; see ours, the published and the difference; take it along.

    Args:
        heading: where the table's title goes.
        sharing: where the button goes that shares the view.
    """
    problem = inverse_controls.now()["problem"]
    VIEW.begin()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        try:
            table, title, command = _table(PROBLEMS[problem])
        except UserError as error:
            links.write({"part": "tables", "problem": problem})
            st.info(str(error), icon=":material/database_off:")
            return
        metrics = list(dict.fromkeys(table.cells["metric"]))
        metric = metrics[0]
        if len(metrics) > 1:
            VIEW.keep_among("figure", metrics, metric)
            VIEW.draw("figure", values=metrics)
            metric = VIEW["figure"]
    address = {"part": "tables", "problem": problem, **VIEW.value().to_dict(), "figure": metric}
    heading.markdown(title)
    table_view.show(table, metric)
    for note in (*table.notes, inverse_tables.units(PROBLEMS[problem])):
        st.caption(note)
    table_view.downloads(table)
    share.show_view(address, f"python -m core tables {command}", sharing)


def _table(problem: Problem) -> tuple[Table, str, str]:
    """The chosen table, its title, and the end of its command.

    Raises:
        UserError: if nothing was evaluated of a problem that no document has tables of.
    """
    if problem.document not in DOCUMENTS:
        tables = {str(n): table for n, table in enumerate(tables_of(problem), 1)}
        _choose({number: table.title for number, table in tables.items()}, "Setting")
        table = tables[VIEW["table"]]
        return table, f"#### {table.title}", f"--problem {problem.name}"
    _choose(TABLES, "Table")
    number: str = VIEW["table"]
    (letter,) = (letter for letter, part in PARTS.items() if part is problem)
    table = build(number if number in BOTH_PROBLEMS else number + letter)
    title = (
        f"#### Table {table.name} of the paper\n{table.title}: measured here, as "
        f"published by {cite(PAPER)} (mixed units), and the difference."
    )
    return table, title, table.name


def _choose(titles: dict[str, str], label: str) -> None:
    VIEW.keep_among("table", list(titles), next(iter(titles)))
    VIEW.draw("table", Control(label, Widget.SEGMENTS, names=titles), values=list(titles))

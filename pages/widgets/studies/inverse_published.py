"""The paper's Tables 1, 2 and 4 on the page: ours beside the published."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.base.references import PAPER, cite
from core.problems.denoising import DENOISING
from core.reports.tables.inverse import build
from core.reports.tables.text import TITLES
from pages.widgets.page import share
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.scenario import inverse_controls, inverse_tables
from pages.widgets.studies import table_view

TABLES = {"1": "1: trade-off", "2": "2: median and published", "4": "4: numbers of samples"}
BOTH_PROBLEMS = ("2",)


@dataclass(frozen=True)
class View(Options):
    """Which table, and which of its figures."""

    table: str = one_of("Table", TABLES)
    figure: str = option("psnr", "", Control("Figure", Widget.SEGMENTS, names=TITLES))


VIEW = Controls(View, "inverse.published", page=inverse_controls.PAGE)


def show(heading: st.delta_generator.DeltaGenerator, sharing: st.delta_generator.DeltaGenerator) -> None:
    """Choose a table and a figure; see ours, the published and the difference; take it along.

    Args:
        heading: where the table's title goes.
        sharing: where the button goes that shares the view.
    """
    problem: str = inverse_controls.now()["problem"]
    VIEW.begin()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        VIEW.draw("table")
        number: str = VIEW["table"]
        denoising = problem == DENOISING.name
        name = number if number in BOTH_PROBLEMS else number + ("a" if denoising else "b")
        table = build(name)
        metrics = list(dict.fromkeys(table.cells["metric"]))
        metric = metrics[0]
        if len(metrics) > 1:
            VIEW.keep_among("figure", metrics, metric)
            VIEW.draw("figure", values=metrics)
            metric = VIEW["figure"]
    address = {"part": "tables", "problem": problem, **VIEW.value().to_dict(), "figure": metric}
    heading.markdown(
        f"#### Table {table.name} of the paper\n{table.title}: measured here, as "
        f"published by {cite(PAPER)} (mixed units), and the difference."
    )
    table_view.show(table, metric)
    for note in (*table.notes, inverse_tables.UNITS):
        st.caption(note)
    table_view.downloads(table)
    share.show_view(address, f"python -m core inverse tables {table.name}", sharing)

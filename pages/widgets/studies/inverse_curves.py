"""A linear inverse problem over the smoothing noise, among its views."""

from __future__ import annotations

import streamlit as st

from core.problems import PROBLEMS
from core.results import evaluations
from pages.widgets.page import links, notices, results_data, share
from pages.widgets.page.controls import Controls
from pages.widgets.studies import tradeoff_view as view

VIEW = Controls(view.View, "inverse.curves", page="denoising-sensing")


def show(name: str, sharing: st.delta_generator.DeltaGenerator) -> None:
    """The Trade-off's view “Smoothing noise” of a problem."""
    problem = PROBLEMS[name]
    address = {"part": "noise", "problem": problem.name}
    VIEW.begin()
    VIEW["part"] = "noise"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = view.begin(VIEW, problem)
        if shown is not None:
            VIEW.draw("quality", values=view.qualities(shown))
    if shown is None:
        links.write(address)
        st.info(results_data.EMPTY.format(problem.name, "thesis"), icon=":material/database_off:")
        return
    notices.show(evaluations.notices(problem))
    view.draw(shown, view.figure(shown))
    st.caption(view.protocol(shown))
    share.show_view(address | VIEW.to_query() | address, view.command(shown), sharing)

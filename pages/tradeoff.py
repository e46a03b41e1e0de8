"""Trade-off: what each defence costs on clean photos and gains under attack."""

from __future__ import annotations

import streamlit as st

from core.problems import PROBLEMS
from core.results import evaluations
from core.results.summary import ON_F_ALONE
from pages.widgets.page import links, notices, refusals, results_data, share, style
from pages.widgets.page.controls import Controls
from pages.widgets.studies import tradeoff_view as view

CONTROLS = Controls(view.View, "tradeoff", page="trade-off")


def page() -> None:
    """Controls on top, the figures, and what was measured."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    heading = title.empty()
    heading.markdown("#### Trade-off")
    CONTROLS.begin()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        CONTROLS.draw("problem", on_change=_anew, width=190)
        problem = PROBLEMS[CONTROLS["problem"]]
        shown = view.begin(CONTROLS, problem)
        if shown is not None:
            CONTROLS.draw("part")
            CONTROLS.draw("quality", values=view.qualities(shown), width=150)
    if shown is None:
        links.write({"problem": problem.name})
        st.info(results_data.EMPTY.format(problem.name), icon=":material/database_off:")
        return
    said = results_data.on_f_alone(problem)
    studied = said != ON_F_ALONE
    more = (
        "; [Attack strength](/attacks) shows what an attack on the smoothed estimate itself takes" * studied
    )
    heading.markdown(f"#### Trade-off: {said}\n{view.says(shown)} Click a point to open it live{more}.")
    drawn = view.figure(shown)
    if not drawn:
        st.info(results_data.EMPTY.format(problem.name), icon=":material/database_off:")
        return
    notices.show(evaluations.notices(problem))
    view.draw(shown, drawn)
    st.caption(view.protocol(shown))
    share.show_view(CONTROLS.to_query(), view.command(shown), sharing)


def _anew() -> None:
    """Of another problem all is chosen anew but the view."""
    for field, value in vars(view.View()).items():
        if field not in ("problem", "part"):
            CONTROLS[field] = [*value] if isinstance(value, tuple) else value


with refusals.said():
    page()

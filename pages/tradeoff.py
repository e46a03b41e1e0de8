"""Trade-off: what each defence costs on clean photos and gains under attack."""

from __future__ import annotations

import streamlit as st

from core.attacks.terms import ATTACKED, THESIS
from core.problems import PROBLEMS
from core.problems.problem import Problem
from core.results import evaluations
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
        CONTROLS.draw("problem", on_change=_anew, width=160)
        problem = PROBLEMS[CONTROLS["problem"]]
        CONTROLS.draw("attack")
        attacks, shown = CONTROLS["attack"], view.begin(CONTROLS, problem)
        if shown is not None:
            CONTROLS.draw("part")
            CONTROLS.draw("quality", values=view.qualities(shown), width=115)
    drawn = view.figure(shown) if shown is not None else {}
    if shown is None or not drawn:
        links.write({"problem": problem.name, "attack": attacks})
        st.info(results_data.EMPTY.format(problem.name, attacks), icon=":material/database_off:")
        return
    said = view.answer(shown) or view.says(shown)
    heading.markdown(f"#### Trade-off: {_attacked(problem, attacks)}\n{said}")
    notices.show(evaluations.notices(problem, attacks=attacks))
    view.draw(shown, drawn)
    st.caption(
        f"{view.says(shown)} Click a point to open it live. [Attack strength](/attacks) "
        f"shows how strong attacks are. {view.protocol(shown)}"
    )
    share.show_view(CONTROLS.to_query(), view.command(shown), sharing)


def _attacked(problem: Problem, attacks: str) -> str:
    """Who is attacked with what, for the title."""
    return results_data.on_f_alone(problem) if attacks == THESIS else ATTACKED[attacks]


def _anew() -> None:
    """Of another problem all is chosen anew but the view."""
    for field, value in vars(view.View()).items():
        if field not in ("problem", "part", "attack"):
            CONTROLS[field] = [*value] if isinstance(value, tuple) else value


with refusals.said():
    page()

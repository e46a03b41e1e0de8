"""Denoising and compressed sensing: what the paper's five objectives keep, and what is certified."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, cite
from core.zoo import registry
from core.zoo.metadata import InverseMetadata
from pages.widgets.page import links, refusals, style
from pages.widgets.page.numbers import plain
from pages.widgets.scenario import inverse_controls, inverse_live, inverse_names
from pages.widgets.scenario.inverse_controls import LIVE, PART, PROBLEM
from pages.widgets.studies import inverse_curves, inverse_published

PARTS = {LIVE: "Live", "noise": "Over σ", "tables": "Tables"}
SAYS = {
    LIVE: "A grey photo is attacked and measured; networks trained with the five objectives of "
    f"{cite(PAPER)} restore it. Move a slider.",
    "noise": "Discrepancy and quality over the smoothing noise, as in Figure 1 of the paper "
    f"({cite(PAPER)}), one line for each objective.",
    "tables": "The paper’s Tables 1, 2 and 4: ours, as published, and the difference.",
}


def page() -> None:
    """Choose a view and a problem."""
    style.show()
    title, sharing = st.columns([6, 1], vertical_alignment="center")
    models = _models()
    inverse_controls.begin(models, PARTS)
    heading = title.empty()
    part = _choices()
    heading.markdown(f"#### Denoising & sensing\n{SAYS[part]}")
    if part == "noise":
        inverse_curves.show(sharing)
        return
    if part == "tables":
        inverse_published.show(heading, sharing)
        return
    here = [model for model in models if model.problem == st.session_state[PROBLEM]]
    if not here:
        _nothing()
        return
    inverse_live.show(here, sharing)


def _choices() -> str:
    """Draw the choice of the problem and of the view; returns the view."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.segmented_control(
            "Problem", list(inverse_names.PROBLEMS), key=PROBLEM, required=True, persist_state="session",
            format_func=inverse_names.PROBLEMS.__getitem__, label_visibility="collapsed",
        )  # fmt: skip
        st.segmented_control(
            "View", list(PARTS), key=PART, required=True, persist_state="session",
            format_func=PARTS.__getitem__, label_visibility="collapsed",
        )  # fmt: skip
    part: str = st.session_state[PART]
    return part


def _models() -> list[InverseMetadata]:
    """The networks of both problems; damaged files are said."""
    found = [registry.find(problem=problem, weights=True) for problem in inverse_names.PROBLEMS]
    # A file whose name says no problem is complained of with both.
    for sentence in dict.fromkeys(sentence for _, damaged in found for sentence in damaged):
        st.warning(plain(sentence), icon=":material/broken_image:")
    return [model for good, _ in found for model in good if isinstance(model, InverseMetadata)]


def _nothing() -> None:
    """No network of the chosen problem: what to do."""
    problem = st.session_state[PROBLEM]
    first, second = (inverse_names.network(problem, each) for each in ("ord", "smt-grad"))
    links.write({"checkpoint": second})
    st.info(
        f"There is no network for {inverse_names.PROBLEMS[problem].lower()} here: train some with "
        f"`python -m core train {first} {second} --data DIR`, or restore the checkpoints folder.",
        icon=":material/database_off:",
    )


with refusals.said():
    page()

"""Denoising and compressed sensing: what the paper's five objectives keep, and what is certified."""

from __future__ import annotations

import streamlit as st

from core.base.options import Control, Widget
from core.base.references import PAPER, cite
from core.zoo import registry
from core.zoo.metadata import InverseMetadata
from pages.widgets.page import links, refusals, style
from pages.widgets.page.numbers import plain
from pages.widgets.scenario import inverse_controls, inverse_live, inverse_names
from pages.widgets.scenario.inverse_controls import LIVE
from pages.widgets.studies import inverse_curves, inverse_published

PARTS = {LIVE: "Live", "noise": "Over σ", "tables": "Tables"}
PART = Control("View", Widget.SEGMENTS, tuple(PARTS), PARTS)
OURS = {
    LIVE: "A grey photo is attacked and measured; networks restore it, alone and smoothed. Move a slider.",
    "noise": "Discrepancy and quality over the smoothing noise, one line for each network.",
    "tables": "What was evaluated: each network, as it is and smoothed.",
}
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
    problem = inverse_names.problems()[inverse_controls.now()["problem"]]
    says = (SAYS if problem.published else OURS)[part]
    heading.markdown(f"#### {problem.title}\n{says}")
    if part == "noise":
        inverse_curves.show(sharing)
        return
    if part == "tables":
        inverse_published.show(heading, sharing)
        return
    here = [model for model in models if model.problem == problem.name]
    if not here:
        _nothing()
        return
    inverse_live.show(here, sharing)


def _choices() -> str:
    """Draw the choice of the problem and of the view; returns the view."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        controls = inverse_controls.now()
        problems = inverse_names.problems()
        controls.draw(
            "problem",
            inverse_controls.PROBLEM,
            values=list(problems),
            said=lambda name: problems[name].title,
            label_visibility="collapsed",
        )
        controls.draw("part", PART, label_visibility="collapsed")
    part: str = controls["part"]
    return part


def _models() -> list[InverseMetadata]:
    """The networks of both problems; damaged files are said."""
    found = [registry.find(problem=problem, weights=True) for problem in inverse_names.problems()]
    # A file whose name says no problem is complained of with both.
    for sentence in dict.fromkeys(sentence for _, damaged in found for sentence in damaged):
        st.warning(plain(sentence), icon=":material/broken_image:")
    return [model for good, _ in found for model in good if isinstance(model, InverseMetadata)]


def _nothing() -> None:
    """No network of the chosen problem: what to do."""
    problem = inverse_controls.now()["problem"]
    network = inverse_names.problems()[problem].scenario().checkpoint
    links.write({"checkpoint": network})
    st.info(
        f"There is no network for {inverse_names.problems()[problem].title.lower()} here: train one with "
        f"`python -m core train {network} --data DIR`, or restore the checkpoints folder.",
        icon=":material/database_off:",
    )


with refusals.said():
    page()

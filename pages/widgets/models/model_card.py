"""One network: its training curve, everything its file says, how to train and how to try it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.base.columns import NUMBER
from core.base.errors import UserError
from core.base.files import read_table
from core.problems import PROBLEMS
from core.problems.digits.problem import SIGMAS, DigitsScenario
from core.problems.names import OWN
from core.problems.scenario import Scenario
from core.reports.figures.models import training_curve
from core.results.points import scenario_with
from core.training.recipes import command
from core.zoo import registry
from core.zoo.metadata import DigitsMetadata, ElsewhereMetadata, Metadata
from core.zoo.programs import ARCHITECTURE
from pages.widgets.models import add_network
from pages.widgets.page import chart, results_data, share
from pages.widgets.page.numbers import plain
from pages.widgets.scenario import digit_controls, scenario_controls


def show(model: Metadata) -> None:
    """Draw the curve on the left, figures and ways on to the right."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _curve(model)
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{model.name}**", width="content")
            _buttons(model)
        _how(model)
        with st.expander("Everything its file says", icon=":material/data_object:"):
            st.json(model.to_dict())


def _loss(model: Metadata) -> str:
    """What its training minimised, and its units."""
    problem = PROBLEMS[model.problem]
    return "cross entropy" if problem.classes else f"MSE, {problem.space.values}"


def _curve(model: Metadata) -> None:
    path = registry.locate(model.name)
    kept = path.with_name(f"{model.name}.curve.parquet")
    if not kept.exists():
        outside = OWN in model.name or isinstance(model, ElsewhereMetadata)
        st.info(_NO_CURVE if outside else _NO_CURVE_HERE, icon=":material/show_chart:")
        return
    try:
        curve = _read(kept, kept.stat().st_mtime_ns)
    except UserError as problem:
        st.warning(plain(str(problem)), icon=":material/broken_image:")
        return
    first, last = curve["loss"].iloc[[0, -1]]
    alt = f"Training loss of {model.name} over the images seen, from {first:.4f} to {last:.4f}"
    chart.show(training_curve(curve, model.objective, model.level, _loss(model)), "models.curve", alt)


_NO_CURVE = "A network from outside comes without its training curve."
_NO_CURVE_HERE = "Its training left no curve beside the file."


@st.cache_data(max_entries=64, show_spinner=False)
def _read(path: Path, _modified: int) -> pd.DataFrame:
    holds = {"step": NUMBER, "images_seen": NUMBER, "loss": NUMBER}
    return read_table(path, list(holds), holds=holds)


def _buttons(model: Metadata) -> None:
    if isinstance(model, DigitsMetadata):
        if st.button("Open in Digits", icon=":material/draw:"):
            digit_controls.CONTROLS.open_at(_digits(model))
    elif st.button("Open in the Lab", icon=":material/science:", type="primary"):
        controls = scenario_controls.of(model.problem)
        controls.open_at(_live(model))
    share.show_page("python -m core models")
    if add_network.is_mine(model.name):
        st.button(
            "Remove", icon=":material/delete:", on_click=add_network.remove, args=(model.name,),
            help="You added this network. Links to it stop working.",
        )  # fmt: skip


def _live(model: Metadata) -> Scenario:
    """What the Lab opens with for a network."""
    problem = PROBLEMS[model.problem]
    if problem.smooths_all:
        return problem.scenario(checkpoint=model.name)
    return scenario_with(model.name, results_data.load(problem).chosen)


def _digits(model: DigitsMetadata) -> DigitsScenario:
    if model.identity.to_smooth:
        nearest = min(SIGMAS, key=lambda sigma: abs(sigma - model.level))
        return DigitsScenario(checkpoint=model.name, sigma=nearest)
    return (
        DigitsScenario(attack="l2" if model.attack == "l2" else "sign") if model.attack else DigitsScenario()
    )


def _how(model: Metadata) -> None:
    if model.architecture == ARCHITECTURE:
        st.caption(
            "A program that whoever started the server vouches for; how it was trained, its author knows."
        )
        return
    if isinstance(model, ElsewhereMetadata):
        st.markdown(plain(f"×{model.factor}, {model.scores}. From {model.source}."))
        return
    st.markdown(
        plain(
            f"{model.steps:,} steps on {model.data}, seed {model.seed}, "
            f"{'from ' + model.started_from if model.started_from else 'from random weights'}; "
            f"{model.trained_on}; "
            f"{model.date}. Validation: {model.scores}."
        )
    )
    st.caption("Trained by a command like this one:" if OWN in model.name else "The command that trains it:")
    st.code(
        command(model.name, model.recipe), language=None, wrap_lines=True
    )  # the colours of “bash” lack contrast

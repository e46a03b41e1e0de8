"""Networks that the Live lab's sliders do not reach: added ones, programs, forms without the skip."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.experiment.scenario import Scenario
from core.problems.names import SuperResolutionIdentity
from core.zoo.metadata import SuperResolutionMetadata

_SMOOTHED = "scenario.added_smoothed"
_COMPARED = "scenario.added_compared"


def unusual(name: str) -> bool:
    """Whether a network is one of these."""
    return SuperResolutionIdentity.parse(name).unusual


def show(models: Sequence[SuperResolutionMetadata], factor: int) -> None:
    """Draw a chooser for each kind of which there are any; forget what is no longer there."""
    found = [model for model in models if model.factor == factor and unusual(model.name)]
    smoothing = [model.name for model in found if model.objective == "smoothing"]
    others = [model.name for model in found if model.objective != "smoothing"]
    if smoothed() not in smoothing:
        st.session_state[_SMOOTHED] = ""
    st.session_state[_COMPARED] = [name for name in compared() if name in others]
    if smoothing:
        st.selectbox(
            "Smoothed network", ["", *smoothing], key=_SMOOTHED, persist_state="session",
            format_func=lambda name: name or "ours, by training noise σ_f",
            help="The network that is smoothed: one of ours by the slider σ_f, or one that was added.",
        )  # fmt: skip
    if others:
        st.multiselect(
            "Also compare", others, key=_COMPARED, persist_state="session",
            help="Added networks to attack and score beside ours.",
        )  # fmt: skip


def smoothed() -> str:
    """The added network that is smoothed, or ""."""
    name: str = st.session_state.get(_SMOOTHED, "")
    return name


def compared() -> list[str]:
    """The added networks that are compared."""
    names: list[str] = st.session_state.get(_COMPARED, [])
    return names


def take(scenario: Scenario) -> None:
    """Choose those of a scenario; :func:`show` forgets what is not there."""
    smoothing = scenario.checkpoint
    st.session_state[_SMOOTHED] = smoothing if unusual(smoothing) else ""
    st.session_state[_COMPARED] = [name for name in scenario.compare if unusual(name)]

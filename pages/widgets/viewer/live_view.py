"""What the Live lab shows now, for other pages of the same session."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.problems.scenario import PhotoScenario

_LAST = "live_view.last"


def remember(scenario: PhotoScenario, view: Mapping[str, str]) -> None:
    """Note the scenario and how its pictures are looked at."""
    st.session_state[_LAST] = (scenario, dict(view))


def last() -> tuple[PhotoScenario, dict[str, str]] | None:
    """What was remembered last; None if the Live lab was not open yet."""
    found: tuple[PhotoScenario, dict[str, str]] | None = st.session_state.get(_LAST)
    return found

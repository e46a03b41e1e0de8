"""Reading a scenario from the page's address: what cannot be read falls back and is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.errors import UserError
from core.options import Options

Kind = TypeVar("Kind", bound=Options)


def read(kind: type[Kind], field: str, find: Callable[[Kind], object]) -> tuple[Kind, list[str]]:
    """What the address says, and one sentence for each part that could not be used.

    Args:
        kind: the scenario's class.
        field: of the picture's name, which falls back to the default where ``find`` raises.
        find: opens the scenario's picture; raises :class:`UserError` if there is none.
    """
    query = st.query_params.to_dict()
    problems: list[str] = []
    try:
        scenario = kind.from_query(query)
    except UserError as error:
        problems.append(str(error))
        scenario = kind.readable_part(query)
    try:
        find(scenario)
    except UserError as error:
        problems.append(str(error))
        scenario = scenario.replace(**{field: getattr(kind(), field)})
    return scenario, problems


def warning(problems: list[str]) -> str:
    """The sentences as one text, with what is shown instead; empty without any."""
    return " ".join([*problems, "What else the link says is shown."]) if problems else ""

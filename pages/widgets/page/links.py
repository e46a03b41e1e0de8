"""The page's address: what cannot be read of it falls back and is said; it is written where it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from core.base.errors import UserError
from core.base.options import Options

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


def write(query: Mapping[str, str]) -> None:
    """Let the address say this and nothing else.

    Nothing is sent where it does already: a message that arrives after somebody has gone back would be
    written into the address of the page that is open then.
    """
    if st.query_params.to_dict() != dict(query):
        st.query_params.from_dict(query)


def put(name: str, value: str) -> None:
    """Let one parameter of the address say this, like :func:`write`."""
    if st.query_params.get(name) != value:
        st.query_params[name] = value


def warning(problems: list[str]) -> str:
    """The sentences as one text, with what is shown instead; empty without any."""
    return " ".join([*problems, "What else the link says is shown."]) if problems else ""

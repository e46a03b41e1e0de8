"""Models: every network with what it says about itself; and a place to add your own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.problems.names import ELSEWHERE, OWN
from core.problems.small_picture import SMALL_PICTURE
from core.zoo import published, registry
from core.zoo.metadata import Metadata
from pages.widgets.models import add_network, model_card
from pages.widgets.models.model_table import COLUMNS, frame, titled
from pages.widgets.page import links, refusals, style
from pages.widgets.page.numbers import plain

ROW = 30  # pixels
SHOWN = 8
NETWORK = "network"  # the query parameter with the selected network's name


def page() -> None:
    """The table, the selected network below it, and the way to add one."""
    style.show()
    heading, adding = st.columns([5, 1], vertical_alignment="bottom")
    heading.markdown(
        "#### Models\nEvery network the pages can use, with what its file says about it. Select a row to "
        "see how it was trained; click a heading to sort."
    )
    with adding:
        added = add_network.show()
    if added:
        links.put(NETWORK, added)
    models, damaged = registry.find(weights=True)
    for sentence in damaged:
        st.warning(plain(sentence), icon=":material/broken_image:")
    if not models:
        st.info(
            "There is no network here: train one with `python -m core train sr-x2-std --data DIR`, or "
            "restore the checkpoints folder.",
            icon=":material/database_off:",
        )
        return
    # Those from outside first, where they are seen.
    models.sort(key=lambda model: OWN not in model.name and model.objective != ELSEWHERE)
    _gone({model.name for model in models})
    shown = _of_one_problem(models, bool(added))
    selected = _select(shown)
    if selected.problem == SMALL_PICTURE.name:
        st.caption(plain(f"{published.UNVETTED} {published.missing()}"))
    links.put(NETWORK, selected.name)
    model_card.show(selected)


def _gone(there: set[str]) -> None:
    wanted = st.query_params.get(NETWORK, "")
    if wanted and wanted not in there:
        st.warning(
            plain(f"There is no network “{wanted}” here (any more): another one is shown."),
            icon=":material/link_off:",
        )


def _of_one_problem(models: list[Metadata], follow: bool) -> list[Metadata]:
    """The networks of the chosen problem, at first (or to ``follow``) of the one in the address."""
    problems = list(dict.fromkeys(model.problem for model in models))
    if len(problems) == 1:
        return models
    wanted = next((m.problem for m in models if m.name == st.query_params.get(NETWORK)), problems[0])
    if follow or "models.problem" not in st.session_state:
        st.session_state["models.problem"] = wanted
    problem = st.segmented_control(
        "Problem", problems, key="models.problem", required=True, label_visibility="collapsed",
        format_func=titled,
    )  # fmt: skip
    return [model for model in models if model.problem == problem]


def _select(models: list[Metadata]) -> Metadata:
    """The table; it begins at the network in the address."""
    names = [model.name for model in models]
    wanted = st.query_params.get(NETWORK)
    row = names.index(wanted) if wanted in names else 0
    table = frame(models)
    # A network more or less moves the rows: the table then starts anew, at the same network.
    event: Any = st.dataframe(
        table, key=f"models.table {' '.join(names)}", hide_index=True, row_height=ROW, placeholder="–",
        height=ROW * (min(len(models), SHOWN) + 1) + 3, on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [row]}}, column_config=_columns(table),
        alt="Networks: name, training, validation figures, size, digest and date",
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return models[rows[0] if rows else row]


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    kinds: dict[str, Callable[..., Any]] = {
        "text": st.column_config.TextColumn,
        "number": st.column_config.NumberColumn,
    }
    return {
        name: kinds[column.kind](
            column.title, help=column.help, pinned=name == "name",
            width="medium" if table[name].astype(str).str.len().max() > column.room else column.width,
            **({"format": column.format} if column.format else {}),
        )
        for name, column in COLUMNS.items()
        if name in table
    }  # fmt: skip


with refusals.said():
    page()

"""The picture viewer on a page: rows of labelled pictures, compared pixel by pixel in the browser.

Its parts are in the folder ``viewer/``; only ``streamlit.js`` there knows Streamlit. What it is
given, and how to use it elsewhere, is in :mod:`pages.widgets.viewer.viewer_data`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.widgets.page import javascript
from pages.widgets.page.view_state import ViewState
from pages.widgets.viewer.viewer_data import FOLDER, Exhibit, Film, Row, payload, style

_component = st.components.v2.component(
    "robustness_lab.viewer",
    html="<div class='viewer'></div>",
    css=style(),
    js=javascript.bundle(FOLDER / "streamlit.js"),
)


_asks = st.components.v2.component("robustness_lab.asks", html="", js=javascript.bundle(FOLDER / "asks.js"))


def hear(on_ask: Callable[[dict[str, Any]], None], *, key: str) -> None:
    """Let the exhibit ask the whole page, not only the fragment that it may be in.

    Args:
        on_ask: told the field and the place of the value that it shall have, or the edges of a region.
        key: of the element on the page, which shows nothing.
    """
    _asks(key=key, on_ask_change=lambda: on_ask(st.session_state[key].ask or {}))


def state(key: str) -> ViewState:
    """The view that the person has now, or the one that the link asks for."""
    told = (st.session_state.get(key) or {}).get("view")
    return ViewState.from_query(st.query_params.to_dict() if told is None else told)


def show(
    rows: Sequence[Row],
    *,
    key: str,
    version: str,
    pair: tuple[str, str] = ("", ""),
    tabs: Sequence[tuple[str, str]] = (),
    tab: str = "",
    film: Film | None = None,
    view: ViewState | None = None,
    apply: str = "",
    exhibit: Exhibit | None = None,
    on_more: Callable[[str], None] = lambda version: None,
) -> ViewState:
    """Draw headed rows of panels; an update with the same key swaps the pictures in place.

    The page runs again (only the fragment, if it is in one) when a gesture ends that changed the
    view. It then writes ``state(key).to_query()`` into the URL beside its own parameters, gives the
    panels of the region their ``inside`` figures, and shows the tab that is asked for.

    Args:
        rows: heading and panels of each row; panels' keys must differ.
        key: of the element on the page.
        version: what is shown; the element's ``data-drawn`` says it once all pictures stand.
        pair: keys of the panels that are compared at first, A and B.
        tabs: key and label of the sets of rows that the page offers; the first is the default.
        tab: the one that these rows are.
        film: the steps that the panels' frames play through.
        view: the view to start with, by default :func:`state`. Later changes of it count only
            with a new ``apply``.
        apply: any text; when it changes, ``view`` is shown.
        exhibit: cards, strip and full screen's choices, if it is the exhibit.
        on_more: told the version that the exhibit shows, when it has time for more of it.

    Returns:
        The view as it is now.

    Raises:
        ValueError: if two panels have the same key.
    """
    now = state(key)
    _component(
        key=key,
        data=payload(
            rows,
            version=version,
            pair=pair,
            tabs=tabs,
            tab=tab,
            film=film,
            view=_first_view(key, apply, view or now),
            apply=apply,
            exhibit=exhibit,
        ),
        on_view_change=lambda: None,
        on_more_change=lambda: on_more(st.session_state[key].more or ""),
    )
    return now


def _first_view(key: str, apply: str, view: ViewState) -> ViewState:
    """The view that the element started with: while only the view changes, the browser gets the very
    same message, which Streamlit then does not send again."""
    kept = f"{key}.first"
    untouched = (st.session_state.get(key) or {}).get("view") is None
    if untouched or kept not in st.session_state or st.session_state[kept][0] != apply:
        st.session_state[kept] = (apply, view)
    first: ViewState = st.session_state[kept][1]
    return first

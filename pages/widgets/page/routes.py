"""The navigation: a few entries, behind each one page or several that are parts of one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage as Page

MORE = "More"
"""The group whose pages are listed one by one."""
QUERIES = {"denoising-sensing": {"part": "noise"}}
"""Without a part that address is the Lab's, as links from before have it."""


@dataclass(frozen=True)
class Route:
    """A page: the entry that it belongs to, its name among the others there, its file and address."""

    group: str
    title: str
    file: str
    url_path: str


def navigation(routes: Sequence[Route]) -> tuple[list[tuple[Route, Page]], Page]:
    """Draw the navigation; returns all pages and the one that is asked for.

    An entry leads to its first page, and is marked while any of its pages is open. The first page of all
    is the app's start.
    """
    asked = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    pages: list[tuple[Route, Page]] = []
    for group, members in groupby(routes, lambda route: route.group):
        parts = list(members)
        listed = next((part for part in parts if part.url_path == asked), parts[0])
        for part in parts:
            shown = group == MORE or part is listed
            made = st.Page(
                part.file, title=part.title if group == MORE else group, url_path=part.url_path,
                default=not pages, visibility="visible" if shown else "hidden",
            )  # fmt: skip
            pages.append((part, made))
    entries = {
        "": [page for route, page in pages if route.group != MORE],
        MORE: [page for route, page in pages if route.group == MORE],
    }
    return pages, st.navigation(entries, position="hidden" if st.context.is_embedded else "top")


def here(pages: Sequence[tuple[Route, Page]], page: Page) -> None:
    """Links between the parts of the entry that is open, if they have different names."""
    route = next(route for route, each in pages if each == page)
    parts = [(part, each) for part, each in pages if part.group == route.group]
    live = route.url_path in QUERIES and "part" not in st.query_params
    if route.group == MORE or live or len({part.title for part, _ in parts}) < 2:
        return
    with st.container(horizontal=True, key="parts"):
        for part, each in parts:
            title = f"**{part.title}**" if part is route else part.title
            st.page_link(each, label=title, width="content", query_params=QUERIES.get(part.url_path))

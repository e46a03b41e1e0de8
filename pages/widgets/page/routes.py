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


@dataclass(frozen=True)
class Route:
    """A page: the entry that it belongs to, its name among the others there, its file and address."""

    group: str
    title: str
    file: str
    url_path: str


def navigation(routes: Sequence[Route]) -> Page:
    """Draw the navigation; returns the page that is asked for.

    An entry leads to its first page; the others have addresses of old links, and one of them stands in the
    entry's place while it is open. The first page of all is the app's start.
    """
    asked = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    entries: dict[str, list[Page]] = {"": [], MORE: []}
    for group, members in groupby(routes, lambda route: route.group):
        parts = list(members)
        listed = next((part for part in parts if part.url_path == asked), parts[0])
        for part in parts:
            shown = group == MORE or part is listed
            made = st.Page(
                part.file, title=part.title if group == MORE else group, url_path=part.url_path,
                default=part is routes[0], visibility="visible" if shown else "hidden",
            )  # fmt: skip
            entries[MORE if group == MORE else ""].append(made)
    return st.navigation(entries, position="hidden" if st.context.is_embedded else "top")

"""Copy the link that reopens a view, and the command that prints its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from core.pictures.images import Photo
from core.problems.names import OWN
from core.problems.scenario import PhotoScenario
from pages.widgets.page import add_to_talk, links
from pages.widgets.page.resources import UPLOAD


def show(scenario: PhotoScenario, photo: Photo, view: Mapping[str, str]) -> None:
    """Draw a button that opens link and command of a live view.

    Args:
        scenario: what is shown.
        photo: its photo.
        view: the page's other query parameters, how the scenario is looked at.
    """
    uploaded = scenario.image.startswith(UPLOAD)
    command = scenario.replace(image=photo.name if uploaded else scenario.image).to_command()
    notes = ["The photo is your upload: the command expects it in the folder it is run from."] * uploaded
    if any(OWN in network for network in scenario.networks):
        notes.append(
            "An added network's file has to be called as here, in a folder that LAB_UPLOADS names (a "
            "program's: LAB_PROGRAMS)."
        )
    show_links({**scenario.to_query(), **view}, command, " ".join(notes))


def show_page(command: str) -> None:
    """Draw the button for a page whose view is in its address.

    Args:
        command: the shell line that prints its numbers.
    """
    show_links(st.query_params.to_dict(), command)


def show_view(query: Mapping[str, str], command: str, shown: str = add_to_talk.CHARTS) -> None:
    """Let the address say a view, and draw the buttons that share it and add it to the talk.

    Args:
        query: of the view.
        command: the shell line that prints its numbers; without one there is no button.
        shown: what of the page is added: a selector of elements, in CSS.
    """
    links.write(query)
    if command:
        with st.container(key="sharing", horizontal=True):
            add_to_talk.page(command, shown)
            show_links(query, command)


def show_links(query: Mapping[str, str], command: str, note: str = "") -> None:
    """Draw the button for any page; it opens both as boxes with a copy button.

    Args:
        query: the page's query parameters.
        command: the shell line that prints its numbers.
        note: a remark on that line.
    """
    scheme, host, path, _, _ = urlsplit(st.context.url or "")
    link = urlunsplit((scheme, host, path or "/", urlencode(query, safe=",:"), ""))
    with st.popover("Share", icon=":material/link:", width="content", key="share", on_change="rerun"):
        st.markdown("**Link to this view**")
        st.code(link, language=None, wrap_lines=True)
        st.markdown("**Command that prints these numbers**")
        st.code(command, language=None, wrap_lines=True)  # the colours of “bash” lack contrast
        if note:
            st.caption(note)

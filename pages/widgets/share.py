"""Copy the link that reopens a view, and the command that prints its numbers."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from core.images import Photo
from core.scenario import Scenario
from pages.widgets.photo_picker import UPLOAD


def show(scenario: Scenario, photo: Photo) -> None:
    """Draw a button that opens both as boxes with a copy button."""
    uploaded = scenario.image.startswith(UPLOAD)
    command = scenario.replace(image=photo.name if uploaded else scenario.image).to_command()
    note = "The photo is your upload: the command expects it in the folder it is run from."
    show_links(scenario.to_query(), command, note if uploaded else "")


def show_links(query: dict[str, str], command: str, note: str = "") -> None:
    """Draw the button for any page: its URL's parameters, its command, and a remark on that."""
    scheme, host, path, _, _ = urlsplit(st.context.url or "")
    link = urlunsplit((scheme, host, path or "/", urlencode(query, safe=","), ""))
    with st.popover("Share", icon=":material/link:", width="stretch"):
        st.markdown("**Link to this view**")
        st.code(link, language=None, wrap_lines=True)
        st.markdown("**Command that prints these numbers**")
        st.code(command, language="bash", wrap_lines=True)
        if note:
            st.caption(note)

"""What all sessions of the server share: the lab, and uploaded photos by digest."""

from __future__ import annotations

import streamlit as st

from core.pictures.images import Photo
from core.runtime.session import Lab, Memory

UPLOAD = "upload-"
"""What the name of an uploaded photo begins with; its digest follows."""

UPLOAD_BYTES = 200 * 2**20


@st.cache_resource(max_entries=1, show_spinner="Measuring what this machine does fastest …")
def lab() -> Lab:
    """The server's one engine with its networks and its memory of finished parts."""
    shared = Lab()
    shared.engine.resolve("auto")
    return shared


@st.cache_resource(max_entries=1, show_spinner=False)
def _uploads() -> Memory:
    return Memory(UPLOAD_BYTES)


def keep_upload(photo: Photo) -> None:
    """Remember an upload, so that a link to it works as long as the server has room for it."""
    _uploads().put(photo.digest, photo, photo.pixels.nbytes)


def find_upload(digest: str) -> Photo | None:
    """An upload by its digest, if the server still has it."""
    found: Photo | None = _uploads().get(digest)
    return found

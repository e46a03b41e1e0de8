"""What all sessions of the server share: the lab, and the uploaded photos that were shown last."""

from __future__ import annotations

import os

import streamlit as st

from core.base.errors import UserError
from core.pictures import images
from core.pictures.images import Photo
from core.runtime.session import Lab, Memory
from core.zoo import photos

UPLOAD = "upload-"
"""What the name of an uploaded photo begins with; its digest follows."""

UPLOAD_BYTES = 64 * 2**20
"""Of uploaded photos that need not be read again."""


@st.cache_resource(max_entries=1, show_spinner="Measuring what this machine does fastest …")
def lab() -> Lab:
    """The server's one engine with its networks and its memory of finished parts; its views are computed by
    the Dask cluster that ``LAB_CLUSTER`` names, if it does.

    Raises:
        UserError: see :class:`core.runtime.remote.Remote`.
    """
    shared = Lab()
    if address := os.environ.get("LAB_CLUSTER"):
        from core.runtime.remote import Remote

        shared.elsewhere = Remote(address)
    else:
        shared.engine.resolve("auto")
    return shared


@st.cache_resource(max_entries=1, show_spinner=False)
def _uploads() -> Memory:
    return Memory(UPLOAD_BYTES)


def keep_upload(photo: Photo) -> None:
    """Remember an upload, so that a link to it works as long as there is room for it.

    Raises:
        UserError: see :func:`core.zoo.photos.keep`.
    """
    photos.keep(photo)


def find_upload(digest: str) -> Photo | None:
    """An upload by its digest, if the server still has it."""
    found: Photo | None = _uploads().get(digest)
    if found is None and (found := photos.find(digest)):
        _uploads().put(digest, found, found.pixels.nbytes)
    return found


def find(image: str) -> Photo:
    """The photo that a scenario's ``image`` names. Never opens a file of the server's.

    Raises:
        UserError: if it is unknown or no longer there.
    """
    if not image.startswith(UPLOAD):
        return images.bundled(image)
    photo = find_upload(image.removeprefix(UPLOAD))
    if photo is None:
        raise UserError(
            "The server no longer has the uploaded photo of this link: upload it again, "
            "or choose a bundled one."
        )
    return photo

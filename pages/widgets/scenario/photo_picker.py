"""The photo: bundled, uploaded, or uploaded earlier and named by a link."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from core.base.errors import UserError
from core.base.options import Options
from core.pictures import images
from core.pictures.images import Photo
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import UPLOAD, find_upload, keep_upload

Kind = TypeVar("Kind", bound=Options)

_UPLOADER = "photo_picker.uploader"
_PROBLEM = "photo_picker.problem"
_MINE = "photo_picker.mine"


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


def check(value: Kind) -> tuple[Kind, list[str]]:
    """A value with an ``image`` that can be had, and one sentence if it was another."""
    try:
        find(value.to_dict()["image"])
    except UserError as problem:
        return value.replace(image=type(value)().to_dict()["image"]), [str(problem)]
    return value, []


def show(key: str) -> Photo:
    """Draw the chooser and the uploader; ``st.session_state[key]`` holds the image's name."""
    mine: list[str] = st.session_state.setdefault(_MINE, [])
    current = st.session_state[key]
    if current.startswith(UPLOAD) and current not in mine:
        mine.append(current)
    st.selectbox(
        "Photo",
        [*mine, *images.BUNDLED],
        key=key,
        format_func=_label,
        help="Photos that come with scikit-image, and your own.",
    )
    st.file_uploader(
        "Or your own",
        type=["png", "jpg", "jpeg", "webp"],
        key=_UPLOADER,
        on_change=_take_upload,
        args=(key,),
        help="PNG, JPEG or WebP, at least 160×160 pixels. It stays on this server.",
    )
    problem = st.session_state.get(_PROBLEM)
    if problem:
        st.error(plain(problem))
    return find(st.session_state[key])


def _label(image: str) -> str:
    if not image.startswith(UPLOAD):
        return image
    photo = find_upload(image.removeprefix(UPLOAD))
    return photo.name if photo else "uploaded photo (gone)"


def _take_upload(key: str) -> None:
    """A bad file leaves the photo that is on the screen, and says one sentence."""
    st.session_state[_PROBLEM] = None
    file = st.session_state[_UPLOADER]
    if file is None:
        return
    try:
        photo = images.decode(file.getvalue(), file.name)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    keep_upload(photo)
    name = UPLOAD + photo.digest
    if name not in st.session_state[_MINE]:
        st.session_state[_MINE].append(name)
    st.session_state[key] = name

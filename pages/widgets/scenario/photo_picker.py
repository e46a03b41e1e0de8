"""The photo: bundled, uploaded, or uploaded earlier and named by a link."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TypeVar

import streamlit as st
from PIL import Image

from core.base.errors import UserError
from core.base.options import Options
from core.pictures import images
from core.pictures.images import Photo
from core.problems.scenario import PhotoScenario
from pages.widgets.page import javascript
from pages.widgets.page.controls import Controls
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import UPLOAD, find, find_upload, keep_upload

Kind = TypeVar("Kind", bound=Options)

_UPLOADER = "photo_picker.uploader"
_PROBLEM = "photo_picker.problem"
_MINE = "photo_picker.mine"
_STRIP = "photo_picker.strip"
THUMB, WHOLE = 84, 256
"""Largest sides of the small pictures, in pixels."""

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "robustness_lab.photo_strip",
    html="<div class='photos'></div>",
    css=(_HERE / "photo_strip.css").read_text(encoding="utf-8"),
    js=javascript.bundle(_HERE / "photo_strip.js"),
)


def check(value: Kind) -> tuple[Kind, list[str]]:
    """A value with an ``image`` that can be had, and one sentence if it was another."""
    try:
        find(value.to_dict()["image"])
    except UserError as problem:
        return value.replace(image=type(value)().to_dict()["image"]), [str(problem)]
    return value, []


def show(key: str) -> Photo:
    """Draw the chooser; ``st.session_state[key]`` holds the image's name."""
    st.selectbox(
        "Photo", _offered(key), key=key, format_func=_label,
        help="Photos that come with scikit-image, and your own.",
    )  # fmt: skip
    return find(st.session_state[key])


def strip(controls: Controls[PhotoScenario], photo: Photo, scenario: PhotoScenario) -> None:
    """Draw the photos to pick one from, the whole photo with the crop's frame to drag, and the uploader."""
    key = controls.key("image")
    height, width = photo.pixels.shape[:2]
    side, short = scenario.problem.side(scenario), scenario.short_side or min(height, width)
    scale = short / min(height, width)

    def told() -> None:
        asked = st.session_state[_STRIP].ask or {}
        for field in ("image", "crop_x", "crop_y"):
            if field in asked:
                controls[field] = asked[field]

    _component(
        key=_STRIP,
        data={
            "photos": [{"key": name, "label": _label(name), "src": _thumb(find(name), THUMB)}
                       for name in _offered(key)],
            "now": scenario.image,
            "whole": _thumb(photo, WHOLE),
            "frame": [min(1.0, side / (scale * width)), min(1.0, side / (scale * height))],
            "at": [scenario.crop_x, scenario.crop_y],
        },
        on_ask_change=told,
    )  # fmt: skip
    with st.popover("Your own photo", icon=":material/add_photo_alternate:", width="stretch"):
        st.file_uploader(
            "PNG, JPEG or WebP", type=["png", "jpg", "jpeg", "webp"], key=_UPLOADER, on_change=_take_upload,
            args=(key,), help="At least 160×160 pixels. It stays on this server.",
        )  # fmt: skip
    problem = st.session_state.get(_PROBLEM)
    if problem:
        st.error(plain(problem))


def _offered(key: str) -> list[str]:
    """The photos there are, uploads first."""
    mine: list[str] = st.session_state.setdefault(_MINE, [])
    current = st.session_state[key]
    if current.startswith(UPLOAD) and current not in mine:
        mine.append(current)
    return [*(name for name in mine if find_upload(name.removeprefix(UPLOAD))), *images.BUNDLED]


def _thumb(photo: Photo, side: int) -> str:
    return _small(photo.digest, side, photo)


@st.cache_data(max_entries=200, show_spinner=False)
def _small(digest: str, side: int, _photo: Photo) -> str:
    """A photo within ``side``×``side`` pixels, as an address."""
    picture = Image.fromarray(_photo.pixels)
    picture.thumbnail((side, side))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


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
        keep_upload(photo)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    name = UPLOAD + photo.digest
    if name not in st.session_state[_MINE]:
        st.session_state[_MINE].append(name)
    st.session_state[key] = name

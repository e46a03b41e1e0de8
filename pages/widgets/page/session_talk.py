"""The talk of this session: what is on stage, and what can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.base.errors import UserError
from core.pictures.images import Photo
from core.problems.scenario import PhotoScenario
from core.reports.talk import OwnPhoto, Scene, Talk, thesis
from pages.widgets.page.resources import UPLOAD, find

TALK, BEFORE = "talk.now", "talk.before"
AT, TURN = "talk.at", "talk.turn"
"""Place of the scene to show, and a count of the times that the stage was told to."""
NEW = "A new talk"
UNDONE = 50
"""Changes that can be undone."""


def now() -> Talk:
    """The talk on stage; at first the thesis's."""
    talk: Talk = st.session_state.setdefault(TALK, thesis())
    return talk


def turn() -> int:
    """How often the stage was told what to show."""
    return int(st.session_state.get(TURN, 0))


def put(talk: Talk, at: int = 0) -> None:
    """Bring another talk on stage, at this place; the former one can be had back.

    Its scenes carry what they show of uploaded photos, which the server forgets.
    """
    st.session_state[BEFORE] = [*st.session_state.get(BEFORE, []), now()][-UNDONE:]
    _show(replace(talk, scenes=tuple(map(_carrying, talk.scenes))), at)


def undo() -> None:
    """Bring back the talk before the last change."""
    *st.session_state[BEFORE], former = st.session_state[BEFORE]
    _show(former, st.session_state.get(AT, 0))


def can_undo() -> bool:
    """Whether something was changed."""
    return bool(st.session_state.get(BEFORE))


def _show(talk: Talk, at: int) -> None:
    st.session_state[TALK] = talk
    st.session_state[AT] = max(0, min(at, len(talk.scenes) - 1))
    st.session_state[TURN] = turn() + 1


def add(scene: Scene) -> int:
    """Add a scene at the end; returns how many there are.

    The thesis's talk, untouched, makes way for a new one.

    Raises:
        UserError: if the talk is full.
    """
    talk = Talk(NEW, ()) if now() == thesis() else now()
    put(talk.with_scene(scene), len(talk.scenes))
    return len(now().scenes)


def change(edit: Mapping[str, Any], shown: list[int]) -> None:
    """Do what the stage asks for; what it names are places among the scenes that it shows.

    Args:
        edit: see ``Edit`` in ``talk.js``.
        shown: their places in the talk.
    """
    talk, at = now(), 0
    if "move" in edit:
        place, to = (shown[int(each)] for each in edit["move"])
        talk, at = talk.moved(place, to), to
    elif "remove" in edit:
        gone = {shown[int(each)] for each in edit["remove"]}
        talk, at = talk.without(gone), min(gone)
    elif "change" in edit:
        place, words = edit["change"]
        at = shown[int(place)]
        talk = talk.with_changed(
            at, **{name: str(words[name]) for name in ("title", "note", "remarks") if name in words}
        )
    if talk != now():
        put(talk, at)


def photo_of(scene: Scene) -> Photo:
    """The photo that a scene shows.

    Raises:
        UserError: if it is gone.
    """
    return scene.photo.open() if scene.photo else find(scene.scenario.image)


def named(scenario: PhotoScenario, photo: Photo) -> PhotoScenario:
    """The scenario as the command line takes it: an own photo is called by its file's name."""
    return scenario.replace(image=photo.name) if scenario.image.startswith(UPLOAD) else scenario


def _carrying(scene: Scene) -> Scene:
    """The scene with what it shows of an uploaded photo; as it is without one."""
    if scene.photo or scene.figure or not scene.scenario.image.startswith(UPLOAD):
        return scene
    try:
        return replace(scene, photo=OwnPhoto.of(photo_of(scene), scene.scenario))
    except UserError:  # the photo is gone already: the stage says so
        return scene

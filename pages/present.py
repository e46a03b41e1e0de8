"""Present: scenes in order on a clean stage, everything computed beforehand."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from functools import partial

import streamlit as st

from core.base.errors import UserError
from core.base.options import key_of
from core.base.progress import finish
from core.base.references import THESIS, cite
from core.experiment.run import run
from core.pictures import render
from core.pictures.images import Photo
from core.reports.export import FORMATS, Picture, strip
from core.reports.talk import OwnPhoto, Scene, Talk, thesis
from core.zoo import registry
from pages.widgets.page import links, refusals, share, style
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import UPLOAD, lab
from pages.widgets.scenario import photo_picker
from pages.widgets.talk import talk_stage
from pages.widgets.talk.talk_stage import Ready
from pages.widgets.viewer import live_view

TALK = "present.talk"
MADE = "present.made"
STAGE = "present.stage"
NOW = "present.now"
"""Place of the scene on stage."""
BEGIN = "present.begin"
"""Place of the scene that the stage opens with."""
ROUND = "present.round"
"""Counts the talks of this session: each has a stage and a file chooser of its own."""
PROBLEM = "present.problem"


def page() -> None:
    """The stage first; below it the scenes and what can be taken along."""
    style.show()
    if TALK not in st.session_state:
        st.session_state[TALK] = thesis()
    talk: Talk = st.session_state[TALK]
    if st.session_state.get(PROBLEM):
        st.error(plain(st.session_state[PROBLEM]), icon=":material/error:")
    scenes, problems = _prepare(talk)
    if problems:
        st.warning(plain(" ".join(problems)), icon=":material/visibility_off:")
    if scenes:
        at = _stage(scenes)
    else:
        st.info(
            "This talk has no scene: add the Lab's view below, or load a talk.",
            icon=":material/slideshow:",
        )
        at = 0
    with st.expander(f"Scenes of “{plain(talk.title)}”", icon=":material/list:"):
        _editor(talk)
    _take_along(talk, scenes, at)


# -- what is on stage ----------------------------------------------------------------------


def _prepare(talk: Talk) -> tuple[list[Ready], list[str]]:
    """Every scene with its pictures, made once; scenes that cannot be computed are named."""
    made: dict[str, Ready] = st.session_state.setdefault(MADE, {})
    missing = [scene for scene in talk.scenes if _name(scene) not in made]
    problems: dict[str, str] = {}
    if missing:
        bar = st.progress(0.0, text="Preparing the scenes …")
        for number, scene in enumerate(missing):
            bar.progress(number / len(missing), text=f"Preparing “{plain(scene.title)}” …")
            try:
                made[_name(scene)] = _ready(scene)
            except UserError as error:
                problems[scene.title] = str(error)
            except Exception as error:  # one scene of a file must not take the stage away
                logging.exception("scene “%s”", scene.title)
                problems[scene.title] = f"it cannot be shown ({type(error).__name__}: {error})."
        bar.empty()
    wanted = [name for name in map(_name, talk.scenes) if name in made]
    st.session_state[MADE] = {name: made[name] for name in wanted}
    sentences = [f"“{title}” is left out: {problem}" for title, problem in problems.items()]
    return [made[name] for name in wanted], sentences


def _ready(scene: Scene) -> Ready:
    """A scene with its pictures; made once for all visitors."""
    photo, memory = _photo(scene), lab().memory
    digests = [registry.describe(name, lab().folder).digest for name in scene.scenario.networks]
    key = ("scene", _name(scene), photo.digest, *digests)
    found: Ready | None = memory.get(key)
    if found is None:
        found = talk_stage.ready(scene, finish(run(scene.scenario, lab(), photo)))
        memory.put(key, found, len(json.dumps(found.to_dict()["payload"])))
    return found


def _photo(scene: Scene) -> Photo:
    return scene.photo.open() if scene.photo else photo_picker.find(scene.scenario.image)


def _carrying(scene: Scene) -> Scene:
    """The scene with what it shows of an uploaded photo, which the server forgets; as it is without one."""
    if scene.photo or not scene.scenario.image.startswith(UPLOAD):
        return scene
    try:
        return replace(scene, photo=OwnPhoto.of(_photo(scene), scene.scenario))
    except UserError:  # the photo is gone already: the stage says so
        return scene


def _name(scene: Scene) -> str:
    return key_of(scene.to_dict())


@st.fragment
def _stage(scenes: list[Ready]) -> int:
    """A step on the stage runs only this again, to write its number into the address."""
    asked = st.query_params.get("scene", "1")
    at = max(int(asked) - 1, 0) if asked.isdecimal() and len(asked) < 5 else 0
    begin = min(st.session_state.setdefault(BEGIN, at), len(scenes) - 1)
    now = talk_stage.show(scenes, key=f"{STAGE}.{st.session_state.get(ROUND, 0)}", at=begin)
    st.session_state[NOW] = now
    links.put("scene", str(now + 1))
    return now


# -- the list ------------------------------------------------------------------------------


def _editor(talk: Talk) -> None:
    last = len(talk.scenes) - 1
    for place, scene in enumerate(talk.scenes):
        text, up, down, remove = st.columns([10, 1, 1, 1], vertical_alignment="center")
        text.markdown(f"{place + 1}. **{plain(scene.title)}**  \n{plain(scene.note)}")
        key = f"present.{place}"
        if up.button("Move up", icon=":material/arrow_upward:", key=f"{key}.up", disabled=place == 0):
            _change(talk.moved(place, -1))
        if down.button(
            "Move down",
            icon=":material/arrow_downward:",
            key=f"{key}.down",
            disabled=place == last,
        ):
            _change(talk.moved(place, 1))
        if remove.button("Remove", icon=":material/delete:", key=f"{key}.remove"):
            _change(talk.without(place))
    _adder(talk)


def _adder(talk: Talk) -> None:
    seen = live_view.last()
    if seen is None:
        st.caption("Open the Lab first: its view can then be added here as a scene.")
        return
    with st.form("present.add", border=False):
        title = st.text_input("Title of the new scene", max_chars=120)
        note = st.text_input("Note", max_chars=400)
        if st.form_submit_button("Add the Lab's view", icon=":material/add:"):
            scenario, view = seen
            _change(talk.with_scene(Scene(title or "Lab", note, scenario, view)))


def _change(talk: Talk) -> None:
    _put(talk, st.session_state.get(NOW, 0))
    st.rerun()


def _put(talk: Talk, at: int = 0) -> None:
    """Bring a talk on a stage of its own, which opens with the scene at this place."""
    st.session_state[TALK] = replace(talk, scenes=tuple(map(_carrying, talk.scenes)))
    st.session_state[BEGIN] = at
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state[PROBLEM] = ""


# -- files ---------------------------------------------------------------------------------


def _take_along(talk: Talk, scenes: list[Ready], at: int) -> None:
    with st.container(horizontal=True):
        if scenes:
            st.download_button(
                "Talk as one HTML file", lambda: talk_stage.to_html(talk, scenes), file_name="talk.html",
                mime="text/html", icon=":material/usb:", on_click="ignore",
                help="Works offline, from a USB stick: the pictures and the viewer are inside.",
            )  # fmt: skip
            with st.popover("Figure of a scene", icon=":material/image:"):
                _figures(scenes, at)
        st.download_button(
            "Save the talk", talk.to_json(), file_name="talk.json", mime="application/json",
            icon=":material/save:", on_click="ignore",
        )  # fmt: skip
        with st.popover("Load a talk", icon=":material/folder_open:"):
            _loader()
        if scenes:
            share.show_page(_command(scenes[at].scene))


def _command(scene: Scene) -> str:
    """The line that prints a scene's numbers; an own photo is called by its file's name."""
    image = scene.photo.name if scene.photo else scene.scenario.image
    return scene.scenario.replace(image=image).to_command()


def _figures(scenes: list[Ready], at: int) -> None:
    titles = [ready.scene.title for ready in scenes]
    place = st.selectbox("Scene", range(len(titles)), index=at, format_func=titles.__getitem__)
    pictures = [
        Picture(render.from_png(base64.b64decode(panel["png"])), panel["title"], panel["figure"])
        for row in scenes[place].payload["rows"]
        for panel in row["panels"]
    ]
    for form in FORMATS:
        st.download_button(
            form.upper(), partial(strip, pictures, form, titles[place]),
            file_name=f"{talk_stage.file_name(titles[place])}.{form}", icon=":material/download:",
            key=f"present.figure.{form}", on_click="ignore",
        )  # fmt: skip


def _loader() -> None:
    key = f"present.file.{st.session_state.get(ROUND, 0)}"
    st.file_uploader(
        "A talk saved here (.json)", type="json", key=key, on_change=_load, args=(key,),
        help="It is shown as soon as it is chosen.",
    )  # fmt: skip
    st.button(
        "Back to the thesis's talk",
        icon=":material/undo:",
        on_click=lambda: _put(thesis()),
        help=f"The story of {cite(THESIS)} in scenes, which comes with the app.",
    )


def _load(key: str) -> None:
    """Show the chosen talk; a file that is none leaves the talk on stage, and says one sentence."""
    file = st.session_state[key]
    if file is None:
        return
    try:
        _put(Talk.from_json(file.getvalue()))
    except UserError as error:
        st.session_state[PROBLEM] = f"{file.name}: {error}"


with refusals.said():
    page()

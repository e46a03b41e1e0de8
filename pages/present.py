"""Present: scenes in order on a clean stage, everything computed beforehand."""

from __future__ import annotations

import base64
import json

import streamlit as st

from core import render, shelves
from core.errors import UserError
from core.export.figures import FORMATS, Picture, strip
from core.progress import finish
from core.run import run
from core.talk import Scene, Talk, thesis
from pages.widgets import links, live_view, photo_picker, refusals, share, style, talk_stage
from pages.widgets.numbers import plain
from pages.widgets.resources import lab
from pages.widgets.talk_stage import Ready

TALK = "present.talk"
MADE = "present.made"
STAGE = "present.stage"


def page() -> None:
    """The stage first; below it the scenes and what can be taken along."""
    style.show()
    if TALK not in st.session_state:
        st.session_state[TALK] = thesis()
    talk: Talk = st.session_state[TALK]
    scenes, problems = _prepare(talk)
    if problems:
        st.warning(plain(" ".join(problems)), icon=":material/visibility_off:")
    if scenes:
        at = _stage(scenes)
    else:
        st.info(
            "This talk has no scene: add the Live lab's view below, or load a talk.",
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
        bar.empty()
    wanted = {_name(scene): scene for scene in talk.scenes}
    st.session_state[MADE] = {name: made[name] for name in wanted if name in made}
    sentences = [f"“{title}” is left out: {problem}" for title, problem in problems.items()]
    return [made[name] for name in wanted if name in made], sentences


def _ready(scene: Scene) -> Ready:
    """A scene with its pictures; made once for all visitors."""
    photo, memory = photo_picker.find(scene.scenario.image), lab().memory
    digests = [shelves.describe(name, lab().folder).digest for name in scene.scenario.networks]
    key = ("scene", _name(scene), photo.digest, *digests)
    found: Ready | None = memory.get(key)
    if found is None:
        found = talk_stage.ready(scene, finish(run(scene.scenario, lab(), photo)))
        memory.put(key, found, len(json.dumps(found.to_dict()["payload"])))
    return found


def _name(scene: Scene) -> str:
    return f"{scene.title}|{scene.note}|{scene.scenario.key()}|{sorted(scene.view.items())}|{scene.panels}"


@st.fragment
def _stage(scenes: list[Ready]) -> int:
    """A step on the stage runs only this again, to write its number into the address."""
    asked = st.query_params.get("scene", "1")
    at = min(int(asked), len(scenes)) - 1 if asked.isdecimal() and int(asked) > 0 else 0
    begun: int = st.session_state.setdefault("present.begun", at)
    now = talk_stage.show(scenes, key=STAGE, at=min(begun, len(scenes) - 1))
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
        st.caption("Open the Live lab first: its view can then be added here as a scene.")
        return
    with st.form("present.add", border=False):
        title = st.text_input("Title of the new scene", max_chars=120)
        note = st.text_input("Note", max_chars=400)
        if st.form_submit_button("Add the Live lab's view", icon=":material/add:"):
            scenario, view = seen
            _change(talk.with_scene(Scene(title or "Live lab", note, scenario, view)))


def _change(talk: Talk) -> None:
    st.session_state[TALK] = talk
    st.rerun()


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
            share.show_page(scenes[at].scene.scenario.to_command(), width="content")


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
            form.upper(), lambda form=form: strip(pictures, form, titles[place]),
            file_name=f"{talk_stage.file_name(titles[place])}.{form}", icon=":material/download:",
            key=f"present.figure.{form}", on_click="ignore",
        )  # fmt: skip


def _loader() -> None:
    file = st.file_uploader("A talk saved here (.json)", type="json", key="present.file")
    if file is not None and st.button("Show it", icon=":material/slideshow:"):
        _change(Talk.from_json(file.getvalue().decode("utf-8", errors="replace")))
    if st.button("Back to the thesis's talk", icon=":material/undo:"):
        _change(thesis())


with refusals.said():
    page()

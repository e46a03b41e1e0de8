"""Talk: scenes in order on a clean stage, everything computed beforehand."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial

import streamlit as st

from core.base.errors import UserError
from core.base.options import key_of
from core.base.progress import Progress
from core.base.references import THESIS, cite
from core.experiment.run import run
from core.pictures import images
from core.pictures.images import Photo
from core.problems.scenario import PhotoScenario
from core.reports.export import FILMS, FORMATS, film, slides, strip
from core.reports.talk import Scene, Talk, thesis
from core.zoo import registry
from pages.widgets.page import links, refusals, session_talk, share, style
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import UPLOAD, find, keep_upload, lab
from pages.widgets.scenario import first, live_run, outcome_panels
from pages.widgets.talk import printed, story, talk_stage
from pages.widgets.talk.talk_stage import Ready
from pages.widgets.viewer import live_view

MADE, STAGE = "talk.made", "talk.stage"
PROBLEM = "talk.problem"
WANTED = "talk.wanted"
"""A change of the talk that was asked for and has to be computed."""

Changing = Generator[Progress, None, tuple[Talk, int]]
"""Computes a talk, and the place of the scene to show."""


def page() -> None:
    """The stage with the scenes beside it, below a line of what can be done with the talk."""
    style.show()
    with st.container(key="talk"):
        bar = st.container(horizontal=True, vertical_alignment="center", key="talk_bar")
        status = st.container(key="talk_status")
        with status:
            _carry_out()
        with bar:
            _begin()
        talk = session_talk.now()
        with status:
            if st.session_state.get(PROBLEM):
                st.error(plain(st.session_state[PROBLEM]), icon=":material/error:")
            shown, problems = _prepare(talk)
            if problems:
                st.warning(plain(" ".join(problems)), icon=":material/visibility_off:")
        at = _stage(shown) if shown else 0
        if not shown:
            st.info(
                "This talk has no scene yet: open the Lab, Findings, Guarantees or Digits, and press "
                "**Add to talk** there; or begin, under **New**, with a talk about your photo.",
                icon=":material/slideshow:",
            )
        with bar:
            if shown:
                _scene(talk, [*shown][at])
            _take_along(talk, [*shown.values()], at)


# -- what is on stage ----------------------------------------------------------------------


def _prepare(talk: Talk) -> tuple[dict[int, Ready], list[str]]:
    """Scenes with their pictures by their places, made once; those that cannot be computed are named."""
    made: dict[str, Ready] = st.session_state.setdefault(MADE, {})
    wordless = [replace(scene, title="", note="", remarks="") for scene in talk.scenes]
    names = [key_of(scene.to_dict()) for scene in wordless]
    problems: dict[str, str] = {}
    missing = [(name, scene) for name, scene in zip(names, talk.scenes, strict=True) if name not in made]
    bar = st.empty()
    for number, (name, scene) in enumerate(missing):
        bar.progress(number / len(missing), text=f"Preparing “{plain(scene.title)}” …")
        try:
            made[name] = _ready(scene, name)
        except UserError as error:
            problems[scene.title] = str(error)
        except Exception as error:  # one scene of a file must not take the stage away
            logging.exception("scene “%s”", scene.title)
            problems[scene.title] = f"it cannot be shown ({type(error).__name__}: {error})."
    bar.empty()
    st.session_state[MADE] = {name: made[name] for name in names if name in made}
    sentences = [f"“{title}” is left out: {problem}" for title, problem in problems.items()]
    shown = zip(talk.scenes, names, strict=True)
    found = {
        place: replace(made[name], scene=scene) for place, (scene, name) in enumerate(shown) if name in made
    }
    return found, sentences


def _ready(scene: Scene, name: str) -> Ready:
    """A scene with its pictures; made once for all visitors."""
    if scene.figure:
        return talk_stage.of_figure(scene)
    photo, memory = session_talk.photo_of(scene), lab().memory
    digests = [registry.describe(network, lab().folder).digest for network in scene.scenario.networks]
    key = ("scene", name, photo.digest, *digests)
    found: Ready | None = memory.get(key)
    if found is None:
        found = talk_stage.ready(scene, live_run.quietly(run(scene.scenario, lab(), photo)), photo)
        memory.put(key, found, len(json.dumps(found.payload)))
    return found


def _stage(shown: dict[int, Ready]) -> int:
    """The stage; a step on it is written into the address. Returns which of the scenes is on it."""
    if session_talk.AT not in st.session_state:
        asked = st.query_params.get("scene", "1")
        st.session_state[session_talk.AT] = (
            max(int(asked) - 1, 0) if asked.isdecimal() and len(asked) < 5 else 0
        )
    places = list(shown)
    begin = min(sum(place < st.session_state[session_talk.AT] for place in places), len(places) - 1)
    now = talk_stage.show(
        [*shown.values()],
        partial(session_talk.change, shown=places),
        key=STAGE,
        at=begin,
        turn=session_talk.turn(),
    )
    links.put("scene", str(now + 1))
    return now


# -- to begin with -------------------------------------------------------------------------


def _begin() -> None:
    talk = session_talk.now()
    st.session_state["talk.title"] = talk.title
    st.text_input(
        "Title of the talk", key="talk.title", max_chars=120, label_visibility="collapsed", width=260,
        on_change=lambda: session_talk.put(replace(talk, title=st.session_state["talk.title"]), _at()),
    )  # fmt: skip
    with st.popover("New", icon=":material/add:", key=f"talk.new.{session_talk.turn()}"):
        st.button(
            "Empty talk", icon=":material/note_add:", width="stretch",
            on_click=lambda: _put(Talk(session_talk.NEW, ())),
        )  # fmt: skip
        _about_a_photo()
        st.button(
            "The thesis's talk", icon=":material/school:", width="stretch", on_click=lambda: _put(thesis()),
            help=f"The story of {cite(THESIS)} in scenes, which comes with the app.",
        )  # fmt: skip
        _loader()
    st.button(
        "Undo", icon=":material/undo:", on_click=_undo, disabled=not session_talk.can_undo(),
        help="Takes back the last change of the talk.",
    )  # fmt: skip


def _at() -> int:
    return int((st.session_state.get(STAGE) or {}).get("scene") or 0)


def _put(talk: Talk, at: int = 0) -> None:
    """Bring a talk on stage; what was said of another one is over."""
    st.session_state[PROBLEM] = ""
    session_talk.put(talk, at)


def _undo() -> None:
    st.session_state[PROBLEM] = ""
    session_talk.undo()


def _about_a_photo() -> None:
    """One click makes the thesis's story of the Lab's photo, or of one that is chosen here."""
    seen = live_view.last()
    scenario = seen[0] if seen else first.BEGIN
    try:
        photo = find(scenario.image)
    except UserError:
        scenario, photo = first.BEGIN, find(first.BEGIN.image)
    st.button(
        f"A talk about {plain(photo.name)}", icon=":material/auto_stories:", width="stretch",
        key="talk.about", on_click=lambda: _want(partial(_story, photo, scenario)),
        help="The thesis's story with this photo, which is the Lab's: what attacks and defences do to it. "
        "Every sentence is computed from its own numbers.",
    )  # fmt: skip
    key = f"talk.photo.{session_talk.turn()}"
    st.file_uploader(
        "A talk about your photo", type=["png", "jpg", "jpeg", "webp"], key=key, on_change=_take,
        args=(key, _tell), help="At least 160×160 pixels. It stays on this server.",
    )  # fmt: skip


def _take(key: str, use: Callable[[bytes, str], None]) -> None:
    """Use the chosen file; a bad one leaves the talk on stage, and says one sentence."""
    if file := st.session_state[key]:
        try:
            use(file.getvalue(), file.name)
        except UserError as error:
            st.session_state[PROBLEM] = str(error)


def _tell(content: bytes, name: str) -> None:
    """Tell the story of a photo."""
    photo = images.decode(content, name)
    keep_upload(photo)
    _want(partial(_story, photo, first.BEGIN.replace(image=UPLOAD + photo.digest)))


def _story(photo: Photo, scenario: PhotoScenario) -> Changing:
    return (yield from story.about(photo, scenario)), 0


def _loader() -> None:
    key = f"talk.file.{session_talk.turn()}"
    st.file_uploader(
        "A talk saved here (.json)", type="json", key=key, on_change=_take, args=(key, _load),
        help="It is shown as soon as it is chosen.",
    )  # fmt: skip


def _load(content: bytes, name: str) -> None:
    """Show a talk."""
    try:
        _put(Talk.from_json(content))
    except UserError as error:
        raise UserError(f"{name}: {error}") from error


# -- changes that take a while -------------------------------------------------------------


def _want(change: Callable[[], Changing]) -> None:
    st.session_state[WANTED] = change


def _carry_out() -> None:
    """Compute the change that was asked for, under a bar; any input ends it."""
    wanted = st.session_state.pop(WANTED, None)
    if wanted is None:
        return
    try:
        found, place = live_run.shown(wanted(), key="talk_progress")
    except UserError as error:
        st.session_state[PROBLEM] = str(error)
        return
    place.empty()
    _put(*found)


# -- the scene on stage --------------------------------------------------------------------


def _scene(talk: Talk, place: int) -> None:
    """Choose its pictures by ticking them, or add the curve over the strength of its attack."""
    scene = talk.scenes[place]
    if scene.figure:
        return
    with st.popover("Pictures", icon=":material/check_box:"), st.form(f"talk.pictures.{place}", border=False):
        st.caption("Ticked pictures stand side by side; none: as the Lab shows it, with cards and film.")
        choices = live_run.once("talk.choices", scene, lambda: _choices(scene))
        boxes = {
            key: f"talk.panel.{session_talk.turn()}.{place}.{key}" for _, keys in choices for key in keys
        }
        st.form_submit_button(
            "Show these", type="primary", width="stretch", on_click=_show_these, args=(talk, place, boxes)
        )
        for heading, panels in choices:
            st.markdown(f"**{heading}**")
            for key, title in panels.items():
                st.checkbox(title, key in scene.panels, key=boxes[key])
    st.button(
        "Curve", icon=":material/show_chart:", on_click=lambda: _want(partial(_with_curve, talk, place)),
        help="Adds a scene: what is left of this photo, over the strength of this scene's attack.",
    )  # fmt: skip


def _choices(scene: Scene) -> list[tuple[str, dict[str, str]]]:
    """The pictures that there are: heading, then titles by key."""
    outcome = live_run.quietly(run(scene.scenario, lab(), session_talk.photo_of(scene)))
    rows = outcome_panels.rows(outcome)
    return [(heading, {panel.key: panel.title for panel in panels}) for heading, panels in rows]


def _show_these(talk: Talk, place: int, boxes: dict[str, str]) -> None:
    """Show the ticked pictures, those that were there before in their order."""
    ticked = [key for key, box in boxes.items() if st.session_state[box]]
    kept = [key for key in talk.scenes[place].panels if key in ticked]
    panels = (*kept, *(key for key in ticked if key not in kept))
    view = {} if panels else {"view": "swipe"}
    _put(talk.with_changed(place, panels=panels, exhibit=not panels, view=view), place)


def _with_curve(talk: Talk, place: int) -> Changing:
    scene = talk.scenes[place]
    chart = yield from story.over_strengths(scene.scenario, session_talk.photo_of(scene))
    return talk.with_scene(chart).moved(len(talk.scenes), place + 1), place + 1


# -- files ---------------------------------------------------------------------------------


def _take_along(talk: Talk, scenes: list[Ready], at: int) -> None:
    st.download_button(
        "Save", talk.to_json(), file_name="talk.json", mime="application/json", icon=":material/save:",
        on_click="ignore", help="A file that this page loads again, your photo's crop included.",
    )  # fmt: skip
    if not scenes:
        return
    with st.popover("Take along", icon=":material/download:"):
        st.download_button(
            "Talk as one HTML file", lambda: talk_stage.to_html(talk, scenes), file_name="talk.html",
            mime="text/html", icon=":material/usb:", on_click="ignore", width="stretch",
            help="Works offline, from a USB stick: the pictures and the viewer are inside.",
        )  # fmt: skip
        st.download_button(
            "Talk as PDF", lambda: slides(list(map(printed.slide, scenes))), file_name="talk.pdf",
            mime="application/pdf", icon=":material/picture_as_pdf:", on_click="ignore", width="stretch",
            help="One page for each scene, films as their last picture.",
        )  # fmt: skip
        scene = scenes[at]
        title, name = scene.scene.title, talk_stage.file_name(scene.scene.title)
        made = printed.slide(scene)
        files = {form: partial(strip, made.pictures, form, title, made.protocol) for form in FORMATS}
        steps = printed.steps(scene)
        files |= {form: partial(film, steps, form) for form in FILMS if len(steps) > 1}
        st.markdown("**The scene on stage**")
        with st.container(horizontal=True):
            for form, content in files.items():
                st.download_button(
                    form.upper(),
                    content,
                    file_name=f"{name}.{form}",
                    key=f"talk.figure.{form}",
                    on_click="ignore",
                )
    share.show_page(_command(scenes[at].scene))


def _command(scene: Scene) -> str:
    """The line that prints a scene's numbers; an own photo is called by its file's name."""
    if scene.figure:
        return scene.figure.command
    image = scene.photo.name if scene.photo else scene.scenario.image
    return scene.scenario.replace(image=image).to_command()


with refusals.said():
    page()

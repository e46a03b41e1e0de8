"""Talk: scenes are prepared, ordered, saved, loaded and exported."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.run import run
from core.pictures import render
from core.pictures.images import Photo, bundled
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import Figure, Scene, Talk, thesis
from core.runtime.session import Lab
from pages.widgets.page import add_to_talk, session_talk
from pages.widgets.page.resources import keep_upload
from pages.widgets.page.session_talk import TALK as TALK_KEY
from pages.widgets.scenario import outcome_panels
from pages.widgets.talk import talk_stage

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "present.py")
QUICK = Scenario(compare=("sr-x2-std",), samples=2, attack_steps=1)
TALK = Talk(
    "Two scenes",
    (
        Scene("First </script> & <b>", "A note.", QUICK, {"view": "swipe", "a": "base"}, ("truth", "base")),
        Scene("Second", "", QUICK.replace(eps_rel=0.05)),
    ),
)  # fmt: skip


def opened(talk: Talk = TALK) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.session_state[TALK_KEY] = talk
    app.run()
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [scene.title for scene in app.session_state[TALK_KEY].scenes]


def made(app: AppTest) -> list[talk_stage.Ready]:
    return [*app.session_state["talk.made"].values()]


def edited(app: AppTest, edit: dict[str, object]) -> None:
    """What the stage asks for, done as its element would ask for it."""
    names = (TALK_KEY, session_talk.BEFORE, session_talk.AT, session_talk.TURN)
    state = {name: app.session_state[name] for name in names if name in app.session_state}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "session_state", state)
        session_talk.change(edit, list(range(len(state[TALK_KEY].scenes))))
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception


def test_scenes_are_prepared_once_and_moved_renamed_removed_and_had_back() -> None:
    app = opened()
    first, second = made(app)
    edited(app, {"move": [0, 1]})
    assert titles(app) == ["Second", TALK.scenes[0].title]
    assert made(app) == [second, first]
    assert made(app)[0] is second
    edited(app, {"change": [0, {"title": "2nd", "remarks": "slowly", "scenario": "no"}]})
    assert app.session_state[TALK_KEY].scenes[0].remarks == "slowly"
    assert app.session_state[TALK_KEY].scenes[0].scenario == TALK.scenes[1].scenario
    edited(app, {"remove": [1, 0]})
    assert titles(app) == []
    assert "no scene" in app.info[0].value
    for expected in (
        ["2nd", TALK.scenes[0].title],
        ["Second", TALK.scenes[0].title],
        ["First </script> & <b>", "Second"],
    ):
        button(app, "Undo").click().run()
        assert titles(app) == expected
    assert button(app, "Undo").disabled


def button(app: AppTest, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def test_a_new_talk_is_empty_and_its_title_is_written_in_place() -> None:
    app = opened()
    button(app, "Empty talk").click().run()
    assert titles(app) == []
    app.text_input[0].input("Mine").run()
    assert app.session_state[TALK_KEY].title == "Mine"
    assert not app.exception


def test_ticked_pictures_stand_side_by_side_and_none_is_the_labs_exhibit() -> None:
    app = opened(Talk("", TALK.scenes[:1]))
    boxes = {str(each.key).rpartition(".")[2]: each for each in app.checkbox}
    boxes["standard"].check()
    boxes["truth"].uncheck()
    button(app, "Show these").click().run()
    (scene,) = app.session_state[TALK_KEY].scenes
    assert scene.panels == ("base", "standard")
    assert [panel["key"] for panel in made(app)[0].panels] == ["base", "standard"]
    for each in app.checkbox:
        each.uncheck()
    button(app, "Show these").click().run()
    assert app.session_state[TALK_KEY].scenes[0].exhibit
    payload = made(app)[0].payload
    assert payload is not None
    assert [card["key"] for card in payload["exhibit"]["cards"]] == ["standard", "smoothed", "trivial"]
    assert not any(card["action"][0] for card in payload["exhibit"]["cards"])
    assert payload["film"]["labels"][-1] == "Attack step 1 of 1"


def lab_scene(**changes: Any) -> Scene:
    """What the Lab's button adds."""
    view = {"view": "swipe", "a": "standard", "step": "0"}
    return Scene("Lab", "", QUICK.replace(**changes), view, exhibit=True)


def test_a_scene_whose_network_is_missing_is_left_out_and_named() -> None:
    missing = Scene("Elsewhere", "", Scenario(checkpoint="sr-x2-rs-9.99"))
    app = opened(TALK.with_scene(missing))
    assert "“Elsewhere” is left out" in app.warning[0].value
    assert len(made(app)) == 2


def test_a_saved_talk_stands_after_the_server_was_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All kinds of scenes, of an own photo, have the very same pictures and figures."""
    random = np.random.default_rng(0)
    photo = Photo.of("mine.png", random.integers(0, 256, (190, 230, 3), np.uint8))
    keep_upload(photo)
    own = {"image": f"upload-{photo.digest}", "short_side": 180, "crop_x": 0.3}
    chart = Scene("chart", "", Scenario(), figure=Figure(render.png(photo.pixels), "python -m core curves"))
    state: dict[str, Any] = {TALK_KEY: Talk("", ())}
    monkeypatch.setattr(st, "session_state", state)
    for scene in (lab_scene(**own), Scene("pair", "", QUICK.replace(**own), panels=("truth", "base")), chart):
        session_talk.add(scene)
    monkeypatch.undo()
    before = opened(state[TALK_KEY])
    assert not before.warning
    saved = before.session_state[TALK_KEY].to_json()

    st.cache_resource.clear()  # all that the server knew
    again = opened(Talk.from_json(saved))
    assert not again.warning
    assert [each.to_dict() for each in made(again)] == [each.to_dict() for each in made(before)]
    assert len(made(again)) == 3
    assert "mine.png" in made(again)[0].caption
    assert "upload-" not in made(again)[0].protocol
    commands = [code.value for code in again.code]
    assert lab_scene(**own).scenario.replace(image="mine.png").to_command() in commands


def test_the_thesiss_talk_makes_way_for_the_first_scene_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    assert session_talk.add(lab_scene()) == 1
    assert session_talk.add(lab_scene()) == 2
    session_talk.undo()
    session_talk.undo()
    assert session_talk.now() == thesis()


def test_a_figure_that_the_browser_could_not_take_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "toast", lambda text, **how: said.append(text))
    for taken in ({}, {"png": "é"}, {"png": "AAAA", "title": "Trade-off"}):
        add_to_talk.add_figure(taken, "")
    assert said == ["There is no figure here that could be added."] * 3
    assert session_talk.now() == thesis()
    png = base64.b64encode(render.png(np.zeros((2, 3, 3), np.uint8))).decode()
    add_to_talk.add_figure({"png": png, "title": "Trade-off: strongest attack"}, "python -m core curves")
    (scene,) = session_talk.now().scenes
    assert (scene.title, said[-1]) == ("Trade-off", "Added to the talk as scene 1.")


def test_a_talk_from_before_photos_travelled_still_loads() -> None:
    gone = Scene("Mine", "", QUICK.replace(image="upload-0123456789abcdef"))
    app = opened(Talk.from_json(TALK.with_scene(gone).to_json()))
    assert "“Mine” is left out: The server no longer has the uploaded photo" in app.warning[0].value
    assert len(made(app)) == 2


def test_a_file_is_shown_as_soon_as_it_is_chosen() -> None:
    app = opened()
    two_adversarial = QUICK.replace(compare=("sr-x2-adv-0.02", "sr-x2-adv-0.10"))
    other = Talk(
        "Other", (Scene("Twice trained", "", two_adversarial, panels=("adversarial", "adversarial-0.1")),)
    )
    app.file_uploader[1].set_value(("talk.json", other.to_json().encode(), "application/json")).run()
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.session_state[TALK_KEY] == other
    assert [panel["levels"][:10] for panel in made(app)[0].panels] == [
        "ε_rel 0.02",
        "ε_rel 0.1 ",
    ]


def test_a_file_that_is_no_talk_leaves_the_talk_and_says_so() -> None:
    app = opened()
    app.file_uploader[1].set_value(("x.json", b"[" * 100_000, "application/json")).run()
    assert not app.exception
    assert app.error[0].value.startswith("x.json: This file is not a talk")
    assert titles(app) == [scene.title for scene in TALK.scenes]


def test_a_scene_that_cannot_be_drawn_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised by one scene, the others stay on stage."""
    st.cache_resource.clear()  # which remembers what it looked like

    def broken(scene: Scene, *others: object) -> talk_stage.Ready:
        if scene.title == "Second":
            raise KeyError("panel")
        return talk_stage.Ready(
            scene, "", "", {"rows": [], "version": "v", "film": None, "view": {}, "pair": ["", ""]}
        )

    monkeypatch.setattr(talk_stage, "ready", broken)
    app = opened()
    assert "“Second” is left out: it cannot be shown" in app.warning[0].value
    assert len(made(app)) == 1


@pytest.fixture(scope="module")
def ready() -> list[talk_stage.Ready]:
    lab = Lab()
    return [
        talk_stage.ready(scene, finish(run(scene.scenario, lab)), bundled(scene.scenario.image))
        for scene in TALK.scenes
    ]


def test_a_scene_shows_the_panels_it_names_in_its_order(ready: list[talk_stage.Ready]) -> None:
    shown = [each.payload["rows"] for each in ready if each.payload]
    assert [[panel["key"] for panel in row["panels"]] for row in shown[0]] == [["truth", "base"]]
    assert len(shown[1]) == 2


def test_the_exported_file_has_the_apps_very_pictures(ready: list[talk_stage.Ready]) -> None:
    text = talk_stage.to_html(TALK, ready)
    (data,) = re.findall(r'<script type="application/json" id="talk">(.*?)</script>', text, re.DOTALL)
    scenes = json.loads(data)["scenes"]
    assert [scene["title"] for scene in scenes] == [scene.title for scene in TALK.scenes]
    outcome = finish(run(TALK.scenes[0].scenario, Lab()))
    rows = outcome_panels.rows(outcome)
    expected = {panel.key: panel.png for _, panels in rows for panel in panels}
    for panel in scenes[0]["payload"]["rows"][0]["panels"]:
        assert base64.b64decode(panel["png"]) == expected[panel["key"]]
    for tag in re.findall(r"<(?:img|link|script|iframe)[^>]*>", text.replace(data, "")):
        assert "src=" not in tag
        assert "href=" not in tag
    assert "http://" not in text.replace(data, "").replace("http://www.w3.org", "")


def test_file_names_are_plain() -> None:
    assert talk_stage.file_name("Two defences hold (Figure 4.2)") == "two-defences-hold-figure-4-2"
    assert talk_stage.file_name("…") == "scene"


def test_the_stage_shows_no_words_of_the_code() -> None:
    """Streamlit would write every bare string of a page's file onto it, such as what a constant means."""
    app = opened()
    assert not any("Place of the scene" in each.value for each in app.markdown)

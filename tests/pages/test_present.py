"""Present: scenes are prepared, ordered, saved, loaded and exported."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.run import run
from core.pictures.images import Photo
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import Scene, Talk
from core.runtime.session import Lab
from pages.widgets.page.resources import keep_upload
from pages.widgets.scenario import outcome_panels
from pages.widgets.talk import talk_stage
from pages.widgets.viewer import live_view

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "present.py")
TALK_KEY, MADE_KEY = "present.talk", "present.made"
QUICK = Scenario(compare=("sr-x2-std",), samples=2, attack_steps=1)
TALK = Talk(
    "Two scenes",
    (
        Scene("First </script> & <b>", "A note.", QUICK, {"view": "swipe", "a": "base"}, ("truth", "base")),
        Scene("Second", "", QUICK.replace(eps_rel=0.05)),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()


def opened(talk: Talk = TALK) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.session_state[TALK_KEY] = talk
    app.run()
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [scene.title for scene in app.session_state[TALK_KEY].scenes]


def test_scenes_are_prepared_once_and_moved_and_removed() -> None:
    app = opened()
    made = app.session_state[MADE_KEY]
    assert [ready.scene.title for ready in made.values()] == titles(app)
    app.button(key="present.0.down").click().run()
    assert titles(app) == [TALK.scenes[1].title, TALK.scenes[0].title]
    again = app.session_state[MADE_KEY]
    assert all(again[name] is made[name] for name in made)
    app.button(key="present.0.remove").click().run()
    assert titles(app) == [TALK.scenes[0].title]
    app.button(key="present.0.remove").click().run()
    assert "no scene" in app.info[0].value
    assert not app.exception


def test_the_live_labs_view_becomes_a_scene() -> None:
    app = opened()
    assert "Open the Lab first" in " ".join(each.value for each in app.caption)
    seen = QUICK.replace(eps_rel=0.1), {"view": "difference"}
    app.session_state[live_view._LAST] = seen
    app.run()
    app.text_input[0].input("Mine")
    next(button for button in app.button if button.label == "Add the Lab's view").click().run()
    assert not app.exception
    added = app.session_state[TALK_KEY].scenes[-1]
    assert (added.title, added.scenario, dict(added.view)) == ("Mine", *seen)


def test_a_scene_whose_network_is_missing_is_left_out_and_named() -> None:
    missing = Scene("Elsewhere", "", Scenario(checkpoint="sr-x2-rs-9.99"))
    app = opened(TALK.with_scene(missing))
    assert "“Elsewhere” is left out" in app.warning[0].value
    assert len(app.session_state[MADE_KEY]) == 2


def test_an_own_photo_outlives_the_server() -> None:
    """A talk that was saved, and loaded after a restart, has the very same pictures and figures."""
    random = np.random.default_rng(0)
    photo = Photo.of("mine.png", random.integers(0, 256, (190, 230, 3), np.uint8))
    keep_upload(photo)
    seen = QUICK.replace(image=f"upload-{photo.digest}", short_side=180, crop_x=0.3)
    app = opened(Talk("", ()))
    app.session_state[live_view._LAST] = seen, {}
    app.run()
    next(button for button in app.button if button.label == "Add the Lab's view").click().run()
    (before,) = app.session_state[MADE_KEY].values()
    saved = app.session_state[TALK_KEY].to_json()
    assert Scenario.from_query(json.loads(saved)["scenes"][0]["scenario"]) == seen

    st.cache_resource.clear()  # all that the server knew
    again = opened(Talk.from_json(saved))
    assert not again.warning
    (after,) = again.session_state[MADE_KEY].values()
    assert after.payload == before.payload
    commands = [code.value for code in again.code]
    assert seen.replace(image="mine.png").to_command() in commands


def test_a_talk_from_before_photos_travelled_still_loads() -> None:
    gone = Scene("Mine", "", QUICK.replace(image="upload-0123456789abcdef"))
    app = opened(Talk.from_json(TALK.with_scene(gone).to_json()))
    assert "“Mine” is left out: The server no longer has the uploaded photo" in app.warning[0].value
    assert len(app.session_state[MADE_KEY]) == 2


def test_a_file_is_shown_as_soon_as_it_is_chosen() -> None:
    app = opened()
    two_adversarial = QUICK.replace(compare=("sr-x2-adv-0.02", "sr-x2-adv-0.10"))
    other = Talk(
        "Other", (Scene("Twice trained", "", two_adversarial, panels=("adversarial", "adversarial-0.1")),)
    )
    app.file_uploader[0].set_value(("talk.json", other.to_json().encode(), "application/json")).run()
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.session_state[TALK_KEY] == other
    (made,) = app.session_state[MADE_KEY].values()
    assert [panel["levels"][:10] for panel in made.payload["rows"][0]["panels"]] == [
        "ε_rel 0.02",
        "ε_rel 0.1 ",
    ]


def test_a_file_that_is_no_talk_leaves_the_talk_and_says_so() -> None:
    app = opened()
    app.file_uploader[0].set_value(("x.json", b"[" * 100_000, "application/json")).run()
    assert not app.exception
    assert app.error[0].value.startswith("x.json: This file is not a talk")
    assert titles(app) == [scene.title for scene in TALK.scenes]


def test_a_scene_that_cannot_be_drawn_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised by one scene, the others stay on stage."""

    def broken(scene: Scene, outcome: object) -> talk_stage.Ready:
        if scene.title == "Second":
            raise KeyError("panel")
        return talk_stage.Ready(scene, "", {"rows": [], "version": "v"})

    monkeypatch.setattr(talk_stage, "ready", broken)
    app = opened()
    assert "“Second” is left out: it cannot be shown" in app.warning[0].value
    assert len(app.session_state[MADE_KEY]) == 1


@pytest.fixture(scope="module")
def ready() -> list[talk_stage.Ready]:
    lab = Lab()
    return [talk_stage.ready(scene, finish(run(scene.scenario, lab))) for scene in TALK.scenes]


def test_a_scene_shows_the_panels_it_names_in_its_order(ready: list[talk_stage.Ready]) -> None:
    (row,) = ready[0].payload["rows"]
    assert [panel["key"] for panel in row["panels"]] == ["truth", "base"]
    assert len(ready[1].payload["rows"]) == 2


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

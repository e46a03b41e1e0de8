from __future__ import annotations

import base64
import dataclasses
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.pictures.regions import Region
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.zoo import checkpoints
from pages.widgets.page import results_data, view_state
from pages.widgets.page.view_state import ViewState
from pages.widgets.viewer import viewer, viewer_data
from pages.widgets.viewer.viewer_data import Card, Choice, Exhibit, Film, Frame, Panel

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = ViewState("swipe", "a", "b", (2.0, 0.1, 0.2), Region(1, 2, 30, 40), "tab", 3, 0.25, 8)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_viewer_gets_the_pictures_very_bytes_as_json() -> None:
    png = _png()
    panel = Panel("Title", png, "alt", "key", frames=(Frame(png, figure="1 dB"),))
    data = json.loads(
        json.dumps(
            viewer_data.payload([("Row", [panel])], version="v", tabs=[("one", "One"), ("two", "Two")])
        )
    )
    (shown,) = data["rows"][0]["panels"]
    assert base64.b64decode(shown["png"]) == png
    assert base64.b64decode(shown["frames"][0].pop("png")) == png
    assert shown["frames"] == [{"figure": "1 dB"}], "empty texts keep the panel's own"
    assert data["tab"] == "one"


def test_the_scripts_types_name_what_the_viewer_is_given() -> None:
    """``tsc`` believes ``payload.d.ts``; nothing but this compares it with what Python sends."""
    film = Film("Steps", ("0",), (0.0,))
    choice = Choice("eps", "Strength", ("0", "1"), 1)
    exhibit = Exhibit((Card("key", "Title", "levels", 30.0),), "below", "Said.", choice, choice)
    panel = Panel("Title", _png(), "alt", "key", frames=(Frame(_png(), "1 dB", "note", "inside", "alt"),))
    data = viewer_data.payload([("Row", [panel])], version="v", film=film, exhibit=exhibit)
    (row,) = data["rows"]
    sent = {"Payload": data, "Row": row, "Panel": row["panels"][0], "FilmData": data["film"]}
    sent |= {"ExhibitData": data["exhibit"], "CardData": data["exhibit"]["cards"][0], "Choice": vars(choice)}
    sent |= {"Frame": row["panels"][0]["frames"][0], "ViewQuery": dict.fromkeys(EVERYTHING.to_query())}
    declared = (viewer_data.FOLDER / "payload.d.ts").read_text(encoding="utf-8")
    found = {
        name: re.findall(r"^  (\w+)\??:", body, re.MULTILINE)
        for name, body in re.findall(r"interface (\w+) \{(.*?)\}", declared, re.DOTALL)
    }
    assert {name: set(fields) for name, fields in found.items()} == {name: set(sent[name]) for name in sent}


def test_panels_of_one_key_are_refused() -> None:
    panel = Panel("Title", _png(), "alt", "key")
    with pytest.raises(ValueError, match="different keys"):
        viewer.show([("Row", [panel, panel])], key="test", version="v")


def test_the_viewer_is_had_without_streamlit() -> None:
    code = "import sys; from pages.widgets.viewer import viewer_data; assert 'streamlit' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_viewers_script_knows_no_streamlit() -> None:
    script = viewer_data.script()
    assert "class Viewer" in script
    for word in ("streamlit", "Streamlit", "setStateValue", "parentElement.querySelector", "http:", "https:"):
        assert word not in script.replace("http://www.w3.org/2000/svg", ""), word


VIEWS = [
    ViewState(),
    ViewState(mode="swipe", a="truth", b="base", divider=0.25),
    ViewState(mode="difference", limit=8, region=Region(1, 2, 30, 40)),
    ViewState(zoom=(3.5, 0.25, 0.75), tab="attack:standard", step=7),
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_survives_its_link(view: ViewState) -> None:
    query = view.to_query()
    assert ViewState.from_query({**query, "eps_rel": "0.1"}) == view
    assert all(query.values())
    assert not set(query) & {field.name for field in dataclasses.fields(Scenario)}, (
        "the scenario keeps its names"
    )


def test_a_fresh_view_says_nothing() -> None:
    assert ViewState().to_query() == {}


@pytest.mark.parametrize(
    "query",
    [
        {"view": "upside down"},
        {"zoom": "2,0.5"},
        {"zoom": "nan,0.5,0.5"},
        {"zoom": "a,b,c"},
        {"region": "5,5,5,5"},
        {"region": "1,2,3"},
        {"step": "-1"},
        {"step": "9" * 5000},
        {"divider": "inf"},
        {"limit": "7"},
    ],
)
def test_what_cannot_be_read_is_left_at_its_default(query: dict[str, str]) -> None:
    assert ViewState.from_query(query) == ViewState()


def test_values_beyond_the_limits_are_held_there() -> None:
    view = ViewState.from_query({"zoom": "1000,-3,7", "divider": "2"})
    assert (view.zoom, view.divider) == ((64, 0, 1), 1)


def test_modes_are_those_of_the_script() -> None:
    script = viewer_data.script()
    for mode in view_state.MODES:
        assert f'["{mode}"' in script


def test_a_study_of_an_earlier_network_is_told_from_one_of_the_present() -> None:
    present = checkpoints.describe(checkpoints.FOLDER / "sr-x2-rs-0.10.safetensors").digest

    def said(name: str, digest: str) -> str:
        return results_data.earlier_version(pd.DataFrame({"checkpoint": [name], "digest": [digest]}))

    assert "earlier sr-x2-rs-0.10" in said("sr-x2-rs-0.10", "0" * len(present))
    assert said("sr-x2-rs-0.10", present) == ""
    assert said("sr-x2-rs-0.77", present) == ""


def test_a_widget_that_comes_back_is_told_its_value() -> None:
    """The browser forgets a widget that is not drawn, which the session may still know."""

    def script() -> None:
        import streamlit as st

        from core.problems.denoising import DenoisingScenario
        from pages.widgets.page.controls import Controls, whole_run

        with whole_run():
            controls = Controls(DenoisingScenario, "tried", "lab")
            controls.begin()
            if st.toggle("Noise"):
                controls.draw("sigma_b")

    def told(app: AppTest) -> list[bool]:
        return [each.proto.set_value for each in app.run().select_slider]

    app = AppTest.from_function(script)
    assert told(app) == []
    app.toggle[0].set_value(True)
    assert told(app) == [True]
    assert told(app) == [False]  # a value that the person moves meanwhile stays theirs
    app.toggle[0].set_value(False)
    assert told(app) == []
    app.toggle[0].set_value(True)
    assert told(app) == [True]

"""The stage of a talk: scenes ready to be stepped through, on a page or as one offline file.

Everything on stage is computed before it is shown; stepping is the browser's alone.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.options import key_of
from core.experiment.outcome import Outcome
from core.problems.scenario import SMOOTHED
from core.reports.talk import Scene, Talk
from pages.widgets.page import javascript, names, notices
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import outcome_panels
from pages.widgets.viewer import viewer_data

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ready:
    """A scene with its pictures: what the browser is given."""

    scene: Scene
    caption: str
    payload: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        words = {"title": self.scene.title, "note": self.scene.note, "caption": self.caption}
        return {**words, "payload": self.payload}


def ready(scene: Scene, outcome: Outcome) -> Ready:
    """A scene with the panels that it shows, in its order; all of the first rows if it names none."""
    view = ViewState.from_query(scene.view)
    rows = outcome_panels.rows(outcome, selected=view.b)
    known = {panel.key: panel for _, panels in rows for panel in panels}
    shown = [known[key] for key in scene.panels if key in known]
    usual = outcome_panels.pair(scene.scenario)
    pair = (view.a or usual[0], view.b or usual[1])
    made = viewer_data.payload(
        [("", shown)] if shown else rows[:2], version=scene.scenario.key(), pair=pair, view=view
    )
    words = [_caption(scene, outcome), *notices.sentences(outcome.notices, names.of(scene.scenario))]
    return Ready(scene, " ".join(words), made)


def _caption(scene: Scene, outcome: Outcome) -> str:
    s = scene.scenario
    strength = names.strength(s) + " RMS" * (s.norm == "l2")
    return (
        f"{s.image}, {s.problem.setting(s)}. {strength}: {s.attack_said}. "
        f"Smoothed: {s.checkpoint}, {names.of(s)[SMOOTHED].levels}, k = {s.samples}. "
        "PSNR and SSIM against the truth."
    )


def script() -> str:
    """The viewer's and the talk's JavaScript, without anything of Streamlit's."""
    return javascript.bundle(_HERE / "talk.js")


def style() -> str:
    """Rules of style of both."""
    return viewer_data.style() + (_HERE / "talk.css").read_text(encoding="utf-8")


def show(scenes: Sequence[Ready], *, key: str, at: int) -> int:
    """Draw the stage; returns the place of the scene that is shown now.

    Args:
        scenes: what is stepped through.
        key: of the element on the page.
        at: the scene to begin with.
    """
    version = key_of({"at": at, "scenes": [scene.scene.to_dict() for scene in scenes]})
    told = _component(
        key=key,
        data={"scenes": [scene.to_dict() for scene in scenes], "at": at, "version": version},
        on_scene_change=lambda: None,
    )
    place = told.get("scene")
    return min(int(place), len(scenes) - 1) if place is not None else at


_component = st.components.v2.component(
    "robustness_lab.talk",
    html="<div class='talk'></div>",
    css=style(),
    js=javascript.bundle(_HERE / "streamlit.js"),
)


def to_html(talk: Talk, scenes: Sequence[Ready]) -> str:
    """The whole talk as one file that needs neither a network nor this app."""
    data = json.dumps({"scenes": [scene.to_dict() for scene in scenes], "at": 0}, ensure_ascii=False)
    data = data.replace("</", "<\\/")  # nothing in it may end the script element
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(talk.title)}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; padding: 2vh 2.5vw; background: #ffffff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --st-text-color: #eef2f5; --st-background-color: #101418; --st-secondary-background-color: #1a2027;
           --st-primary-color: #56b4e9; --st-border-color: #39424c; }}
  body {{ background: #101418; }}
}}
{style()}
</style>
<div class="talk"></div>
<script type="application/json" id="talk">{data}</script>
<script type="module">
{script()}
const root = document.querySelector(".talk");
const talk = new Talk(root);
talk.update(JSON.parse(document.getElementById("talk").textContent));
document.addEventListener("keydown", (event) => root.contains(event.target) || talk.key(event));
</script>
</html>
"""


def file_name(title: str) -> str:
    """A title as the name of a file, without suffix."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "scene"

"""The stage of a talk: scenes ready to be stepped through, on a page or as one offline file.

Everything on stage is computed before it is shown; stepping is the browser's alone.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.options import key_of
from core.experiment.outcome import Outcome
from core.pictures.images import Photo
from core.problems.scenario import SMOOTHED
from core.reports.talk import Scene, Talk
from pages.widgets.page import javascript, names, notices
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import exhibit, outcome_panels, verdict
from pages.widgets.viewer import viewer_data
from pages.widgets.viewer.viewer_data import Panel

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ready:
    """A scene with its pictures: what the browser is given.

    Attributes:
        caption: short, on stage: which photo, how strong an attack, on whom, and whose gradient says nothing.
        protocol: everything that was done, for the speaker and in print.
        payload: of the viewer; None where a figure is shown.
    """

    scene: Scene
    caption: str
    protocol: str
    payload: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        scene, figure = self.scene, self.scene.figure
        return {
            "title": scene.title,
            "note": scene.note,
            "remarks": scene.remarks,
            "caption": self.caption,
            "protocol": self.protocol,
            "payload": self.payload,
            "figure": base64.b64encode(figure.png).decode() if figure else "",
        }

    @property
    def panels(self) -> list[dict[str, Any]]:
        """The pictures that are seen, as the viewer is given them: A and B where two are compared."""
        if not self.payload:
            return []
        panels = {panel["key"]: panel for row in self.payload["rows"] for panel in row["panels"]}
        view, usual = self.payload["view"], self.payload["pair"]
        a, b = (panels.get(view.get(name, usual[place])) for place, name in enumerate("ab"))
        mode = view.get("view", "grid")
        if mode == "grid" or not (a and b):
            return [*panels.values()]
        return [b] if mode == "large" else [a, b]


def ready(scene: Scene, outcome: Outcome, photo: Photo) -> Ready:
    """A scene with its pictures: the Lab's exhibit, the panels it names in its order, or the first rows."""
    view = ViewState.from_query(scene.view)
    rows = outcome_panels.rows(outcome, view.region, view.b)
    known = {panel.key: panel for _, panels in rows for panel in panels}
    usual = outcome_panels.pair(scene.scenario)
    pair = (view.a or usual[0], view.b or usual[1])
    how: dict[str, Any] = {}
    if scene.exhibit:
        seen = exhibit.on_stage(outcome, photo, view)
        kept = dict.fromkeys(
            [*(card.key for card in seen.exhibit.cards), *(key for key in pair if key in known)]
        )
        rows = exhibit.with_frames([("", [known[key] for key in kept])], seen.frames)
        how = {"exhibit": seen.exhibit, "film": seen.film, "tabs": exhibit.TABS, "tab": view.tab}
    elif shown := [known[key] for key in scene.panels if key in known]:
        rows = [("", _told_apart(shown))]
    else:
        rows = rows[:2]
    made = viewer_data.payload(rows, version=scene.scenario.key(), pair=pair, view=view, **how)
    s = scene.scenario
    attack = f"{names.strength(s)} · {verdict.attack(s)}" if s.eps_level else "not attacked"
    short = (f"{photo.name}, {s.problem.setting(s)}", attack)
    caption = " · ".join([*short, *notices.sentences(outcome.notices, names.of(s))])
    return Ready(scene, caption, _protocol(scene, outcome, photo), made)


def of_figure(scene: Scene) -> Ready:
    """A scene that shows a figure.

    Raises:
        UserError: if it is no picture.
    """
    assert scene.figure
    scene.figure.open()
    return Ready(scene, "", scene.figure.command, None)


def _told_apart(panels: list[Panel]) -> list[Panel]:
    """Of two panels of one title, which is not attacked."""
    titles = Counter(panel.title for panel in panels)
    return [
        replace(
            panel, title=f"{panel.title}, {'not attacked' if panel.key.endswith('-clean') else 'attacked'}"
        )
        if titles[panel.title] > 1 and not panel.key.endswith("-error")
        else panel
        for panel in panels
    ]


def _protocol(scene: Scene, outcome: Outcome, photo: Photo) -> str:
    s = scene.scenario
    strength = names.strength(s) + " RMS" * (s.norm == "l2")
    attack = f"{strength}: {s.attack_said}" if s.eps_level else "Not attacked"
    return (
        f"{photo.name}, {s.problem.setting(s)}. {attack}. "
        f"Smoothed: {s.checkpoint}, {names.of(s)[SMOOTHED].levels}, k = {s.samples}. "
        "PSNR and SSIM against the truth."
    )


def script() -> str:
    """The viewer's and the talk's JavaScript, without anything of Streamlit's."""
    return javascript.bundle(_HERE / "talk.js")


def style() -> str:
    """Rules of style of both."""
    return viewer_data.style() + (_HERE / "talk.css").read_text(encoding="utf-8")


def show(
    scenes: Sequence[Ready], on_edit: Callable[[dict[str, Any]], None], *, key: str, at: int, turn: int
) -> int:
    """Draw the stage with the scenes beside it; returns the place of the scene that is shown now.

    Args:
        scenes: what is stepped through.
        on_edit: told what a person wants to be changed: see ``Edit`` in ``talk.js``.
        key: of the element on the page.
        at: the scene to show.
        turn: when it changes, the stage goes to that scene; otherwise it stays where it is.
    """
    version = key_of({"turn": turn, "scenes": [scene.scene.to_dict() for scene in scenes]})
    told = _component(
        key=key,
        data={"scenes": [each.to_dict() for each in scenes], "at": at, "turn": turn, "version": version},
        on_scene_change=lambda: None,
        on_edit_change=lambda: on_edit(st.session_state[key].edit or {}),
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
{_font()}
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


def _font() -> str:
    """Rules for the font of the app, so that words break on a stage where they do on the page."""
    media = Path(st.__file__).parent / "static" / "static" / "media"
    for font in media.glob("SourceSansVF-Upright*.woff2"):
        content = base64.b64encode(font.read_bytes()).decode()
        face = f'font-family: "Source Sans"; font-weight: 200 900; src: url(data:font/woff2;base64,{content})'
        return f'@font-face {{ {face} }}\n:root {{ --st-font: "Source Sans", system-ui, sans-serif; }}'
    return ""


def file_name(title: str) -> str:
    """A title as the name of a file, without suffix."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "scene"

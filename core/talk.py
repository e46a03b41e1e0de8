"""A talk: scenes in order, each a Scenario with a title, a note and a way of looking at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.scenario import Scenario

THESIS = Path(__file__).resolve().parent.parent / "talks" / "thesis.json"
"""The talk that comes with the app: the thesis's story."""

MAX_SCENES = 60
FORMAT = 1


@dataclass(frozen=True)
class Scene:
    """One scene.

    Attributes:
        title: large, on top.
        note: a sentence or two below it.
        scenario: what is computed.
        view: how it is looked at, as query parameters of the picture viewer (mode, panels, zoom).
        panels: keys of the panels shown, in order; empty for all.
    """

    title: str
    note: str
    scenario: Scenario
    view: Mapping[str, str] = field(default_factory=dict)
    panels: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; of the scenario only what differs from the defaults."""
        return {
            "title": self.title,
            "note": self.note,
            "scenario": self.scenario.to_query(),
            "view": dict(self.view),
            "panels": list(self.panels),
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> Scene:
        """Read what :meth:`to_dict` gives.

        Raises:
            UserError: if a part is missing, of another kind, or out of range.
        """
        try:
            texts = {name: str(known.get(name, "")) for name in ("title", "note")}
            query, view = dict(known["scenario"]), dict(known.get("view", {}))
            panels = tuple(str(panel) for panel in known.get("panels", ()))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(
                "This is not a scene of ours: load a talk that was saved on the Present page."
            ) from error
        scenario = Scenario.from_query({str(name): str(value) for name, value in query.items()})
        return cls(**texts, scenario=scenario, view={str(k): str(v) for k, v in view.items()}, panels=panels)


@dataclass(frozen=True)
class Talk:
    """A title and its scenes in order."""

    title: str
    scenes: tuple[Scene, ...]

    def with_scene(self, scene: Scene) -> Talk:
        """The talk with one more scene at its end.

        Raises:
            UserError: if the talk is full.
        """
        if len(self.scenes) >= MAX_SCENES:
            raise UserError(f"A talk has at most {MAX_SCENES} scenes: remove one first.")
        return replace(self, scenes=(*self.scenes, scene))

    def without(self, place: int) -> Talk:
        """The talk without the scene at this place."""
        return replace(self, scenes=(*self.scenes[:place], *self.scenes[place + 1 :]))

    def moved(self, place: int, by: int) -> Talk:
        """The talk with the scene at this place moved; beyond the ends it stops there."""
        scenes = list(self.scenes)
        scene = scenes.pop(place)
        scenes.insert(min(max(place + by, 0), len(scenes)), scene)
        return replace(self, scenes=tuple(scenes))

    def to_json(self) -> str:
        """A file that :meth:`from_json` reads."""
        known = {"format": FORMAT, "title": self.title, "scenes": [s.to_dict() for s in self.scenes]}
        return json.dumps(known, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Talk:
        """Read a saved talk.

        Raises:
            UserError: if it is not one, or of another version.
        """
        try:
            known = json.loads(text)
            version, title, scenes = known["format"], str(known["title"]), list(known["scenes"])
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                "This file is not a talk: load one that was saved on the Present page (.json)."
            ) from error
        if version != FORMAT:
            raise UserError(f"This talk has format {version}, this version reads {FORMAT}: update the app.")
        if len(scenes) > MAX_SCENES:
            raise UserError(f"A talk has at most {MAX_SCENES} scenes, this file has {len(scenes)}.")
        return cls(title, tuple(Scene.from_dict(scene) for scene in scenes))


def thesis() -> Talk:
    """The talk that comes with the app."""
    return Talk.from_json(THESIS.read_text(encoding="utf-8"))

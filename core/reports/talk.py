"""A talk: scenes in order, each with a title, a note, and what it shows: a run, or a page's figure."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from core.base.errors import UserError
from core.base.places import shipped
from core.pictures import images, render
from core.pictures.images import Photo
from core.problems import scenario_of
from core.problems.scenario import PhotoScenario

THESIS = shipped("talks") / "thesis.json"
"""The talk that comes with the app: the thesis's story."""

MAX_SCENES = 60
FORMAT = 2
"""Of the files that are written; those of format 1, which has no figures, are read too."""

SAVED = "load one that was saved on the Talk page"
MAX_FIGURE = 4096
"""Longer side of a figure in pixels."""


@dataclass(frozen=True)
class OwnPhoto:
    """What a scene shows of somebody's own photo: with it a talk outlives the server it was made on.

    Attributes:
        name: what the person calls the photo.
        crop: lossless WebP of its 160×160 crop, mostly below 50 kB (a PNG takes a third more).
    """

    name: str
    crop: bytes

    @classmethod
    def of(cls, photo: Photo, scenario: PhotoScenario) -> OwnPhoto:
        """The crop of a photo that a scenario takes.

        Raises:
            UserError: see :func:`core.pictures.images.crop`.
        """
        cut = images.crop(photo, short_side=scenario.short_side, x=scenario.crop_x, y=scenario.crop_y)
        buffer = io.BytesIO()
        Image.fromarray(render.pixels(cut)).save(buffer, "WEBP", lossless=True)
        return cls(photo.name, buffer.getvalue())

    def open(self) -> Photo:
        """The crop as a photo, of which every scenario's crop is the whole: its pixels are the same.

        Raises:
            UserError: if it is no such picture.
        """
        photo = images.decode(self.crop, self.name)
        if photo.pixels.shape[:2] != (images.SIZE, images.SIZE):
            raise UserError(f"The photo {self.name} of this talk is not {images.SIZE}×{images.SIZE} pixels.")
        return photo

    def to_dict(self) -> dict[str, str]:
        """JSON-ready."""
        return {"name": self.name, "crop": base64.b64encode(self.crop).decode()}

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> OwnPhoto:
        """Read what :meth:`to_dict` gives.

        Raises:
            KeyError, TypeError, ValueError: if it is something else.
        """
        return cls(str(known["name"]), base64.b64decode(known["crop"], validate=True))


@dataclass(frozen=True)
class Figure:
    """A page's figure as it was seen: a chart, a certificate, a digit.

    Attributes:
        png: the picture.
        command: the shell line that prints its numbers.
    """

    png: bytes
    command: str = ""

    def open(self) -> Image.Image:
        """The picture, decoded.

        Raises:
            UserError: if it is none, or larger than :data:`MAX_FIGURE`.
        """
        try:
            picture = Image.open(io.BytesIO(self.png), formats=["PNG"])
            if max(picture.size) <= MAX_FIGURE:
                return picture.convert("RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise UserError("The figure of this scene is no picture.") from error
        raise UserError(f"The figure of this scene has more than {MAX_FIGURE:,} pixels on a side.")


@dataclass(frozen=True)
class Scene:
    """One scene.

    Attributes:
        title: large, on top.
        note: a sentence or two below it.
        scenario: what is computed; means nothing beside a figure.
        view: how it is looked at, as query parameters of the picture viewer (mode, panels, zoom).
        panels: keys of the panels shown, in order; empty for all.
        photo: the photo, if it is not one that comes with the app.
        exhibit: whether it is shown as the Lab shows it, with cards and film, in place of panels.
        figure: what is shown in place of a run.
        remarks: what only the speaker sees.
    """

    title: str
    note: str
    scenario: PhotoScenario
    view: Mapping[str, str] = field(default_factory=dict)
    panels: tuple[str, ...] = ()
    photo: OwnPhoto | None = None
    exhibit: bool = False
    figure: Figure | None = None
    remarks: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; of the scenario only what differs from the defaults."""
        said = {"title": self.title, "note": self.note, **({"remarks": self.remarks} if self.remarks else {})}
        if self.figure:
            shown = {"png": base64.b64encode(self.figure.png).decode(), "command": self.figure.command}
            return {**said, "figure": shown}
        return {
            **said,
            "scenario": self.scenario.to_query(),
            "view": dict(self.view),
            "panels": list(self.panels),
            **({"exhibit": True} if self.exhibit else {}),
            **({"photo": self.photo.to_dict()} if self.photo else {}),
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> Scene:
        """Read what :meth:`to_dict` gives.

        Raises:
            UserError: if a part is missing, of another kind, or out of range.
        """
        try:
            title, note, remarks = (str(known.get(name, "")) for name in ("title", "note", "remarks"))
            if "figure" in known:
                png = base64.b64decode(known["figure"]["png"], validate=True)
                figure = Figure(png, str(known["figure"].get("command", "")))
                figure.open()
                return cls(title, note, scenario_of({}), figure=figure, remarks=remarks)
            query, view = dict(known["scenario"]), dict(known.get("view", {}))
            panels = tuple(str(panel) for panel in known.get("panels", ()))
            photo = OwnPhoto.from_dict(known["photo"]) if "photo" in known else None
            scenario = scenario_of({str(name): str(value) for name, value in query.items()})
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise UserError(f"This is not a scene of ours: {SAVED}.") from error
        view = {str(k): str(v) for k, v in view.items()}
        exhibit = known.get("exhibit") is True
        return cls(title, note, scenario, view, panels, photo, exhibit, remarks=remarks)


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

    def without(self, places: Collection[int]) -> Talk:
        """The talk without the scenes at these places."""
        kept = (scene for place, scene in enumerate(self.scenes) if place not in places)
        return replace(self, scenes=tuple(kept))

    def moved(self, place: int, to: int) -> Talk:
        """The talk with the scene at one place moved to another one; beyond the ends it stops there."""
        scenes = list(self.scenes)
        scene = scenes.pop(place)
        scenes.insert(max(to, 0), scene)
        return replace(self, scenes=tuple(scenes))

    def with_changed(self, place: int, **changes: Any) -> Talk:
        """The talk with some fields of the scene at this place changed."""
        scenes = list(self.scenes)
        scenes[place] = replace(scenes[place], **changes)
        return replace(self, scenes=tuple(scenes))

    def to_json(self) -> str:
        """A file that :meth:`from_json` reads."""
        known = {"format": FORMAT, "title": self.title, "scenes": [s.to_dict() for s in self.scenes]}
        return json.dumps(known, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Talk:
        """Read a saved talk, or the bytes of its file.

        Raises:
            UserError: if it is not one, or of another version.
        """
        try:
            known = json.loads(text)
            json.dumps(known, ensure_ascii=False).encode()  # half a character cannot be shown
            version, title, scenes = known["format"], str(known["title"]), list(known["scenes"])
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise UserError(f"This file is not a talk: {SAVED} (.json).") from error
        if version not in (1, FORMAT):
            raise UserError(f"This talk has format {version}, this version reads {FORMAT}: update the app.")
        if len(scenes) > MAX_SCENES:
            raise UserError(f"A talk has at most {MAX_SCENES} scenes, this file has {len(scenes)}.")
        return cls(title, tuple(Scene.from_dict(scene) for scene in scenes))


def thesis() -> Talk:
    """The talk that comes with the app."""
    return Talk.from_json(THESIS.read_text(encoding="utf-8"))

"""Scenes as what can be printed: slides, strips and films, of the very pictures that are on stage."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.pictures import render
from core.reports.export import Picture, Slide
from pages.widgets.talk.talk_stage import Ready


def pictures(ready: Ready) -> list[Picture]:
    """What is seen of a scene: its pictures, or its figure."""
    figure = ready.scene.figure
    if figure:
        return [Picture(np.asarray(figure.open()), "")]
    return [_picture(panel) for panel in ready.panels]


def steps(ready: Ready) -> list[list[Picture]]:
    """The pictures of a scene at each step of its film; none without a film."""
    if not ready.payload or not ready.payload["film"]:
        return []
    count = len(ready.payload["film"]["labels"])

    def at(panel: Mapping[str, Any], step: int) -> Picture:
        frames = panel["frames"]
        return _picture({**panel, **(frames[min(step, len(frames) - 1)] if frames else {})})

    return [[at(panel, step) for panel in ready.panels] for step in range(count)]


def slide(ready: Ready) -> Slide:
    """A scene as a page."""
    protocol = " ".join(filter(None, (ready.caption, ready.protocol)))
    return Slide(ready.scene.title, ready.scene.note, pictures(ready), protocol)


def _picture(panel: Mapping[str, Any]) -> Picture:
    return Picture(render.from_png(base64.b64decode(panel["png"])), panel["title"], panel.get("figure", ""))

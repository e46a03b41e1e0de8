"""What the picture viewer is given, and the viewer itself, without Streamlit.

``script``, ``style`` and ``payload`` put the very viewer of the pages into any page of HTML; :func:`document`
is such a page.

Pictures travel as PNG and are never recoded, resampled to another size or converted in colour.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.pictures import render
from pages.widgets.page import javascript
from pages.widgets.page.view_state import LIMITS, ViewState

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Frame:
    """What a panel shows at one step of a film; an empty text keeps the panel's own."""

    png: bytes
    figure: str = ""
    note: str = ""
    inside: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes:
        title: what it shows, short.
        png: the picture.
        alt: what it shows, for those who cannot see it.
        key: its name in links; unique among the panels, stable between versions of the page.
        figure: the figures, parted by " · ", the most important first.
        note: the line below.
        tone: ``bad`` or ``good`` marks the note; empty leaves it plain.
        scale: upper end of the map's colour scale, drawn as a bar below; empty for photos.
        levels: the settings behind it, in small type below the title.
        inside: the figures inside the region of interest; shown instead of ``figure``.
        frames: what it shows at each step of the film; empty if it stays as it is.
    """

    title: str
    png: bytes
    alt: str
    key: str
    figure: str = ""
    note: str = ""
    tone: str = ""
    scale: str = ""
    levels: str = ""
    inside: str = ""
    frames: tuple[Frame, ...] = ()


Row = tuple[str, list[Panel]]


@dataclass(frozen=True)
class Film:
    """The steps that panels with frames play through; the last one is the result.

    Attributes:
        name: of the slider.
        labels: what is said beside it, one a step.
        values: the curve above it, one a step.
    """

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Card:
    """An estimator beside the stage; its picture and figures are those of the panel with its key.

    Attributes:
        key: of the panel.
        title, text: what it is, and its levels.
        clean: its PSNR in dB without an attack.
        curve: its PSNR at every strength of :attr:`Exhibit.strengths`; empty while they are not known.
        action: what its button asks of the page, and its words; nothing without a button.
    """

    key: str
    title: str
    text: str
    clean: float
    curve: tuple[float, ...] = ()
    action: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Choice:
    """A choice that full screen keeps: one of the page's fields, labels of its values, the one it has."""

    field: str
    label: str
    labels: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class Exhibit:
    """What turns the viewer into the exhibit: one compared pair, cards beside it, a strip below.

    Attributes:
        cards: the estimators that are compared, the one without weights last.
        floor: what lies below the last card's figure, in words.
        said: the verdict in plain text, for full screen.
        strength: how strongly is attacked.
        switch: what the attack is made on.
        strengths: places in ``strength`` that are computed, in order.
        scrubbed: by a card's key, its picture and figure at each of them.
        more: whether there is more to be had, films or strengths; the browser asks for it.
        region: that the attack is kept in; empty: everywhere.
        still: why nothing is played, where there is no film.
    """

    cards: tuple[Card, ...]
    floor: str
    said: str
    strength: Choice
    switch: Choice
    strengths: tuple[int, ...] = ()
    scrubbed: Mapping[str, tuple[Frame, ...]] = field(default_factory=dict)
    more: bool = False
    region: str = ""
    still: str = "This attack takes no steps"


def script() -> str:
    """The viewer's JavaScript, without anything of Streamlit's; it defines the class ``Viewer``."""
    return javascript.bundle(FOLDER / "viewer.js")


def style() -> str:
    """The viewer's rules of style; colours and font come from Streamlit's variables, if there are any."""
    return (FOLDER / "viewer.css").read_text(encoding="utf-8")


def document(shown: Mapping[str, Any]) -> str:
    """A page of HTML that needs nothing from outside, with the viewer of a :func:`payload`; what is written
    here stands in ``root.viewer``."""
    data = json.dumps(shown, ensure_ascii=False).replace("</", "<\\/")  # nothing may end the script element
    return (
        f"<!doctype html><meta charset=utf-8><style>{style()}</style><div class=viewer></div>"
        f"<script type=module>{script()}\nconst root = document.querySelector('.viewer');"
        f"root.viewer = new Viewer(root); root.viewer.update({data});</script>"
    )


def payload(
    rows: Sequence[Row],
    *,
    version: str,
    pair: tuple[str, str] = ("", ""),
    tabs: Sequence[tuple[str, str]] = (),
    tab: str = "",
    film: Film | None = None,
    view: ViewState | None = None,
    apply: str = "",
    exhibit: Exhibit | None = None,
) -> dict[str, Any]:
    """What the viewer is given, ready for JSON; see :func:`pages.widgets.viewer.viewer.show`.

    Raises:
        ValueError: if two panels have the same key.
    """
    view = view or ViewState()
    keys = [panel.key for _, panels in rows for panel in panels]
    if len(set(keys)) < len(keys):
        raise ValueError(f"panels need different keys, not {keys}")
    return {
        "version": version,
        "apply": apply,
        "view": view.to_query(),
        "pair": list(pair),
        "tabs": [list(tab) for tab in tabs],
        "tab": tab or (tabs[0][0] if tabs else ""),
        "film": vars(film) if film else None,
        "exhibit": _exhibit(exhibit) if exhibit else None,
        "limits": LIMITS,
        "bar": _text(render.png(render.scale_bar())),
        "rows": [
            {"heading": heading, "panels": [_panel(panel) for panel in panels]} for heading, panels in rows
        ],
    }


def _panel(panel: Panel) -> dict[str, Any]:
    words = {field.name: getattr(panel, field.name) for field in fields(panel)}
    return {**words, "png": _text(panel.png), "frames": [_frame(frame) for frame in panel.frames]}


def _frame(frame: Frame) -> dict[str, str]:
    words = {name: text for name, text in vars(frame).items() if name != "png" and text}
    return {**words, "png": _text(frame.png)}


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    frames = {key: [_frame(frame) for frame in shown] for key, shown in exhibit.scrubbed.items()}
    return {**asdict(replace(exhibit, scrubbed={})), "scrubbed": frames}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()

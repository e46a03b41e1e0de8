"""How somebody looks at the pictures: its own small set of query parameters beside the scenario's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import UserError
from core.regions import Region

MODES = ("grid", "large", "swipe", "flicker", "difference")


@dataclass(frozen=True)
class ViewState:
    """Mode, picked panels, zoom, region, tab and step of the viewer.

    Attributes:
        mode: one of :data:`MODES`; ``grid`` is side by side.
        a, b: keys of the compared panels; empty for what the page suggests.
        zoom: factor over the whole picture, and the centre's x and y in [0, 1].
        region: the rectangle drawn on all panels, in pixels.
        tab: key of the set of rows; empty for the first.
        step: of the film.
    """

    mode: str = "grid"
    a: str = ""
    b: str = ""
    zoom: tuple[float, float, float] = (1.0, 0.5, 0.5)
    region: Region | None = None
    tab: str = ""
    step: int = 0

    def to_query(self) -> dict[str, str]:
        """What differs from the defaults; empty for a fresh view."""
        default = ViewState()
        texts = {
            "view": self.mode,
            "a": self.a,
            "b": self.b,
            "zoom": ",".join(f"{value:.6g}" for value in self.zoom),
            "region": self.region.to_text() if self.region else "",
            "tab": self.tab,
            "step": str(self.step),
        }
        changed = {
            "view": self.mode != default.mode,
            "a": self.a,
            "b": self.b,
            "zoom": self.zoom != default.zoom,
            "region": self.region,
            "tab": self.tab,
            "step": self.step,
        }
        return {name: text for name, text in texts.items() if changed[name]}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ViewState:
        """The view of a link; whatever cannot be read is left at its default."""
        mode = query.get("view", "grid")
        return cls(
            mode=mode if mode in MODES else "grid",
            a=query.get("a", ""),
            b=query.get("b", ""),
            zoom=_zoom(query.get("zoom", "")),
            region=_region(query.get("region", "")),
            tab=query.get("tab", ""),
            step=int(step[:6]) if (step := query.get("step", "")).isdecimal() else 0,
        )


def _zoom(text: str) -> tuple[float, float, float]:
    try:
        factor, x, y = map(float, text.split(","))
    except ValueError:
        return ViewState.zoom
    if not all(math.isfinite(value) for value in (factor, x, y)):
        return ViewState.zoom
    return min(max(factor, 1.0), 64.0), min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def _region(text: str) -> Region | None:
    try:
        return Region.from_text(text) if text else None
    except UserError:
        return None

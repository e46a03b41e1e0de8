"""How somebody looks at the pictures: its own small set of query parameters beside the scenario's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.base.errors import UserError
from core.base.options import whole
from core.pictures.regions import Region

MODES = ("grid", "large", "swipe", "flicker", "difference", "side")
LIMITS = (4, 8, 16, 32, 64, 128)


@dataclass(frozen=True)
class ViewState:
    """Mode, picked panels, zoom, region, tab and step of the viewer.

    Attributes:
        mode: one of :data:`MODES`; ``grid`` is all pictures side by side, ``side`` A and B.
        a, b: keys of the compared panels; empty for what the page suggests.
        zoom: factor over the whole picture, and the centre's x and y in [0, 1].
        region: the rectangle drawn on all panels, in pixels.
        tab: key of the set of rows; empty for the first.
        step: of the film; below 0 its end.
        divider: where the swiped pictures meet, in [0, 1] of the width.
        limit: grey levels at which a difference's colours end.
    """

    mode: str = "grid"
    a: str = ""
    b: str = ""
    zoom: tuple[float, float, float] = (1.0, 0.5, 0.5)
    region: Region | None = None
    tab: str = ""
    step: int = -1
    divider: float = 0.5
    limit: int = 32

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
            "divider": f"{self.divider:.4g}",
            "limit": str(self.limit),
        }
        changed = {
            "view": self.mode != default.mode,
            "a": self.a,
            "b": self.b,
            "zoom": self.zoom != default.zoom,
            "region": self.region,
            "tab": self.tab,
            "step": self.step >= 0,
            "divider": self.divider != default.divider,
            "limit": self.limit != default.limit,
        }
        return {name: text for name, text in texts.items() if changed[name]}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ViewState:
        """The view of a link; whatever cannot be read is left at its default."""
        mode = query.get("view", "grid")
        zoom = _numbers(query.get("zoom", ""))
        divider = _numbers(query.get("divider", ""))
        limit = whole(query.get("limit", ""))
        return cls(
            mode=mode if mode in MODES else "grid",
            a=query.get("a", ""),
            b=query.get("b", ""),
            zoom=(_within(zoom[0], 1, 64), _within(zoom[1], 0, 1), _within(zoom[2], 0, 1))
            if len(zoom) == 3
            else cls.zoom,
            region=_region(query.get("region", "")),
            tab=query.get("tab", ""),
            step=found if (found := whole(query.get("step", ""))) is not None else cls.step,
            divider=_within(divider[0], 0, 1) if len(divider) == 1 else cls.divider,
            limit=limit if limit in LIMITS else cls.limit,
        )


def _numbers(text: str) -> list[float]:
    """Finite numbers parted by commas; none if there is anything else."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return found if all(map(math.isfinite, found)) else []


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _region(text: str) -> Region | None:
    try:
        return Region.from_text(text) if text else None
    except UserError:
        return None

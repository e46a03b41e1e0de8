"""Ten digits drawn by us as strokes, so that there is something to attack before one is drawn."""

from __future__ import annotations

import math

from core.problems.digits.drawing import Drawing, Stroke


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    """Points of an ellipse's arc; degrees, clockwise on the screen from three o'clock."""
    steps = max(2, round(abs(end - start) / 12))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return tuple((round(x + rx * math.cos(a)), round(y + ry * math.sin(a))) for a in angles)


SAMPLES: tuple[Drawing, ...] = (
    (_arc(128, 128, 62, 92, -80, 285),),
    (((100, 70), (136, 38), (130, 120), (122, 218)),),
    ((*_arc(122, 88, 54, 50, -165, 40), (120, 170), (70, 214), (120, 206), (192, 212)),),
    ((*_arc(118, 82, 52, 44, -150, 90), *_arc(116, 172, 62, 48, -90, 150)),),
    (((104, 40), (84, 92), (66, 140), (120, 140), (196, 134)), ((164, 58), (158, 130), (148, 218))),
    (((186, 44), (98, 46), (88, 112), *_arc(116, 158, 66, 52, -110, 140)),),
    (((158, 36), (112, 90), (84, 150), *_arc(126, 168, 48, 46, -185, 185)),),
    (((62, 52), (128, 48), (192, 46), (160, 110), (132, 166), (112, 220)),),
    ((*_arc(126, 82, 44, 42, 60, -210), *_arc(126, 170, 54, 48, -120, 240)),),
    ((*_arc(122, 88, 48, 46, -20, -350), (172, 92), (164, 150), (148, 216)),),
)
"""By digit, 0 to 9."""

from __future__ import annotations

import base64
import doctest
import io

import numpy as np
from PIL import Image

from pages.widgets import numbers, panels


def test_doctests() -> None:
    result = doctest.testmod(numbers)
    assert result.attempted > 0
    assert result.failed == 0


def test_a_pictures_address_holds_its_very_bytes() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)).save(buffer, "PNG")
    kind, body = panels._url(buffer.getvalue()).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(body) == buffer.getvalue()

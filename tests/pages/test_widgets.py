from __future__ import annotations

import base64
import doctest
import io
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from pages.widgets import names, numbers, panels


@pytest.mark.parametrize("module", [names, numbers])
def test_doctests(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_a_pictures_address_holds_its_very_bytes() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)).save(buffer, "PNG")
    kind, body = panels._url(buffer.getvalue()).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(body) == buffer.getvalue()

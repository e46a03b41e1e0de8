"""Fixtures of the linear inverse problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.runtime.engine import Engine
from core.runtime.session import Lab
from tests.core.inverse_networks import untrained_family


@pytest.fixture(scope="session")
def inverse_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten untrained checkpoints, read only."""
    folder = tmp_path_factory.mktemp("inverse")
    for prefix in ("dn", "cs"):
        untrained_family(folder, prefix)
    return folder


@pytest.fixture
def inverse_lab(inverse_folder: Path) -> Lab:
    return Lab(Engine("cpu", "float32", threads=1), inverse_folder)

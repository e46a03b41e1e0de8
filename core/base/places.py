"""Where the files are that come with the code: checkpoints, results, talks, references."""

from __future__ import annotations

from pathlib import Path

CORE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """A folder of the checkout; of an installed package the copy inside it (``setup.py``)."""
    inside = CORE / "shipped" / name
    return inside if inside.exists() else CORE.parent / name

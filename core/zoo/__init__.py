"""Trained networks: their names, metadata and files, shipped, added, exported or published."""

from __future__ import annotations

from core.zoo.elsewhere import register

__all__ = ["register"]

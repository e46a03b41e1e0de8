"""Findings, at its own address."""

from __future__ import annotations

from pages.widgets.studies import findings

findings.show()

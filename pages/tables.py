"""Findings at its tables, under an entry and an address of their own."""

from __future__ import annotations

from pages.widgets.studies import findings

findings.show("tables")

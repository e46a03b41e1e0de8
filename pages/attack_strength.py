"""Findings, at the address that links to the study of attacks have."""

from __future__ import annotations

from pages.widgets.studies import findings

findings.show("compare")

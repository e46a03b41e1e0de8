"""Interim."""

from core.base import PRECISIONS
from core.problems.scenario import BASE, DEPLOYED, SELF, SMOOTHED, nearest_level
from core.problems.super_resolution import SuperResolutionScenario as Scenario

limits = Scenario.limits
explain = Scenario.explain
__all__ = [
    "BASE",
    "DEPLOYED",
    "PRECISIONS",
    "SELF",
    "SMOOTHED",
    "Scenario",
    "explain",
    "limits",
    "nearest_level",
]

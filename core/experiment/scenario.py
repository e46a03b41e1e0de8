"""Interim."""

from core.base import PRECISIONS
from core.problems.scenario import ATTACKS, BASE, DEPLOYED, KEEPS, SELF, SMOOTHED, nearest_level
from core.problems.super_resolution import SuperResolutionScenario as Scenario

limits = Scenario.limits
explain = Scenario.explain
__all__ = [
    "ATTACKS",
    "BASE",
    "DEPLOYED",
    "KEEPS",
    "PRECISIONS",
    "SELF",
    "SMOOTHED",
    "Scenario",
    "explain",
    "limits",
    "nearest_level",
]

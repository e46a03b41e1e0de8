"""What the networks and figures of denoising and compressed sensing are called."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.pictures.units import GREY
from core.problems import PROBLEMS
from core.problems.linear import LinearInverse
from core.problems.names import INVERSE_OBJECTIVES, Identity
from core.problems.scenario import PhotoScenario
from core.reports.titles import OBJECTIVES as OBJECTIVES
from core.reports.titles import short as short
from core.zoo.metadata import InverseMetadata
from pages.widgets.page.names import Name


def problems() -> dict[str, LinearInverse]:
    """The linear inverse problems by name."""
    return {name: problem for name, problem in PROBLEMS.items() if isinstance(problem, LinearInverse)}


def of(scenario: PhotoScenario, models: Iterable[InverseMetadata]) -> dict[str, Name]:
    """Names of a scenario's base networks, with the strength of their training in grey levels."""
    levels = {model.name: model.level for model in models}
    return {
        name: Name(short(name), _training(Identity.parse(name).objective, levels.get(name, 0.0)))
        for name in scenario.networks
    }


def smoothed(scenario: PhotoScenario, name: str) -> Name:
    """The name of a network's smoothed estimate."""
    median = ", median" * (scenario.average == "median")
    levels = f"σ {scenario.sigma_level:g} grey levels, S = {scenario.samples:,}{median}"
    return Name(f"{short(name)}, smoothed", levels)


def _training(objective: str, level: float) -> str:
    if not level:
        return OBJECTIVES[objective][1]
    symbol = {"smt-grad": "σ ≤", "smoothing": "σ ="}.get(objective, "ε =")
    return f"training: {symbol} {level:g} grey levels"


def root(discrepancy: float) -> float:
    """A discrepancy, a mean squared error of pixels in [0, 1], as grey levels RMS.

    >>> round(root(0.0004), 6)
    5.1
    """
    return GREY * math.sqrt(discrepancy)


def in_order(networks: Iterable[str]) -> list[str]:
    """Networks in the order of the objectives, the least defended first, then of their levels."""
    order = [*INVERSE_OBJECTIVES, *OBJECTIVES]

    def place(name: str) -> tuple[int, float]:
        identity = Identity.parse(name)
        return order.index(identity.objective), identity.level

    return sorted(networks, key=place)

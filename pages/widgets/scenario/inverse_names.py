"""What the networks and figures of denoising and compressed sensing are called."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.pictures.units import GREY
from core.problems import PROBLEMS
from core.problems.linear import LinearInverse
from core.problems.names import INVERSE_OBJECTIVES, Identity
from core.problems.scenario import Scenario
from core.zoo.metadata import InverseMetadata
from pages.widgets.page.names import Name


def problems() -> dict[str, LinearInverse]:
    """The linear inverse problems by name."""
    return {name: problem for name, problem in PROBLEMS.items() if isinstance(problem, LinearInverse)}


OBJECTIVES = {
    "ord": ("Ord", "ordinary training"),
    "jcb": ("Jcb", "Jacobian penalty"),
    "adv": ("Adv", "attacks in training"),
    "smt-adv": ("Smt-Adv", "attacks on the smoothed"),
    "smt-grad": ("Smt-Grad", "averaged gradients"),
    "start": ("Start", "common to all five"),
    "standard": ("Standard", "ordinary training"),
    "smoothing": ("Noise", "noise in training"),
    "adversarial": ("Attacks", "attacks in training"),
}
"""By objective: what networks are called, as by the paper, and what it is."""


def short(name: str) -> str:
    """A network as the paper calls it, or by its way of training and level.

    >>> short("cs-smt-adv"), short("ip-rs-10.00"), short("ip-std")
    ('Smt-Adv', 'Noise 10', 'Standard')
    """
    identity = Identity.parse(name)
    called = OBJECTIVES[identity.objective][0]
    return f"{called} {identity.level:g}" if identity.level else called


def of(scenario: Scenario, models: Iterable[InverseMetadata]) -> dict[str, Name]:
    """Names of a scenario's base networks, with the strength of their training in grey levels."""
    levels = {model.name: model.level for model in models}
    return {
        name: Name(short(name), _training(Identity.parse(name).objective, levels.get(name, 0.0)))
        for name in scenario.networks
    }


def smoothed(scenario: Scenario, name: str) -> Name:
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

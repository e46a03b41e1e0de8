"""What the networks and figures of denoising and compressed sensing are called."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.experiment.inverse.scenario import InverseScenario, identity_of
from core.pictures.units import GREY
from core.problems.blocks import BLOCK
from core.problems.operators import BlockSensing
from core.zoo.metadata import InverseMetadata
from core.zoo.names import (
    INVERSE_OBJECTIVES,
    CompressedSensingIdentity,
    DenoisingIdentity,
    InverseIdentity,
)
from pages.widgets.page.names import Name

PROBLEMS = {DenoisingIdentity.problem: "Denoising", CompressedSensingIdentity.problem: "Compressed sensing"}

OBJECTIVES = {
    "ord": ("Ord", "ordinary training"),
    "jcb": ("Jcb", "Jacobian penalty"),
    "adv": ("Adv", "attacks in training"),
    "smt-adv": ("Smt-Adv", "attacks on the smoothed"),
    "smt-grad": ("Smt-Grad", "averaged gradients"),
    "start": ("Start", "common to all five"),
}
"""By objective in a name: as the paper calls it, and what it is."""

_KINDS = {kind.problem: kind for kind in (DenoisingIdentity, CompressedSensingIdentity)}


def network(problem: str, objective: str) -> str:
    """The name of a problem's network.

    >>> network("denoising", "smt-grad")
    'dn-smt-grad'
    """
    return _KINDS[problem](objective=objective).name


def short(name: str) -> str:
    """A network as the paper calls it.

    >>> short("cs-smt-adv")
    'Smt-Adv'
    """
    return OBJECTIVES[identity_of(name).objective][0]


def of(scenario: InverseScenario, models: Iterable[InverseMetadata]) -> dict[str, Name]:
    """Names of a scenario's base networks, with the strength of their training in grey levels."""
    levels = {model.name: model.level for model in models}
    return {
        name: Name(short(name), _training(identity_of(name), levels.get(name, 0.0)))
        for name in scenario.networks
    }


def smoothed(scenario: InverseScenario, name: str) -> Name:
    """The name of a network's smoothed estimate."""
    return Name(f"{short(name)}, smoothed", f"σ {scenario.sigma:g} grey levels, S = {scenario.samples:,}")


def _training(identity: InverseIdentity, level: float) -> str:
    if not level:
        return OBJECTIVES[identity.objective][1]
    noise = identity.objective == "smt-grad"
    return f"training: {'σ ≤' if noise else 'ε ='} {level:g} grey levels"


def root(discrepancy: float) -> float:
    """A discrepancy, a mean squared error of pixels in [0, 1], as grey levels RMS.

    >>> round(root(0.0004), 6)
    5.1
    """
    return GREY * math.sqrt(discrepancy)


def in_order(networks: Iterable[str]) -> list[str]:
    """Networks in the order of the paper's objectives."""
    return sorted(networks, key=lambda name: INVERSE_OBJECTIVES.index(identity_of(name).objective))


def trivial(problem: str) -> str:
    """What the linear estimate is called."""
    return "Measurement" if problem == DenoisingIdentity.problem else "Linear estimate"


def values_of_block(ratio: float) -> str:
    """How much of a block compressed sensing measures.

    >>> values_of_block(0.25)
    '272 of 1,089 values a block'
    """
    return f"{BlockSensing(ratio).rows:,} of {BLOCK**2:,} values a block"

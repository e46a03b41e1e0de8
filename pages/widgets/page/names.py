"""What networks and other estimators are called, with their levels in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.attacks.terms import LEVELS
from core.base.errors import UserError
from core.pictures.units import GREY, STANDARDISED
from core.problems import PROBLEMS
from core.problems.linear import LinearInverse
from core.problems.names import ELSEWHERE, INVERSE_OBJECTIVES, Identity
from core.problems.scenario import PhotoScenario, smoothed_name
from core.reports.titles import OBJECTIVES, short, symbol
from core.zoo import registry
from core.zoo.published import INSTALL, PUBLISHED
from pages.widgets.page.numbers import both_units


@dataclass(frozen=True)
class Name:
    """``title`` and, standardised and in grey levels, the ``levels`` that belong to it."""

    title: str
    levels: str = ""

    @property
    def full(self) -> str:
        """Both in one line."""
        return f"{self.title}, {self.levels}" if self.levels else self.title


def level(symbol: str, value: float) -> str:
    """A standardised level with its meaning in grey levels beside it.

    >>> level("ε_rel", 0.02)
    'ε_rel 0.02 ≈ 1.4 grey levels'
    """
    return f"{symbol} {both_units(value)}"


def unusual(identity: Identity) -> str:
    """What tells a network from the shipped one of its kind, for the end of a title; often nothing.

    >>> unusual(Identity.parse("sr-x2-std-own-mine"))
    ' · mine'
    """
    words = ["literal"] * (not identity.residual) + [identity.tag] * bool(identity.tag)
    return "".join(f" · {word}" for word in words)


def root(discrepancy: float) -> float:
    """A discrepancy, a mean squared error of pixels in [0, 1], as grey levels RMS.

    >>> round(root(0.0004), 6)
    5.1
    """
    return GREY * math.sqrt(discrepancy)


def in_order(networks: Iterable[str]) -> list[str]:
    """Networks of a linear problem, the least defended objective first, then by their levels."""
    order = [*INVERSE_OBJECTIVES, *OBJECTIVES]

    def place(name: str) -> tuple[int, float]:
        identity = Identity.parse(name)
        return order.index(identity.objective), identity.level

    return sorted(networks, key=place)


def networks(scenario: PhotoScenario) -> list[str]:
    """A scenario's networks in the order in which they are shown."""
    return in_order(scenario.networks) if scenario.problem.smooths_all else [*scenario.networks]


def strength(scenario: PhotoScenario) -> str:
    """How strong a scenario's attack is, with its grey levels."""
    said = _in_words(scenario.problem.eps, scenario, scenario.eps_level)
    return said if scenario.norm == "l2" else f"{said} {LEVELS[scenario.norm]}"


def length(scenario: PhotoScenario, reached: float) -> str:
    """How long a perturbation is in the norm that bounds it."""
    return f"‖e‖{'₂' if scenario.norm == 'l2' else '∞'} = {reached:.4f}"


def of(scenario: PhotoScenario) -> dict[str, Name]:
    """Names of a scenario's estimators by what a perturbation can be made on.

    Networks, their smoothed estimates (:func:`core.problems.scenario.smoothed_name`), and the estimators
    without weights.
    """
    found = {network: _network(network) for network in scenario.networks}
    for network in scenario.smoothed:
        found[smoothed_name(scenario, network)] = _smoothed(scenario, network)
    problem = scenario.problem
    for name in problem.baselines(scenario):
        if isinstance(problem, LinearInverse):
            found[name] = Name(problem.measured, "no network")
        else:
            found[name] = Name("Interpolation", f"{name}, no network")
    return found


def _network(name: str) -> Name:
    identity = Identity.parse(name)
    if not PROBLEMS[identity.problem].smooths_all:
        title, levels = {
            "standard": ("Standard training", "no defence"),
            "adversarial": ("Adversarial training", level("ε_rel", identity.level)),
            "smoothing": ("Noise-trained base f", level("σ_f", identity.level)),
            "denoised": ("Standard behind a denoiser, f∘D", level("σ of D", identity.level)),
        }[identity.objective]
        return Name(title + unusual(identity), levels)
    if identity.objective == ELSEWHERE:
        return Name(OBJECTIVES[ELSEWHERE][1].capitalize(), name)
    paper = identity.objective in INVERSE_OBJECTIVES
    strength = _strength(name) if paper else identity.level
    sign = {"smt-grad": "σ ≤", "smoothing": "σ ="}.get(identity.objective, "ε =")
    standardised = PROBLEMS[identity.problem].trained_in is STANDARDISED
    said = both_units(strength) if standardised else f"{strength:g} grey levels"
    words = [short(name)] * paper + [f"{sign} {said}"] * bool(strength)
    title = OBJECTIVES[identity.objective][1].capitalize() + unusual(identity)
    return Name(title, ", ".join(words) or "no defence")


def _strength(name: str) -> float:
    """Of the noise or the attacks in a network's training, which the name of one of the five does not say."""
    try:
        return registry.describe(name).level
    except UserError:  # the network is gone: its name says how it was trained
        return 0.0


def _smoothed(scenario: PhotoScenario, network: str) -> Name:
    linear = scenario.problem.smooths_all
    title = f"Smoothed {short(network)}" if network != scenario.checkpoint else "Smoothed ĝ"
    noise = _in_words(scenario.problem.sigma, scenario, scenario.sigma_level)
    return Name(title + ", median" * (scenario.average == "median"), f"{short(network)}, " * linear + noise)


def _in_words(field: str, scenario: PhotoScenario, value: float) -> str:
    standardised = scenario.problem.space is STANDARDISED
    return level(symbol(field), value) if standardised else f"{symbol(field)} {value:g} grey levels"


def absent(networks: Iterable[str]) -> str:
    """That networks are not here, and what to do about it, in one sentence."""
    names = list(networks)
    how = f"{INSTALL} brings it" if PUBLISHED.keys() & names else ""
    return f"There is no network {', '.join(names)} here: {how or 'the page Models lists them'}."

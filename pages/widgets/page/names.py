"""What the networks of a scenario are called, with their levels in both units."""

from __future__ import annotations

from dataclasses import dataclass

from core.problems.names import Identity
from core.problems.scenario import SMOOTHED, PhotoScenario
from core.problems.super_resolution import SUPER_RESOLUTION
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

    >>> unusual(SUPER_RESOLUTION.identity("sr-x2-std-own-mine"))
    ' · mine'
    """
    words = ["literal"] * (not identity.residual) + [identity.tag] * bool(identity.tag)
    return "".join(f" · {word}" for word in words)


def of(scenario: PhotoScenario) -> dict[str, Name]:
    """Names by checkpoint, and of the smoothed estimate under :data:`core.problems.scenario.SMOOTHED`."""
    found = {}
    for checkpoint in scenario.networks:
        identity = SUPER_RESOLUTION.identity(checkpoint)
        title, levels = {
            "standard": ("Standard training", "no defence"),
            "adversarial": ("Adversarial training", level("ε_rel", identity.level)),
            "smoothing": ("Noise-trained base f", level("σ_f", identity.level)),
        }[identity.objective]
        found[checkpoint] = Name(title + unusual(identity), levels)
    found[SMOOTHED] = Name(
        f"Smoothed ĝ{', median' * (scenario.average == 'median')}", level("σ_g", scenario.sigma_level)
    )
    return found

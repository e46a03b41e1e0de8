"""What a run shows, in one line computed from its figures: who loses how much, and to whom."""

from __future__ import annotations

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Outcome, Pair
from core.problems.scenario import BASE, SELF
from core.problems.super_resolution import SUPER_RESOLUTION
from pages.widgets.page.names import unusual

_OBJECTIVES = {"standard": "standard training", "adversarial": "adversarial training"}


def sentence(outcome: Outcome) -> str:
    """Every defence's PSNR under its attack, and what that is less than its own clean result.

    Whoever lies below plain interpolation, attacked itself, is said to. A base network that is
    smoothed is no defence of its own and is left out.
    """
    scenario = outcome.scenario
    shown = {_name(name): pair for name, pair in outcome.networks.items() if name != scenario.checkpoint}
    alone = not scenario.attacks_smoothed and scenario.attacked == SELF
    only_f = alone and scenario.attack_on == BASE and not ATTACKS[scenario.attack].blind
    shown["smoothing, attacked on f alone" if only_f else "smoothing"] = outcome.chosen.pair
    parts = [f"{name} {figures(pair, outcome)}" for name, pair in shown.items()]
    first, *others = [*parts, f"interpolation **{outcome.without_weights:.1f} dB**"]
    return " · ".join([first[0].upper() + first[1:], *others])


def figures(pair: Pair, outcome: Outcome) -> str:
    """PSNR, its loss to clean if there is one, and whether interpolation does better."""
    attacked = pair.attacked.quality.psnr
    lost = pair.clean.quality.psnr - attacked
    notes = [f"−{lost:.1f}"] * (lost >= 0.05) + ["below interpolation"] * (attacked < outcome.without_weights)
    return f"**{attacked:.1f} dB**" + (f" ({', '.join(notes)})" if notes else "")


def _name(network: str) -> str:
    identity = SUPER_RESOLUTION.identity(network)
    return _OBJECTIVES.get(identity.objective, "f trained with noise") + unusual(identity)

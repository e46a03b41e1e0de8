"""The attack of a scenario on signals, one or several at once: every signal as it would be alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor

from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.experiment.inverse.scenario import InverseScenario


def walk(
    scenario: InverseScenario, estimator: Callable[[Tensor], Tensor], signal: Tensor, truth: Tensor
) -> Iterator[Iterate]:
    """The attack's iterates on signals ``(b, 1, h, w)``, which share the scenario's random start.

    Args:
        scenario: which attack, how strong.
        estimator: h.
        signal: where the attack starts from.
        truth: x, what the error is taken to.
    """
    s, attack = scenario, ATTACKS[scenario.attack]
    terms = Terms(s.radius, steps=s.attack_steps, seeds=attack.seeds(s.seed, len(signal)), keep=s.keep)
    return attack.iterates(BaseError(estimator, truth), signal, terms)

"""The attack of a scenario on signals, one or several at once: every signal as it would be alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.apgd import apgd_l2
from core.attacks.objectives import BaseError
from core.attacks.pgd import evaluation_pgd, pgd_l2
from core.attacks.walk import Iterate
from core.base.seeds import derive
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
    objective, radius, count = BaseError(estimator, truth), scenario.radius, len(signal)
    if scenario.attack == "apgd":
        start = torch.zeros_like(signal)
        return apgd_l2(objective, signal, start, radius=radius, steps=scenario.attack_steps)
    if scenario.attack == "noise":
        start = ball.on_sphere(signal, radius, [derive(scenario.seed, "noise")] * count)
        return pgd_l2(objective, signal, start, radius=radius, steps=0, step_size=0.0)
    return evaluation_pgd(
        objective, signal, scenario.seed, radius=radius, steps=scenario.attack_steps, keep=scenario.keep
    )

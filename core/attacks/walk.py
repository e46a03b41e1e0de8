"""The path of an attack: its iterates, and the walk that projected gradient ascent of any norm takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.attacks.objectives import Objective

Keep = Literal["best", "final"]


@dataclass(frozen=True)
class Iterate:
    """One point of the attack's path.

    Attributes:
        iteration: 0 for the start, ``steps`` for the last.
        perturbation: ``(b, c, h, w)``, the iterate.
        loss: ``(b,)``, the objective there.
        kept: ``(b, c, h, w)``, what the attack would return if it stopped here: per image the
            iterate of highest loss so far (``keep="best"``) or the last one (``"final"``).
        notices: one sentence per image that a figure of this attack must be shown with, empty
            where there is nothing to say; no entries while there is nothing to say at all.
    """

    iteration: int
    perturbation: Tensor
    loss: Tensor
    kept: Tensor
    notices: tuple[str, ...] = ()

    def notice(self, image: int = 0) -> str:
        """The sentence that a figure of one image must be shown with, or nothing."""
        return self.notices[image] if self.notices else ""


def end_of(walk: Iterator[Iterate]) -> Iterate:
    """The last iterate, whose ``kept`` is the attack's result; the others are let go on the way."""
    for iterate in walk:
        last = iterate
    return last


def ascend(
    objective: Objective,
    measurement: Tensor,
    start: Tensor,
    advance: Callable[[Tensor, Tensor], Tensor],
    *,
    steps: int,
    keep: Keep,
) -> Iterator[Iterate]:
    """The walk that projected gradient ascent of any norm shares.

    Args:
        objective: the loss to maximise.
        measurement: ``(b, c, h, w)``, not attacked.
        start: the first perturbation, of the same shape; feasible.
        advance: the next feasible perturbation from the last and the gradient there.
        steps: number of gradient steps.
        keep: see :class:`Iterate`.
    """
    perturbation = kept = start
    highest = torch.full((len(measurement),), -torch.inf, device=measurement.device)
    for iteration in range(steps + 1):
        point = measurement + perturbation
        if iteration < steps:
            loss, gradient = objective.value_and_gradient(point)
        else:
            loss, gradient = objective.value(point), torch.zeros_like(perturbation)
        if keep == "final":
            kept = perturbation
        else:
            better = loss > highest
            kept = torch.where(better.view(-1, 1, 1, 1), perturbation, kept)
            highest = torch.where(better, loss.to(highest), highest)
        yield Iterate(iteration, perturbation, loss, kept)
        if iteration < steps:
            perturbation = advance(perturbation, gradient)

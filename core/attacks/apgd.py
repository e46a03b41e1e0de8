"""APGD: projected gradient ascent that sets its own step size (``croce2020``, Algorithm 1)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.terms import KEEPS, NORMS, Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.ball import Region
    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

MOMENTUM = 0.75
RISING = 0.75
"""Share of a window's steps that must raise the loss for the step size to stay."""


def checkpoints(steps: int) -> list[int]:
    r"""Iterations at which the step size is judged: :math:`w_j = \lceil p_j N \rceil` with
    p = 0, 0.22, then increments shrinking by 0.03 down to 0.06 (section 3 there).

    >>> checkpoints(100)[:5]
    [22, 41, 57, 70, 80]
    """
    marks, before, now = [], 0.0, 0.22
    while now <= 1 + 1e-9:
        marks.append(math.ceil(now * steps - 1e-9))
        before, now = now, now + max(now - before - 0.03, 0.06)
    return list(dict.fromkeys(marks))


def apgd(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    r"""Walk uphill with momentum, from zero; one yield for each of the ``steps + 1`` iterates.

    The step starts at :math:`2\varepsilon` and is halved, per image, at a checkpoint where
    fewer than :data:`RISING` of the steps since the last one raised the loss, or where neither
    the step size nor the best loss changed since; the walk then goes on from the best point.
    The result (``Iterate.kept``) is the iterate of highest loss.

    Losses are compared from step to step, so the objective must be the same at each: fixed
    noise, or averages of fresh noise (:class:`core.smoothing.error.Averaged`) large enough to
    tell steps apart. Of gradients that say nothing see :func:`core.attacks.ascent.ascent`.
    """
    from core.attacks.ball import Region
    from core.attacks.search import searched

    region = Region(point, terms)
    return searched(objective, region, lambda watched: _climb(watched, region))


def _climb(objective: Objective, region: Region) -> Iterator[Iterate]:
    import torch

    from core.attacks.ball import scaled
    from core.attacks.walk import Iterate

    measurement, steps, feasible = region.point, region.terms.steps, region.feasible
    uphill, start = region.uphill, region.terms.start
    start = feasible(torch.zeros_like(measurement) if start is None else start)
    marks = checkpoints(steps)
    current = previous = best = start
    loss, gradient = objective.value_and_gradient(measurement + current)
    best_loss, best_gradient = torch.where(loss.isnan(), -torch.inf, loss), gradient
    step = torch.full_like(loss, 2.0 * region.terms.radius)
    kept_step, marked_loss = torch.ones_like(loss, dtype=torch.bool), loss
    rises, last_mark = torch.zeros_like(loss), 0
    yield Iterate(0, current, loss, best)
    for iteration in range(1, steps + 1):
        ahead = feasible(current + scaled(uphill(gradient), step))
        if iteration > 1:
            ahead = feasible(current + MOMENTUM * (ahead - current) + (1 - MOMENTUM) * (current - previous))
        previous, current, before = current, ahead, loss
        if iteration < steps:
            loss, gradient = objective.value_and_gradient(measurement + current)
        else:
            loss = objective.value(measurement + current)
        rises += loss > before
        better = loss > best_loss
        best, best_loss, best_gradient = (
            _where(better, new, old)
            for new, old in ((current, best), (loss, best_loss), (gradient, best_gradient))
        )
        yield Iterate(iteration, current, loss, best)
        if iteration in marks:
            stuck = kept_step & (best_loss == marked_loss)
            halve = (rises < RISING * (iteration - last_mark)) | stuck
            step = torch.where(halve, step / 2, step)
            current, loss, gradient = (
                _where(halve, new, old)
                for new, old in ((best, current), (best_loss, loss), (best_gradient, gradient))
            )
            kept_step, marked_loss = ~halve, best_loss
            rises, last_mark = torch.zeros_like(rises), iteration


def _where(choice: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return new.where(choice.view(-1, *[1] * (new.ndim - 1)), old)


APGD = Attack(
    "apgd",
    "APGD",
    "projected gradient ascent from zero, with momentum and steps that adapt",
    frozenset(NORMS),
    apgd,
    says=lambda steps, keep, norm: f"APGD-{NORMS[norm]}, {steps} steps from zero, {KEEPS['best']}",
)

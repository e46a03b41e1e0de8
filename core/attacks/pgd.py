r"""Projected gradient ascent in the L2 ball (thesis, section 4.3; Madry et al. 2018).

.. math:: e_{i+1} = \Pi_{\|e\|_2 \le \varepsilon}\bigl(e_i + \alpha \nabla_e L / \|\nabla_e L\|_2\bigr)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.seeds import derive

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
    """

    iteration: int
    perturbation: Tensor
    loss: Tensor
    kept: Tensor


def pgd_l2(
    objective: Objective,
    measurement: Tensor,
    start: Tensor,
    *,
    radius: float,
    steps: int,
    step_size: float,
    keep: Keep = "best",
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    r"""Walk uphill, one yield for each of the ``steps + 1`` iterates.

    Args:
        objective: the loss to maximise.
        measurement: clean measurements ``(b, c, h, w)``, standardised.
        start: perturbations to start from, inside the ball.
        radius: :math:`\varepsilon`, in the measurement's units.
        steps: number of gradient steps; 0 returns the start.
        step_size: :math:`\alpha`; the thesis evaluates with :math:`\varepsilon/4` and trains
            with :math:`\varepsilon/2`.
        keep: what counts as the result, see :class:`Iterate`.
        box: optional lower and upper limits of the *attacked* measurement (broadcastable).
            The clean measurement must lie inside: then clamping only shrinks the
            perturbation and both constraints hold.

    A vanishing gradient leaves its image where it is. Every yielded perturbation satisfies
    ``norm <= radius`` up to float32 rounding.
    """

    def feasible(perturbation: Tensor) -> Tensor:
        return ball.feasible(perturbation, measurement, radius, box)

    yield from ascend(
        objective,
        measurement,
        feasible(start),
        lambda perturbation, gradient: feasible(perturbation + step_size * ball.normalised(gradient)),
        steps=steps,
        keep=keep,
    )


def evaluation_pgd(
    objective: Objective,
    measurement: Tensor,
    seed: int,
    *,
    radius: float,
    steps: int,
    keep: str = "best",
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    r"""PGD as the thesis evaluates with it (section 4.3): random start, steps of :math:`\varepsilon/4`.

    Every image starts from the same point of the ball, as it would alone.

    Args:
        objective, measurement, radius, steps, box: as in :func:`pgd_l2`.
        seed: of the start.
        keep: ``best`` or ``final``, see :class:`Iterate`.
    """
    start = ball.in_ball(measurement, radius, [derive(seed, "attack")] * len(measurement))
    return pgd_l2(
        objective,
        measurement,
        start,
        radius=radius,
        steps=steps,
        step_size=radius / 4,
        keep="final" if keep == "final" else "best",
        box=box,
    )


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

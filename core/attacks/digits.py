"""Attacks on digit classifiers by name, inside the box [0, 1]: one call for training and tests."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.attacks.pgd import pgd_l2
from core.attacks.pgd_linf import in_cube, pgd_linf, sign_attack
from core.attacks.selection import assert_inside
from core.attacks.walk import Iterate, Keep, end_of

STEP = {"linf": 0.1, "l2": 0.25}
"""Length of a step in units of the radius, by kind; the signed step has length one."""


def perturb(
    objective: Objective,
    pictures: Tensor,
    kind: str,
    radius: float,
    *,
    steps: int,
    seeds: Sequence[int],
    keep: Keep = "best",
    step: float | None = None,
) -> Iterate:
    r"""The end of an attack: ``kept`` has :math:`\|e\| \le` ``radius`` and x + e in [0, 1].

    Args:
        objective: the loss to climb.
        pictures: ``(b, 1, 28, 28)`` in [0, 1].
        kind: ``sign`` (one signed step), or projected gradient ascent in the ball of ``linf`` or ``l2``.
        radius: in pixel units, in the norm of the kind.
        steps: of the iterated kinds; they start at a random point of the ball.
        seeds: of the start, one per picture.
        keep: see :class:`core.attacks.walk.Iterate`.
        step: length of a step in units of the radius, instead of :data:`STEP`.
    """
    box = torch.zeros(()).to(pictures), torch.ones(()).to(pictures)
    if kind == "sign":
        walk = sign_attack(objective, pictures, radius=radius, box=box)
    else:
        ascent, start = {"linf": (pgd_linf, in_cube), "l2": (pgd_l2, ball.in_ball)}[kind]
        walk = ascent(
            objective,
            pictures,
            start(pictures, radius, seeds),
            radius=radius,
            steps=steps,
            step_size=radius * (step or STEP[kind]),
            keep=keep,
            box=box,
        )
    last = end_of(walk)
    assert_inside(last.kept, radius, lambda perturbations: size(perturbations, kind))
    return last


def size(perturbations: Tensor, kind: str) -> Tensor:
    """``(b,)`` norms of perturbations, in the norm of the kind of attack."""
    if kind == "l2":
        return ball.norms(perturbations)
    return perturbations.abs().flatten(1).amax(1).double()

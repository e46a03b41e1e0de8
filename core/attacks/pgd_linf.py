r"""Projected gradient ascent in the L-infinity ball (Madry et al. 2018, eq. 2), and its one-step form.

.. math:: e_{i+1} = \Pi_{\|e\|_\infty \le \varepsilon}\bigl(e_i + \alpha\,\mathrm{sign}\,\nabla_e L\bigr)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.attacks.search import searched
from core.attacks.walk import Iterate, Keep, ascend


def in_cube(like: Tensor, radius: float, seeds: Sequence[int]) -> Tensor:
    r"""One uniform point of :math:`\|e\|_\infty \le` ``radius`` per image, from a seed each."""
    points = torch.empty((len(seeds), *like.shape[1:]), device=like.device)
    for row, seed in zip(points, seeds, strict=True):
        row.uniform_(-radius, radius, generator=torch.Generator(like.device).manual_seed(seed))
    return points


def pgd_linf(
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
    r"""Walk uphill along signs, one yield for each of the ``steps + 1`` iterates.

    Arguments as in :func:`core.attacks.pgd.pgd_l2`; ``radius`` bounds every value of the
    perturbation, up to float32 rounding.
    """

    def feasible(perturbation: Tensor) -> Tensor:
        return ball.within(perturbation, measurement, box, lambda e: e.clamp(-radius, radius))

    def advance(perturbation: Tensor, direction: Tensor, length: float) -> Tensor:
        return feasible(perturbation + length * direction.sign())

    def walk(watched: Objective) -> Iterator[Iterate]:
        return ascend(
            watched,
            measurement,
            feasible(start),
            lambda perturbation, gradient: advance(perturbation, gradient, step_size),
            steps=steps,
            keep=keep,
        )

    return searched(objective, measurement, walk, advance, radius=radius)


def sign_attack(
    objective: Objective,
    measurement: Tensor,
    *,
    radius: float,
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    r"""The single step :math:`\mathrm{clip}(x + \varepsilon\,\mathrm{sign}\,\nabla_x L) - x`, clipped
    to the box if there is one (fast gradient sign method, Goodfellow et al. 2015), as two iterates:
    zero and the step."""
    return pgd_linf(
        objective,
        measurement,
        torch.zeros_like(measurement),
        radius=radius,
        steps=1,
        step_size=radius,
        keep="final",
        box=box,
    )

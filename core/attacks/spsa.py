r"""Gradient-free ascent by simultaneous perturbation (SPSA; Spall 1992, eq. 2.2; as an attack
Uesato et al. 2018).

.. math:: \hat\nabla L = \frac{1}{P} \sum_{p=1}^{P}
          \frac{L(e + c\,u_p) - L(e - c\,u_p)}{2c}\, u_p, \qquad u_p \in \{-1, 1\}^d

It only asks for losses, so an objective whose gradient misleads cannot fool it. In d = 76,800
dimensions a small budget finds far less than a gradient does: an attack that it *beats* is
broken, an attack that beats it has passed a necessary check, no more.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.attacks.pgd import pgd_l2
from core.attacks.walk import Iterate
from core.base.noise import gaussian
from core.base.seeds import derive


class _Estimated:
    """An objective whose gradient is estimated from ``2 * pairs`` of its values."""

    def __init__(self, objective: Objective, pairs: int, distance: float, seed: int) -> None:
        self.objective, self.pairs, self.distance, self.seed = objective, pairs, distance, seed
        self.drawn = 0

    def value(self, measurement: Tensor) -> Tensor:
        return self.objective.value(measurement)

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        gradient = torch.zeros_like(measurement)
        for _ in range(self.pairs):
            (noise,) = gaussian(measurement, [derive(self.seed, "spsa", self.drawn)])
            self.drawn += 1
            direction = torch.where(noise < 0, -1.0, 1.0).to(measurement).expand_as(measurement)
            rise = self.objective.value(measurement + self.distance * direction) - self.objective.value(
                measurement - self.distance * direction
            )
            gradient += ball.scaled(direction, rise / (2 * self.distance * self.pairs))
        return self.objective.value(measurement), gradient


def spsa_l2(
    objective: Objective,
    measurement: Tensor,
    start: Tensor,
    *,
    radius: float,
    steps: int,
    step_size: float,
    pairs: int,
    distance: float,
    seed: int,
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    """Projected ascent along estimated gradients; ``2 * pairs + 1`` values a step.

    Args:
        objective, measurement, start, radius, steps, step_size, box: as in
            :func:`core.attacks.pgd.pgd_l2`; only the objective's values are asked for.
        pairs: pairs of opposite points per estimate.
        distance: c, change of every value of the measurement in a pair, in its units.
        seed: of the directions.
    """
    return pgd_l2(
        _Estimated(objective, pairs, distance, seed),
        measurement,
        start,
        radius=radius,
        steps=steps,
        step_size=step_size,
        box=box,
    )

r"""Gradient-free ascent by simultaneous perturbation (``spall1992``, eq. 2.2; as an attack ``uesato2018``).

.. math:: \hat\nabla L = \frac{1}{P} \sum_{p=1}^{P}
          \frac{L(e + c\,u_p) - L(e - c\,u_p)}{2c}\, u_p, \qquad u_p \in \{-1, 1\}^d

It only asks for losses, so an objective whose gradient misleads cannot fool it. In d = 76,800
dimensions a small budget finds far less than a gradient does: an attack that it *beats* is
broken, an attack that beats it has passed a necessary check, no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.terms import KEEPS, NORMS, Terms
from core.base.seeds import derive

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.ball import Region
    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

PAIRS, DISTANCE = 4, 0.05
"""P; and c, in the units of the point."""


class _Estimated:
    """An objective whose gradient is estimated from ``2 * pairs`` of its values."""

    def __init__(self, objective: Objective, region: Region, pairs: int, distance: float) -> None:
        self.objective, self.region, self.pairs, self.distance = objective, region, pairs, distance
        self.seed = region.terms.seeds[0]
        self.drawn = 0

    def value(self, measurement: Tensor) -> Tensor:
        return self.objective.value(measurement)

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        from core.attacks.ball import scaled
        from core.base.noise import gaussian

        gradient = measurement.new_zeros(measurement.shape)
        for _ in range(self.pairs):
            (noise,) = gaussian(measurement, [derive(self.seed, "spsa", self.drawn)])
            self.drawn += 1
            signs = (1.0 - 2.0 * (noise < 0)).to(measurement).expand_as(measurement)
            direction = self.region.within(signs)
            rise = self.objective.value(measurement + self.distance * direction) - self.objective.value(
                measurement - self.distance * direction
            )
            gradient += scaled(direction, rise / (2 * self.distance * self.pairs))
        return self.objective.value(measurement), gradient


def spsa(
    objective: Objective, point: Tensor, terms: Terms, *, pairs: int = PAIRS, distance: float = DISTANCE
) -> Iterator[Iterate]:
    """Projected ascent along estimated gradients, from zero; ``2 * pairs + 1`` losses a step.

    Args:
        objective: only its values are asked for.
        point, terms: as for any attack; directions are shared by all images, from the first of the seeds.
        pairs: of opposite points per estimate.
        distance: change of every value of the point in a pair, in its units.
    """
    from core.attacks.ascent import ascent
    from core.attacks.ball import Region

    start = point.new_zeros(point.shape) if terms.start is None else terms.start
    estimated = _Estimated(objective, Region(point, terms), pairs, distance)
    return ascent(estimated, point, start, terms, terms.step or 0.25)


SPSA = Attack(
    "spsa",
    "SPSA",
    f"steps of ε/4 from zero, each along a gradient estimated from {2 * PAIRS} outputs",
    frozenset(NORMS),
    spsa,
    says=lambda steps, keep, norm: (
        f"SPSA-{NORMS[norm]}, {steps} steps of ε/4 from zero, each along a gradient estimated from "
        f"{2 * PAIRS} outputs, {KEEPS[keep]}"
    ),
    cost=lambda steps: (steps * (2 * PAIRS + 1) + 1, 0),
    stream="spsa",
)

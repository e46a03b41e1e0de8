"""Gaussian noise of the attack's norm: what a perturbation does that nobody has chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.terms import Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate


def noise(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """A uniform point of the sphere for each seed, as the only iterate; its loss is not asked for: nan."""
    from core.attacks.ball import Region, normalised
    from core.attacks.walk import Iterate
    from core.base.noise import gaussian

    region = Region(point, terms)
    found = region.feasible(terms.radius * normalised(region.within(gaussian(point, terms.seeds))))
    yield Iterate(0, found, point.new_full((len(point),), math.nan), found)


NOISE = Attack(
    "noise",
    "Gaussian noise",
    "Gaussian noise of norm ε",
    frozenset({"l2"}),
    noise,
    says=lambda steps, keep, norm: "Gaussian noise of norm ε, the same for all",
    steps=0,
    cost=lambda steps: (0, 0),
    blind=True,
    stream="noise",
)

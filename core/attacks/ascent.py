"""The walk that projected ascent shares, in any norm and from any start."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.attacks.ball import Region
from core.attacks.objectives import Objective
from core.attacks.search import searched
from core.attacks.terms import Terms
from core.attacks.walk import Iterate


def ascent(
    objective: Objective, point: Tensor, start: Tensor, terms: Terms, step: float
) -> Iterator[Iterate]:
    """Walk uphill, one yield for each of the ``steps + 1`` iterates.

    A gradient that vanishes or is not finite leaves its image where it is; then the search of
    :mod:`core.attacks.search` follows, in further iterates. Every yielded perturbation satisfies
    ``norm <= radius`` up to float32 rounding.

    Args:
        objective: the loss to maximise.
        point: ``(b, c, h, w)``, not attacked.
        start: perturbations to start from, inside the ball.
        terms: what is allowed.
        step: length of a step in units of the radius.
    """
    region, length = Region(point, terms), terms.radius * step

    def walk(watched: Objective) -> Iterator[Iterate]:
        perturbation = kept = region.feasible(start)
        highest = torch.full((len(point),), -torch.inf, device=point.device)
        for iteration in range(terms.steps + 1):
            if iteration < terms.steps:
                loss, gradient = watched.value_and_gradient(point + perturbation)
            else:
                loss, gradient = watched.value(point + perturbation), torch.zeros_like(perturbation)
            if terms.keep == "final":
                kept = perturbation
            else:
                better = loss > highest
                kept = torch.where(better.view(-1, 1, 1, 1), perturbation, kept)
                highest = torch.where(better, loss.to(highest), highest)
            yield Iterate(iteration, perturbation, loss, kept)
            if iteration < terms.steps:
                perturbation = region.advance(perturbation, gradient, length)

    return searched(objective, region, walk)

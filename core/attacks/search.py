r"""What takes over where an attack's gradient cannot be used: a search that needs none.

A gradient that is zero (rounded or masked outputs) or not finite (a root of zero) leaves an attack
where it is, and the network looks robust. So every walk is watched: where it met such a gradient it
goes on as a search that asks for outputs alone, and its result carries a notice that says so. Steps
shrink from the radius; those that raise the loss are kept.

**Reconstructions** are searched along :math:`J r \approx (f(z + h r) - f(z)) / h` with
:math:`r = f(z) - x`. The gradient is :math:`J^T r`, and the Jacobian of a good reconstruction is
nearly symmetric (that of the ideal denoiser is a covariance). From the shipped super-resolution
networks this takes 35 to 108 % of the decibels that ten steps of PGD take, from the denoising ones all of
them, in compressed sensing 20 %; :mod:`core.attacks.spsa` takes 3 to 8 % with more outputs.

**Classifiers**, and images whose r or J r is zero, are searched along random patterns of a few pixels,
repeated over the whole picture: what breaks a convolutional network in one place breaks it everywhere.

That nothing is found proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective, OfOutputs
from core.attacks.walk import Iterate
from core.base.noise import gaussian
from core.base.seeds import derive

STEPS, PATTERNS = 20, 100
"""Steps of a search of a reconstruction, and of one along patterns alone."""

FORWARDS = 3 + 3 * STEPS
"""Outputs that a search of a reconstruction asks for, per image."""

PERIODS = (2, 4, 8)
"""Sides of the repeated patterns, in pixels, in turn."""

LAST_LENGTH = 0.1
"""Length of the last step over that of the first one, which is the radius."""


class Watched:
    """An objective that notes, per image, the gradients and errors that an attack cannot follow.

    Values of a gradient that are not finite are handed on as zero: the others still point uphill.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.zero: list[Tensor] = []
        self.broken: list[Tensor] = []
        self.lost: list[Tensor] = []

    def value(self, measurement: Tensor) -> Tensor:
        loss = self.objective.value(measurement)
        self.lost.append(loss.isnan())
        return loss

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = self.objective.value_and_gradient(measurement)
        largest = gradient.abs().flatten(1).amax(1)
        broken = ~(largest + loss).isfinite()
        self.zero.append(largest == 0)
        self.broken.append(broken)
        return loss, gradient.nan_to_num(0.0, 0.0, 0.0) if broken.any() else gradient

    def notices(self) -> tuple[str, ...]:
        """What to say, one sentence per image; empty where all of them could be used."""
        counts = (torch.stack(marks).sum(0).tolist() for marks in (self.zero, self.broken, self.lost))
        return tuple(self._notice(*each) for each in zip(*counts, strict=True))

    def _notice(self, zero: int, broken: int, lost: int) -> str:
        if not (zero or broken or lost):
            return ""
        kinds = " or ".join(kind for kind, count in (("zero", zero), ("not finite", broken)) if count)
        what = f"gradient is {kinds} at {zero + broken} of {len(self.zero)} steps" if kinds else (
            "error is not a number where the attack ended"
        )  # fmt: skip
        return (
            f"its {what}, where no attack can follow it; a search without gradients went on from there, and "
            "a stronger attack may exist."
        )


def searched(
    objective: Objective, region: ball.Region, walk: Callable[[Objective], Iterator[Iterate]]
) -> Iterator[Iterate]:
    """A walk, and after it, for the images whose gradient could not be used, the search.

    Args:
        objective: the loss to maximise.
        region: where perturbations may lie; where its radius is 0 nothing is searched, nor is it after a
            walk of no steps.
        walk: the attack, given the objective that it is to ask.
    """
    measurement, radius = region.point, region.terms.radius
    watched = Watched(objective)
    for last in walk(watched):
        yield last
    notices = watched.notices() if last.iteration > 0 and radius > 0 else ()
    if not any(notices):
        return
    searching = torch.tensor([bool(notice) for notice in notices], device=measurement.device)
    kept, highest = last.kept, objective.value(measurement + last.kept)
    lost = searching & highest.isnan()
    if lost.any():
        kept = _chosen(lost, torch.zeros_like(kept), kept)
        highest = torch.where(lost, -torch.inf, highest)
    restores = _restores(objective, measurement)
    steps = STEPS if restores else PATTERNS
    for number in range(steps):
        direction = _pattern(measurement, number).expand_as(measurement)
        if restores is not None:
            mirrored = ball.normalised(_mirrored(restores, measurement + kept, radius))
            direction = _chosen(mirrored.flatten(1).any(1), mirrored, direction)
        step = region.advance(kept, direction, radius * LAST_LENGTH ** (number / steps))
        candidate = _chosen(searching, step, kept)
        loss = objective.value(measurement + candidate)
        better = searching & (loss > highest)
        kept, highest = _chosen(better, candidate, kept), torch.where(better, loss, highest)
        yield Iterate(last.iteration + 1 + number, candidate, loss, kept, notices)


def _restores(objective: Objective, point: Tensor) -> OfOutputs | None:
    """The objective, if it is of outputs of the point's own shape."""
    if isinstance(objective, OfOutputs) and objective.outputs(point).shape == point.shape:
        return objective
    return None


def _mirrored(objective: OfOutputs, point: Tensor, radius: float) -> Tensor:
    """The gradient ``(b, c, h, w)``, were the Jacobian symmetric, at some scale."""
    outputs = objective.outputs(point)
    slopes = objective.slopes(outputs)
    return objective.outputs(point + radius * ball.normalised(slopes)) - outputs


def _pattern(like: Tensor, number: int) -> Tensor:
    """``(1, c, h, w)``: the same for all images, whoever is attacked with them."""
    period, (height, width) = PERIODS[number % len(PERIODS)], like.shape[-2:]
    tile = gaussian(like[:1, :, :period, :period], [derive(0, "search", number)]).to(like)
    return tile.tile(1, 1, height // period + 1, width // period + 1)[..., :height, :width]


def _chosen(choice: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(choice.view(-1, *[1] * (new.ndim - 1)), new, old)

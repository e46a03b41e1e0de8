"""Balls of perturbations, per image: norms, projection, steps, random points. Shapes ``(b, c, h, w)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.attacks.terms import Terms
from core.base.noise import gaussian
from core.base.seeds import derive


def norms(perturbation: Tensor) -> Tensor:
    """L2 norm of each image's perturbation, ``(b,)``, accumulated in float64."""
    lengths: Tensor = torch.linalg.vector_norm(perturbation.flatten(1), dim=1, dtype=torch.float64)
    return lengths


def _per_image(values: Tensor, like: Tensor) -> Tensor:
    """Values ``(b,)`` as ``(b, 1, 1, 1)`` of another tensor's type."""
    return values.to(like.dtype).view(-1, 1, 1, 1)


def scaled(perturbation: Tensor, factors: Tensor) -> Tensor:
    """Each image's perturbation times its own factor, ``factors`` of shape ``(b,)``."""
    return perturbation * _per_image(factors, perturbation)


def normalised(direction: Tensor) -> Tensor:
    """Each image's direction at unit norm; one that is zero or not finite becomes zero."""
    largest = direction.abs().flatten(1).amax(1)
    near = (largest > 1e-30) & (largest < 1e30)
    if not near.all():  # squares and reciprocals of the others would leave the range of numbers
        usable = largest.isfinite() & (largest > 0)
        scale = torch.where(usable & ~near, largest, 1.0)
        direction = torch.where(_per_image(usable, usable), direction / _per_image(scale, direction), 0.0)
    length = norms(direction)
    return scaled(direction, torch.where(length > 0, 1.0 / length, torch.zeros_like(length)))


def project(perturbation: Tensor, radius: float) -> Tensor:
    r"""Project each image's perturbation on :math:`\|e\|_2 \le` ``radius``."""
    return scaled(perturbation, (radius / norms(perturbation).clamp_min(1e-30)).clamp_max(1.0))


def on_sphere(like: Tensor, radius: float, seeds: Sequence[int]) -> Tensor:
    """One uniform point on the sphere per image: Gaussian noise scaled to norm ``radius``."""
    return radius * normalised(gaussian(like, seeds))


def in_ball(like: Tensor, radius: float, seeds: Sequence[int]) -> Tensor:
    r"""One uniform point of the ball per image: uniform direction, norm
    :math:`\varepsilon u^{1/d}` with u uniform in [0, 1] (thesis, section 4.3)."""
    fractions = torch.tensor(
        [torch.rand((), generator=torch.Generator().manual_seed(derive(s, "norm"))) for s in seeds],
        device=like.device,
    )
    return scaled(on_sphere(like, radius, seeds), fractions ** (1.0 / like[0].numel()))


def in_cube(like: Tensor, radius: float, seeds: Sequence[int]) -> Tensor:
    r"""One uniform point of :math:`\|e\|_\infty \le` ``radius`` per image, from a seed each."""
    points = torch.empty((len(seeds), *like.shape[1:]), device=like.device)
    for row, seed in zip(points, seeds, strict=True):
        row.uniform_(-radius, radius, generator=torch.Generator(like.device).manual_seed(seed))
    return points


@dataclass(frozen=True)
class Ball:
    """What a norm decides.

    Attributes:
        norms: of each image's perturbation, ``(b,)`` float64.
        project: on the ball of a radius; it only ever shrinks values.
        uphill: the step of norm one along which a loss with this gradient rises most.
        draw: one uniform point of the ball of a radius per image, from a seed each.
    """

    norms: Callable[[Tensor], Tensor]
    project: Callable[[Tensor, float], Tensor]
    uphill: Callable[[Tensor], Tensor]
    draw: Callable[[Tensor, float, Sequence[int]], Tensor]


BALLS = {
    "l2": Ball(norms, project, normalised, in_ball),
    "linf": Ball(
        lambda e: e.abs().flatten(1).amax(1).double(),
        lambda e, radius: e.clamp(-radius, radius),
        torch.sign,
        in_cube,
    ),
}
"""By the names of :data:`core.attacks.terms.NORMS`."""


@dataclass(frozen=True)
class Region:
    """The perturbations of a point ``(b, c, h, w)`` that the terms of an attack allow."""

    point: Tensor
    terms: Terms

    def within(self, values: Tensor) -> Tensor:
        """Values ``(b, c, h, w)``, zero wherever the point may not change."""
        return values if self.terms.mask is None else values * self.terms.mask

    def feasible(self, perturbation: Tensor) -> Tensor:
        """The perturbation where it is allowed, projected on the ball, and the attacked point clamped to the
        box if there is one.

        Both constraints hold if the point itself lies inside the box: clamping then only shrinks
        the perturbation, and so does projecting again, which rounding needs: the difference of two
        measurements is known to their last digit, not to that of a small perturbation.
        """
        project, radius = BALLS[self.terms.norm].project, self.terms.radius
        inside = project(self.within(perturbation), radius)
        if self.terms.box is None:
            return inside
        lower, upper = self.terms.box
        clamped = torch.maximum(torch.minimum(self.point + inside, upper), lower)
        inside = project(self.within(clamped - self.point), radius)
        attacked = self.point + inside
        over = (attacked > upper) | (attacked < lower)
        return torch.where(over, torch.nextafter(inside, torch.zeros_like(inside)), inside)

    def draw(self) -> Tensor:
        """An allowed perturbation for each seed, as long as the one that is drawn from the whole ball."""
        ball = BALLS[self.terms.norm]
        drawn = ball.draw(self.point, self.terms.radius, self.terms.seeds)
        if self.terms.mask is None:
            return drawn
        inside = self.within(drawn)
        return scaled(inside, ball.norms(drawn) / ball.norms(inside).clamp_min(1e-30))

    def uphill(self, gradient: Tensor) -> Tensor:
        """The allowed step of norm one along which a loss with this gradient rises most."""
        return BALLS[self.terms.norm].uphill(self.within(gradient))

    def advance(self, perturbation: Tensor, gradient: Tensor, length: float) -> Tensor:
        """The feasible perturbation a step of this length further uphill."""
        return self.feasible(perturbation + length * self.uphill(gradient))

"""The L2 ball, per image: norms, projection, random points. Shapes ``(b, c, h, w)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

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


def feasible(
    perturbation: Tensor, measurement: Tensor, radius: float, box: tuple[Tensor, Tensor] | None
) -> Tensor:
    """Project on the ball, with the attacked measurement between two limits (``box``): see :func:`within`."""
    return within(perturbation, measurement, box, lambda e: project(e, radius))


def within(
    perturbation: Tensor,
    measurement: Tensor,
    box: tuple[Tensor, Tensor] | None,
    projected: Callable[[Tensor], Tensor],
) -> Tensor:
    """The projected perturbation, with the attacked measurement clamped to a box, if there is one.

    Both constraints hold if the clean measurement lies inside the box: clamping then only shrinks
    the perturbation, and so does projecting again, which rounding needs: the difference of two
    measurements is known to their last digit, not to that of a small perturbation.

    Args:
        perturbation, measurement: ``(b, c, h, w)``.
        box: lower and upper limits of the attacked measurement, broadcastable.
        projected: projection on the ball, which only ever shrinks values.
    """
    inside = projected(perturbation)
    if box is None:
        return inside
    lower, upper = box
    inside = projected(torch.maximum(torch.minimum(measurement + inside, upper), lower) - measurement)
    attacked = measurement + inside
    over = (attacked > upper) | (attacked < lower)
    return torch.where(over, torch.nextafter(inside, torch.zeros_like(inside)), inside)


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

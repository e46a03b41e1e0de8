"""The L2 ball, per image: norms, projection, random points. Shapes ``(b, c, h, w)``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.seeds import derive
from core.workers import spread

ROWS = 5
"""Draws that one worker makes at a time."""


def norms(perturbation: Tensor) -> Tensor:
    """L2 norm of each image's perturbation, ``(b,)``, accumulated in float64."""
    lengths: Tensor = torch.linalg.vector_norm(perturbation.flatten(1), dim=1, dtype=torch.float64)
    return lengths


def scaled(perturbation: Tensor, factors: Tensor) -> Tensor:
    """Each image's perturbation times its own factor, ``factors`` of shape ``(b,)``."""
    return perturbation * factors.to(perturbation.dtype).view(-1, 1, 1, 1)


def normalised(direction: Tensor) -> Tensor:
    """Each image's direction at unit norm; a zero direction stays zero."""
    length = norms(direction)
    return scaled(direction, torch.where(length > 0, 1.0 / length, torch.zeros_like(length)))


def project(perturbation: Tensor, radius: float) -> Tensor:
    r"""Project each image's perturbation on :math:`\|e\|_2 \le` ``radius``."""
    return scaled(perturbation, (radius / norms(perturbation).clamp_min(1e-30)).clamp_max(1.0))


def feasible(
    perturbation: Tensor, measurement: Tensor, radius: float, box: tuple[Tensor, Tensor] | None
) -> Tensor:
    """Project on the ball, then (``box``) clamp the attacked measurement between two limits.

    Both constraints hold if the clean measurement lies inside the box: clamping then only
    shrinks the perturbation.
    """
    return within(project(perturbation, radius), measurement, box)


def within(perturbation: Tensor, measurement: Tensor, box: tuple[Tensor, Tensor] | None) -> Tensor:
    """The perturbation with the attacked measurement clamped to a box, if there is one."""
    if box is None:
        return perturbation
    lower, upper = box
    return torch.maximum(torch.minimum(measurement + perturbation, upper), lower) - measurement


def gaussian(like: Tensor, seeds: Sequence[int]) -> Tensor:
    """Standard normal noise, float32 ``(len(seeds), c, h, w)``, one seed per image.

    The values depend on the seed and the kind of device alone, never on how many images are
    drawn together.
    """
    noise = torch.empty((len(seeds), *like.shape[1:]), device=like.device)

    def fill(numbers: range) -> None:
        for number in numbers:
            noise[number].normal_(generator=torch.Generator(like.device).manual_seed(seeds[number]))

    spread(fill, [range(first, min(first + ROWS, len(seeds))) for first in range(0, len(seeds), ROWS)])
    return noise


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

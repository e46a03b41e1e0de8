r"""The spectral norm of an estimator's Jacobian, differentiable by the weights.

:math:`\|J\| = \max_{\|w\|=1} \|J^T w\|`. Power iteration finds w without a graph to the weights;
the last product :math:`J^T w` keeps it. By the envelope theorem its gradient at the maximising w
is that of the spectral norm itself. (The published code detaches the last product too, so its
penalty has no gradient.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.attacks import ball
from core.base.noise import gaussian


@torch.enable_grad()
def spectral_norms(
    estimator: Callable[[Tensor], Tensor], points: Tensor, *, iterations: int, seeds: Sequence[int]
) -> Tensor:
    """Spectral norms ``(b,)`` of the Jacobians at points ``(b, c, h, w)``, with a graph.

    Args:
        estimator: maps points to outputs, image by image.
        points: where.
        iterations: products with ``J J^T``; the result grows with them towards the norm.
        seeds: of the first directions, one an image.
    """
    points = points.detach().requires_grad_(True)
    outputs = estimator(points).flatten(1)[..., None, None]
    direction = ball.normalised(gaussian(outputs, seeds))
    # J v is the derivative of J^T u by u, along v.
    dummy = torch.zeros_like(outputs, requires_grad=True)
    (transposed,) = torch.autograd.grad(outputs, points, dummy, create_graph=True)
    for _ in range(iterations):
        (pulled,) = torch.autograd.grad(outputs, points, direction, retain_graph=True)
        (pushed,) = torch.autograd.grad(transposed, dummy, ball.normalised(pulled), retain_graph=True)
        direction = ball.normalised(pushed)
    (last,) = torch.autograd.grad(outputs, points, direction, create_graph=True)
    norms: Tensor = last.flatten(1).norm(dim=1)
    return norms

r"""The worst case of a linear estimator, exactly: a trust-region problem, not an attack.

For :math:`f(z + e) = f(z) + Q e` and the squared error, an attack climbs

.. math:: \varphi(e) = \tfrac1n \|Q e + r\|^2, \qquad r = f(z) - x, \qquad \|e\| \le \varepsilon.

Its maximiser solves :math:`(\lambda I - Q^T Q)\, e = Q^T r` with :math:`\lambda \ge \|Q\|^2` and
:math:`\|e\| = \varepsilon` (``conn2000``, chapter 7). Gradients alone are asked of the objective: they span
the Krylov space of :math:`Q^T Q` and :math:`Q^T r`, in which the small problem is solved (Lanczos;
``gould1999``), until a larger space finds nothing more. Where :math:`Q^T r` has no part in the leading
eigenvector, which rounding does not allow for long, the space holds none of it either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.base.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.terms import Terms
    from core.attacks.walk import Iterate

STEPS = 120
"""Largest dimension of the Krylov space, and so the most gradients that are asked for, besides one."""

FOUND = 1e-7
"""The space is large enough once :data:`LOOK` dimensions more raise the error by less than this share."""

LOOK = 10

LINEAR = 2e-4
"""Largest departure from a linear map that is rounding: share of the change of the outputs."""


def is_linear(objective: Objective, point: Tensor) -> bool:
    """Whether outputs are an affine function of points ``(b, c, h, w)``, and the loss their squared error.

    Tried far from the point, at its own size in two random directions: there no network is linear.
    """
    import torch

    from core.attacks.objectives import BaseError
    from core.base.noise import gaussian

    if not isinstance(objective, BaseError) or not objective.loss.quadratic:
        return False
    size = point.square().mean().sqrt().clamp_min(1e-6)
    one, two = (size * gaussian(point[:1], [seed]) for seed in (1, 2))
    origin, first, second, both = (objective.outputs(point + e) for e in (0 * one, one, two, one + two))
    departure = torch.linalg.vector_norm(first + second - both - origin)
    return bool(departure <= LINEAR * torch.linalg.vector_norm(both - origin))


def exact(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """The worst perturbation in the ball, by the size of the space that it was found in.

    Raises:
        UserError: if the estimator is not linear, or values have limits.
    """
    import torch

    from core.attacks.ball import Region
    from core.attacks.walk import Iterate

    if terms.box is not None or not is_linear(objective, point):
        raise UserError(
            "The exact worst case is that of a linear estimator without limits on values: choose APGD."
        )
    zero, within = torch.zeros_like(point), Region(point, terms).within
    loss, gradient = objective.value_and_gradient(point)
    gradient = within(gradient)
    yield Iterate(0, zero, loss, zero)
    space = _Space(gradient, terms.radius)
    kept, highest = zero, loss
    for dimension in range(1, min(STEPS, point[0].numel()) + 1):
        _, at = objective.value_and_gradient(point + space.direction)
        space.take(within(at) - gradient)
        if dimension % LOOK and not space.exhausted:
            continue
        found = space.solve()
        loss = objective.value(point + found)
        rise = float(((loss - highest) / loss.clamp_min(1e-30)).max())
        better = (loss > highest).view(-1, 1, 1, 1)
        kept, highest = torch.where(better, found, kept), torch.maximum(loss, highest)
        yield Iterate(dimension, found, loss, kept)
        if space.exhausted or rise < FOUND:
            return


class _Space:
    """The Krylov space of each image, ``(dimension, b, n)`` in float64, and the small problem in it."""

    def __init__(self, gradient: Tensor, radius: float) -> None:
        import torch

        flat = gradient.flatten(1).double()
        self.like, self.radius = gradient, radius
        self.slope = torch.linalg.vector_norm(flat, dim=1)
        self.basis = [flat / self.slope.clamp_min(1e-300).unsqueeze(1)]
        self.diagonal: list[Tensor] = []
        self.beside: list[Tensor] = []
        self.exhausted = radius == 0 or bool((self.slope == 0).all())

    @property
    def direction(self) -> Tensor:
        """Where the gradient is asked for next: a perturbation as long as the radius."""
        step: Tensor = self.radius * self.basis[-1]
        return step.view_as(self.like).to(self.like)

    def take(self, change: Tensor) -> None:
        """The change of the gradient along :attr:`direction`."""
        import torch

        image = change.flatten(1).double() / (self.radius or 1.0)
        self.diagonal.append((image * self.basis[-1]).sum(1))
        for vector in (*self.basis, *self.basis):  # twice: once leaves what rounding puts back
            image = image - (image * vector).sum(1, keepdim=True) * vector
        length = torch.linalg.vector_norm(image, dim=1)
        self.beside.append(length)
        self.exhausted = self.exhausted or bool((length <= 1e-7 * self.diagonal[0].abs()).all())
        self.basis.append(image / length.clamp_min(1e-300).unsqueeze(1))

    def solve(self) -> Tensor:
        """The maximiser over the space, per image: ``(b, c, h, w)``."""
        import torch

        size = len(self.diagonal)
        diagonal = torch.stack(self.diagonal, 1)
        beside = torch.stack(self.beside, 1)[:, : size - 1]
        matrix = torch.diag_embed(diagonal) + torch.diag_embed(beside, 1) + torch.diag_embed(beside, -1)
        values, vectors = torch.linalg.eigh(matrix)
        slope = vectors[:, 0, :] * self.slope.unsqueeze(1)
        weights = _on_sphere(values, slope, self.radius)
        within = (vectors * weights.unsqueeze(1)).sum(2)
        basis = torch.stack(self.basis[:size], 1)
        found = (within.unsqueeze(2) * basis).sum(1).view_as(self.like)
        length = torch.linalg.vector_norm(found.flatten(1), dim=1).clamp_min(1e-300)
        worst: Tensor = found * (self.radius / length).view(-1, 1, 1, 1)
        return worst.to(self.like)


def _on_sphere(values: Tensor, slope: Tensor, radius: float) -> Tensor:
    r""":math:`(\lambda - \mu_i)^{-1} s_i` of norm ``radius``: the secular equation by bisection, per image.

    Args:
        values: eigenvalues ``(b, k)``, rising.
        slope: the gradient in their vectors.
    """
    import torch

    top = values[:, -1:]
    length = torch.linalg.vector_norm(slope, dim=1, keepdim=True)
    low, high = torch.zeros_like(top), length / max(radius, 1e-300)
    for _ in range(200):
        middle = (low + high) / 2
        longer = torch.linalg.vector_norm(
            slope / (top - values + middle).clamp_min(1e-300), dim=1, keepdim=True
        ) > radius  # fmt: skip
        low, high = torch.where(longer, middle, low), torch.where(longer, high, middle)
    found: Tensor = slope / (top - values + high).clamp_min(1e-300)
    return found

"""What an attack maximises, per image: a value and its gradient at a measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor


class Objective(Protocol):
    """A loss per image, to be maximised over the attacked measurement."""

    def value(self, measurement: Tensor) -> Tensor:
        """Loss ``(b,)`` at ``(b, c, h, w)``, without a graph."""

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """Loss ``(b,)`` and its gradient ``(b, c, h, w)``."""


@runtime_checkable
class HasResidual(Protocol):
    """An objective that is the mean square of a residual of the measurement's own shape."""

    def residual(self, measurement: Tensor) -> Tensor:
        """Output less target ``(b, c, h, w)`` at ``(b, c, h, w)``, without a graph."""


@torch.enable_grad()
def gradient_of(
    function: Callable[[Tensor], Tensor], at: Tensor, weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """A function's value, and its gradient: of the sum of its values, or weighted (vector–Jacobian product).

    A function that does not depend on its input in a way that can be differentiated has gradient zero.
    """
    point = at.detach().requires_grad_(True)
    value = function(point)
    if not value.requires_grad:
        return value, torch.zeros_like(at)
    weight = torch.ones_like(value) if weight is None else weight
    (gradient,) = torch.autograd.grad(value, point, weight, materialize_grads=True)
    return value.detach(), gradient


@dataclass(frozen=True)
class BaseError:
    r"""Error of the base estimator, :math:`\|f(y+e) - x\|^2 / d`, in standardised units.

    The output is neither de-standardised nor clamped, so that no gradient is masked (thesis,
    eq. for PGD, section 4.3).

    Args:
        estimator: maps ``(b, c, h, w)`` to the same shape, image by image (a network must be
            in eval mode: batch statistics would couple the images).
        target: the standardised true pictures ``(b, c, h, w)``.
    """

    estimator: Callable[[Tensor], Tensor]
    target: Tensor

    def _loss(self, measurement: Tensor) -> Tensor:
        return (self.estimator(measurement) - self.target).square().flatten(1).mean(1)

    @torch.no_grad()
    def value(self, measurement: Tensor) -> Tensor:
        """See :class:`Objective`."""
        return self._loss(measurement)

    @torch.no_grad()
    def residual(self, measurement: Tensor) -> Tensor:
        """See :class:`HasResidual`."""
        return self.estimator(measurement) - self.target

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`Objective`."""
        return gradient_of(self._loss, measurement)

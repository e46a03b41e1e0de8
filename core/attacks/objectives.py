"""What an attack maximises, per image: a value and its gradient at a measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Objective(Protocol):
    """A loss per image, to be maximised over the attacked measurement."""

    def value(self, measurement: Tensor) -> Tensor:
        """Loss ``(b,)`` at ``(b, c, h, w)``, without a graph."""

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """Loss ``(b,)`` and its gradient ``(b, c, h, w)``."""


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

    @torch.enable_grad()
    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`Objective`."""
        point = measurement.detach().requires_grad_(True)
        losses = self._loss(point)
        (gradient,) = torch.autograd.grad(losses.sum(), point)
        return losses.detach(), gradient

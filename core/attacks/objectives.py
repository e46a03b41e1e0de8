"""What an attack maximises, per image: a value and its gradient at a measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from core.attacks.losses import SQUARED_ERROR, Loss


class Objective(Protocol):
    """A loss per image, to be maximised over the attacked measurement."""

    def value(self, measurement: Tensor) -> Tensor:
        """Loss ``(b,)`` at ``(b, c, h, w)``, without a graph."""

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """Loss ``(b,)`` and its gradient ``(b, c, h, w)``."""


@runtime_checkable
class OfOutputs(Protocol):
    """An objective that is a loss of a network's outputs."""

    def outputs(self, measurement: Tensor) -> Tensor:
        """Outputs ``(b, ...)`` at ``(b, c, h, w)``, without a graph."""

    def slopes(self, outputs: Tensor) -> Tensor:
        """Gradient of the loss in the outputs, of their shape."""


@runtime_checkable
class Judged(Protocol):
    """An objective that knows what its attacks' results are to be compared by."""

    def judge(self) -> Objective:
        """The error as it is reported; of an average over draws, over some that no attack sees."""


@runtime_checkable
class Redrawn(Protocol):
    """An objective of an average over draws, which can be others."""

    def fresh(self) -> Objective:
        """New draws at every call: nothing to overfit."""


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
    r"""Error of the base estimator, :math:`\ell(f(y+e), x)`.

    Args:
        estimator: maps ``(b, c, h, w)`` to outputs ``(b, ...)``, image by image (a network must be
            in eval mode: batch statistics would couple the images).
        target: x, what the loss compares outputs with: true pictures ``(b, c, h, w)``, or labels.
        loss: :math:`\ell`.
    """

    estimator: Callable[[Tensor], Tensor]
    target: Tensor
    loss: Loss = SQUARED_ERROR

    def judge(self) -> BaseError:
        return replace(self, loss=self.loss.as_reported) if self.loss.reported else self

    def _loss(self, measurement: Tensor) -> Tensor:
        return self.loss.errors(self.estimator(measurement), self.target)

    @torch.no_grad()
    def value(self, measurement: Tensor) -> Tensor:
        return self._loss(measurement)

    @torch.no_grad()
    def outputs(self, measurement: Tensor) -> Tensor:
        return self.estimator(measurement)

    def slopes(self, outputs: Tensor) -> Tensor:
        return gradient_of(lambda found: self.loss.errors(found, self.target), outputs)[1]

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        return gradient_of(self._loss, measurement)

"""Operators of the package deepinv: whatever it measures linearly can be attacked, smoothed and certified.

The package is optional (``requirements-optional.txt``); :mod:`core.problems.tomography` is one of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.base.errors import UserError

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class PhysicsOperator:
    r"""A linear physics as an operator (:class:`core.problems.linear.Operator`).

    ``A`` and ``A_adjoint`` are asked of it, in float32.

    Args:
        physics: for signals of a side, on a device.
        estimate: its linear estimate of a measurement; by default ``A_dagger``.
        side: of a measurement of this shape, the side of its signal; where all are of one size, anything.
        share: see :class:`core.problems.linear.Operator`.
    """

    physics: Callable[[int, str], Any]
    estimate: Callable[[Any, Tensor], Tensor] = lambda physics, measurement: physics.A_dagger(measurement)
    side: Callable[[torch.Size], int] = lambda shape: 0
    share: float = 1.0

    def A(self, signal: Tensor) -> Tensor:
        return _exactly(lambda x: self.physics(x.shape[-1], str(x.device)).A(x), signal)

    def adjoint(self, measurement: Tensor) -> Tensor:
        return _exactly(lambda y: self._of(y).A_adjoint(y), measurement)

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        return _exactly(lambda y: self.estimate(self._of(y), y), measurement)

    def _of(self, measurement: Tensor) -> Any:
        return self.physics(self.side(measurement.shape), str(measurement.device))


def _exactly(mapped: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    import torch

    with torch.autocast(values.device.type, enabled=False):
        return mapped(values.float())


def operator_of(physics: Any, like: Tensor) -> PhysicsOperator:
    r"""A physics of deepinv for signals of one size, tried on random ones.

    Args:
        physics: with ``A``, ``A_adjoint`` and ``A_dagger``; what noise it knows of is left out.
        like: a signal ``(1, 1, h, w)`` on the device of the physics.

    Raises:
        UserError: one sentence, if A is not linear or ``A_adjoint`` not its adjoint, which
            :math:`\langle A x, y \rangle = \langle x, A^T y \rangle` tells to 1 %.
    """
    import torch

    from core.base.noise import gaussian

    one, two = (gaussian(like, [seed]) for seed in (1, 2))
    first, second, both = (physics.A(each) for each in (one, two, one + two))
    if torch.linalg.vector_norm(first + second - both) > 1e-3 * torch.linalg.vector_norm(both):
        raise UserError("This physics is not linear: its A of a sum is not the sum of its A.")
    forth, back = (first * first).sum(), (one * physics.A_adjoint(first)).sum()
    if abs(forth - back) > 0.01 * forth:
        raise UserError("A_adjoint of this physics is not the adjoint of its A.")
    return PhysicsOperator(lambda side, device: physics, share=first.numel() / like.numel())

"""A batch as objectives of training see it, whatever the problem."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.attacks.losses import SQUARED_ERROR, Loss
from core.problems import problem as observed


@dataclass(frozen=True)
class Observation(observed.Observation):
    """A batch as a problem measures it, and how it is learned from.

    Attributes:
        loss: how outputs are compared with the target.
        box: lower and upper limits of attacked points, if they have any.
    """

    loss: Loss = SQUARED_ERROR
    box: tuple[Tensor, Tensor] | None = None

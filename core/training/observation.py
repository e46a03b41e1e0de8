"""A batch as objectives of training see it, whatever the problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from core.attacks.classification import CrossEntropy
from core.attacks.objectives import BaseError
from core.attacks.objectives import Objective as Climbed
from core.problems import problem as observed
from core.problems.problem import Estimator


@dataclass(frozen=True)
class Loss:
    """One measure of error in the forms that training needs.

    Attributes:
        mean: the scalar to minimise, of outputs and targets.
        error: what attacks climb, of an estimator and targets.
        pooled: outputs ``(b, ...)`` of a smoothed estimator from those of its draws, ``(S, b, ...)``.
    """

    mean: Callable[[Tensor, Tensor], Tensor]
    error: Callable[[Estimator, Tensor], Climbed]
    pooled: Callable[[Tensor], Tensor]


SQUARED_ERROR = Loss(
    mean=lambda outputs, target: F.mse_loss(outputs.float(), target),
    error=BaseError,
    pooled=lambda outputs: outputs.mean(0),
)
CROSS_ENTROPY = Loss(
    mean=lambda scores, labels: F.cross_entropy(scores.float(), labels),
    error=CrossEntropy,
    # A smoothed classifier is the mean of probabilities, not of scores (Salman et al. 2019, eq. 6).
    pooled=lambda scores: scores.float().softmax(-1).mean(0).log(),
)


@dataclass(frozen=True)
class Observation(observed.Observation):
    """A batch as a problem measures it, and how it is learned from.

    Attributes:
        loss: how outputs are compared with the target.
        box: lower and upper limits of attacked points, if they have any.
    """

    loss: Loss = SQUARED_ERROR
    box: tuple[Tensor, Tensor] | None = None

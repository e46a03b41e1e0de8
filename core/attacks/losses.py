"""Measures of error: what attacks raise, what training lowers, and how draws of a network are averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from core.pictures.metrics import ssim
from core.pictures.units import Space


def _unchanged(values: Tensor) -> Tensor:
    return values


@dataclass(frozen=True)
class Loss:
    """A measure of error, image by image.

    A smoothed network is an average over draws of what it *answers*: outputs themselves, unless the loss
    says otherwise.

    Attributes:
        errors: ``(b,)`` of outputs ``(b, ...)`` and what they should be.
        answers: of outputs ``(n, ...)``, what is averaged over draws.
        outputs: of averaged answers, the outputs that give them.
        quadratic: whether errors are squared distances.
        reported: what errors are reported as, if not as they are: of clamped pictures, whose gradients are
            masked. Attacks that choose between perturbations do so by it.
    """

    errors: Callable[[Tensor, Tensor], Tensor]
    answers: Callable[[Tensor], Tensor] = _unchanged
    outputs: Callable[[Tensor], Tensor] = _unchanged
    quadratic: bool = False
    reported: Callable[[Tensor, Tensor], Tensor] | None = None

    @property
    def as_reported(self) -> Loss:
        """The loss whose errors are those that are reported."""
        return replace(self, errors=self.reported or self.errors)

    def mean(self, outputs: Tensor, target: Tensor) -> Tensor:
        """The scalar that training minimises."""
        return self.errors(outputs.float(), target).mean()

    def pooled(self, outputs: Tensor) -> Tensor:
        """Outputs ``(b, ...)`` of a smoothed network from those of its draws, ``(S, b, ...)``."""
        return self.outputs(self.answers(outputs).mean(0))


def _log(probabilities: Tensor) -> Tensor:
    return probabilities.clamp_min(torch.finfo(probabilities.dtype).tiny).log()


def _squared(outputs: Tensor, target: Tensor) -> Tensor:
    return (outputs - target).square().flatten(1).mean(1)


SQUARED_ERROR = Loss(_squared, quadratic=True)
r""":math:`\|f(y) - x\|^2 / d`, of outputs as they are: not clamped, so that no gradient is masked (thesis,
eq. for PGD, section 4.3)."""

CROSS_ENTROPY = Loss(
    lambda scores, labels: F.cross_entropy(scores, labels, reduction="none"),
    answers=lambda scores: scores.softmax(-1),
    outputs=_log,
)
r""":math:`-\log \mathrm{softmax}(f(x))_c`; scores ``(b, classes)``, labels ``(b,)``.

A smoothed classifier is the mean of probabilities, not of scores, and its loss the logarithm of that mean,
not the mean of logarithms (SmoothAdv: ``salman2019``, eq. 6)."""


def _dissimilarity(outputs: Tensor, target: Tensor) -> Tensor:
    return 1 - ssim(outputs, target).to(outputs.dtype)


_OF_PICTURES = {"mse": _squared, "ssim": _dissimilarity}


@lru_cache(maxsize=16)
def loss_of(name: str, space: Space) -> Loss:
    """One of :data:`core.attacks.terms.LOSSES`, of outputs in a space; 1 − SSIM is of pictures in [0, 1] that
    are not clamped, so that no gradient is masked."""
    errors = _OF_PICTURES[name]

    def reported(outputs: Tensor, target: Tensor) -> Tensor:
        return errors(space.picture(outputs), space.picture(target))

    if name == "mse":
        return replace(SQUARED_ERROR, reported=reported)
    return Loss(lambda o, x: errors(space.decode(o), space.decode(x)), reported=reported)

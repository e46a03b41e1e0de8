"""Measures of error: what attacks raise, what training lowers, and how draws of a network are averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """

    errors: Callable[[Tensor, Tensor], Tensor]
    answers: Callable[[Tensor], Tensor] = _unchanged
    outputs: Callable[[Tensor], Tensor] = _unchanged

    def mean(self, outputs: Tensor, target: Tensor) -> Tensor:
        """The scalar that training minimises."""
        return self.errors(outputs.float(), target).mean()

    def pooled(self, outputs: Tensor) -> Tensor:
        """Outputs ``(b, ...)`` of a smoothed network from those of its draws, ``(S, b, ...)``."""
        return self.outputs(self.answers(outputs).mean(0))


def _log(probabilities: Tensor) -> Tensor:
    return probabilities.clamp_min(torch.finfo(probabilities.dtype).tiny).log()


SQUARED_ERROR = Loss(lambda outputs, target: (outputs - target).square().flatten(1).mean(1))
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


def structural_dissimilarity(space: Space) -> Loss:
    """1 − SSIM of outputs in a space, as pictures that are not clamped, so that no gradient is masked."""

    def errors(outputs: Tensor, target: Tensor) -> Tensor:
        return 1 - ssim(space.decode(outputs), space.decode(target)).to(outputs.dtype)

    return Loss(errors)


def loss_of(name: str, space: Space) -> Loss:
    """One of :data:`core.attacks.terms.LOSSES`, of outputs in a space."""
    return structural_dissimilarity(space) if name == "ssim" else SQUARED_ERROR

"""Objectives of attacks on classifiers: the cross entropy of one, and of its smoothed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from core.attacks.objectives import gradient_of


@dataclass(frozen=True)
class CrossEntropy:
    r"""Loss of the base classifier, :math:`-\log \mathrm{softmax}(f(x))_c`, c the answer to leave.

    Args:
        classifier: scores ``(b, classes)`` of pictures ``(b, c, h, w)``, image by image (a network
            must be in eval mode).
        labels: ``(b,)`` the classes that the attack wants to leave.
    """

    classifier: Callable[[Tensor], Tensor]
    labels: Tensor

    def _loss(self, pictures: Tensor) -> Tensor:
        return F.cross_entropy(self.classifier(pictures), self.labels, reduction="none")

    @torch.no_grad()
    def value(self, pictures: Tensor) -> Tensor:
        """See :class:`core.attacks.objectives.Objective`."""
        return self._loss(pictures)

    def value_and_gradient(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`core.attacks.objectives.Objective`."""
        return gradient_of(self._loss, pictures)


@dataclass(frozen=True)
class SmoothedCrossEntropy:
    r"""Loss of the smoothed classifier (SmoothAdv: Salman et al. 2019, eq. 6),

    .. math:: L(x) = -\log \frac{1}{M} \sum_{j=1}^{M} \mathrm{softmax}\bigl(f(x + \delta_j)\bigr)_c.

    The logarithm is taken of the mean, not the mean of logarithms: it is the smoothed
    classifier that is attacked. Its gradient is exact for the noise that is given; the sums over
    j are linear in the probabilities, so pictures go through the network in chunks and the
    memory needed does not grow with M.

    Args:
        classifier: the base classifier f, see :class:`CrossEntropy`.
        labels: ``(b,)`` the classes to leave.
        noise: ``(M, c, h, w)`` draws of :math:`\delta`, scaled by sigma; shared by all pictures.
        chunk: pictures per call of the classifier.
    """

    classifier: Callable[[Tensor], Tensor]
    labels: Tensor
    noise: Tensor
    chunk: int = 250

    def _probabilities(self, pictures: Tensor, noise: Tensor) -> Tensor:
        """Probabilities of the labels ``(b, m)`` under ``m`` draws."""
        noisy = pictures.unsqueeze(1) + noise
        chances = self.classifier(noisy.flatten(0, 1)).softmax(1)
        wanted = self.labels.repeat_interleave(len(noise)).view(-1, 1)
        return chances.gather(1, wanted).view(len(pictures), len(noise))

    def _parts(self, pictures: Tensor) -> tuple[Tensor, ...]:
        return torch.split(self.noise, max(1, self.chunk // len(pictures)))

    def _loss(self, total: Tensor) -> Tensor:
        return -torch.log((total / len(self.noise)).clamp_min(torch.finfo(total.dtype).tiny))

    @torch.no_grad()
    def value(self, pictures: Tensor) -> Tensor:
        """See :class:`core.attacks.objectives.Objective`."""
        chances = [self._probabilities(pictures, part) for part in self._parts(pictures)]
        return self._loss(torch.cat(chances, dim=1).sum(1))

    def value_and_gradient(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`core.attacks.objectives.Objective`."""
        total = torch.zeros(len(pictures), device=pictures.device)
        gradient = torch.zeros_like(pictures)
        for part in self._parts(pictures):
            chances, slope = gradient_of(partial(self._probabilities, noise=part), pictures)
            gradient += slope
            total += chances.sum(1)
        floor = total.clamp_min(torch.finfo(total.dtype).tiny)
        return self._loss(total), -gradient / floor.view(-1, 1, 1, 1)

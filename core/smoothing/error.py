r"""The error of the smoothed estimate as an attack's objective.

.. math:: L(e) = \|\hat g_M(y+e) - x\|^2 / n,
          \qquad \hat g_M(z) = \tfrac{1}{M} \sum_{j=1}^{M} f(z + \delta_j)

**Two-pass gradient.** By the chain rule :math:`\nabla L = \frac1M \sum_j J_f(y+e+\delta_j)^T c`
with the cotangent :math:`c = 2(\hat g_M - x)/n`, which is the same for every sample. So a first
pass without a graph accumulates :math:`\hat g_M`; a second one regenerates the same noise from
its seeds and back-propagates :math:`c/M` chunk by chunk. The gradient is exact and the memory
is that of one chunk, whatever M. Averaging the gradients of :math:`\|f(y+e+\delta_j)-x\|^2`
instead (the usual expectation over transformation) climbs
:math:`\|\hat g-x\|^2 + \mathrm{tr}\,\mathrm{Cov}(f)`, which is another objective: it rewards
spread, which the average removes. That one is ``Averaged(SmoothedError(samples=1,
noise="fresh"), M)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.attacks.objectives import Objective, gradient_of
from core.base.progress import finish
from core.base.seeds import derive
from core.base.workers import stream
from core.smoothing.statistics import Mean
from core.smoothing.stream import accumulate, noisy_copies, parts

Noise = Literal["fixed", "fresh", "independent"]

HELD = 16
"""Copies (images times samples) up to which the graphs of a whole call are held at once."""


@dataclass
class SmoothedError:
    r"""Error of the smoothed estimate, in standardised units; implements ``Objective``.

    The estimate is the mean of the draws, also for an attack on their median
    (:mod:`core.smoothing.estimate`): a median that is counted has no gradient.

    Args:
        estimator: f, maps ``(b, c, h, w)`` to pictures image by image. The output is neither
            de-standardised nor clamped, so that no gradient is masked.
        target: the standardised true pictures ``(b, c, h, w)``.
        sigma: :math:`\sigma_g`, standardised.
        samples: M.
        seed: of the noise.
        chunk: images per forward call; decides the memory, not the result.
        noise: ``fixed``: the same M draws at every call, so that losses can be compared from
            step to step (best iterate, APGD's step control); the attack may overfit them.
            ``fresh``: new draws at every call, the same in both passes: the exact gradient
            of a new objective each time, whose mean is that of
            :math:`\|g-x\|^2 + \mathrm{tr}\,\mathrm{Cov}(f)/M`. ``independent``: new draws in
            each pass: a noisy but unbiased gradient of :math:`\|g-x\|^2` itself.
    """

    estimator: Callable[[Tensor], Tensor]
    target: Tensor
    sigma: float
    samples: int
    seed: int
    chunk: int
    noise: Noise = "fixed"

    def __post_init__(self) -> None:
        if self.samples < 1 or self.chunk < 1 or self.sigma < 0:
            raise ValueError("a smoothed objective needs samples >= 1, chunk >= 1 and sigma >= 0")
        self._calls = 0

    def value(self, measurement: Tensor) -> Tensor:
        """See :class:`core.attacks.objectives.Objective`."""
        return self.residual(measurement).square().flatten(1).mean(1)

    def residual(self, measurement: Tensor) -> Tensor:
        """See :class:`core.attacks.objectives.HasResidual`."""
        return self._residual(measurement, self._seeds()[0])

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`core.attacks.objectives.Objective`."""
        first, second = self._seeds()
        if first == second and self.samples * len(measurement) <= HELD:
            return self._in_one_pass(measurement, first)
        residual = self._residual(measurement, first)
        cotangent = residual * (2.0 / (self.samples * residual[0].numel()))
        return residual.square().flatten(1).mean(1), self._pull_back(measurement, cotangent, second)

    def _seeds(self) -> tuple[int, int]:
        """Seeds of the noise in the first and in the second pass of this call."""
        if self.noise == "fixed":
            return self.seed, self.seed
        self._calls += 1
        first = derive(self.seed, "first pass", self._calls)
        return first, first if self.noise == "fresh" else derive(self.seed, "second pass", self._calls)

    def _in_one_pass(self, measurement: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        def loss(point: Tensor) -> Tensor:
            noisy = noisy_copies(point, range(self.samples), sigma=self.sigma, seed=seed)
            outputs = self.estimator(noisy.flatten(0, 1)).view_as(noisy)
            return (outputs.mean(1) - self.target).square().flatten(1).mean(1)

        return gradient_of(loss, measurement)

    def _residual(self, measurement: Tensor, seed: int) -> Tensor:
        outputs = Mean()
        finish(accumulate(
            self.estimator, measurement, [outputs],
            sigma=self.sigma, samples=self.samples, seed=seed, chunk=self.chunk,
        ))  # fmt: skip
        return (outputs.mean - self.target).to(measurement.dtype)

    def _pull_back(self, measurement: Tensor, cotangent: Tensor, seed: int) -> Tensor:
        r""":math:`\sum_j J_f(y + \delta_j)^T` ``cotangent``, each chunk's graph freed at once."""

        def pull_back(numbers: range) -> Tensor:
            noisy = noisy_copies(measurement, numbers, sigma=self.sigma, seed=seed)
            weights = cotangent.unsqueeze(1).expand_as(noisy).flatten(0, 1)
            _, gradient = gradient_of(self.estimator, noisy.flatten(0, 1), weights)
            return gradient.view_as(noisy).sum(1)

        total = torch.zeros_like(measurement)
        for part in stream(pull_back, parts(self.samples, max(1, self.chunk // len(measurement)))):
            total += part
        return total


@dataclass(frozen=True)
class Averaged:
    """The mean of several calls of a noisy objective: value *and* gradient.

    An attack that averages gradients alone and compares losses of single draws keeps lucky
    draws, not strong perturbations.

    Args:
        objective: one that draws fresh noise at every call.
        times: how many calls to average.
    """

    objective: Objective
    times: int

    def value(self, measurement: Tensor) -> Tensor:
        """See :class:`core.attacks.objectives.Objective`."""
        return torch.stack([self.objective.value(measurement) for _ in range(self.times)]).mean(0)

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        """See :class:`core.attacks.objectives.Objective`."""
        loss, gradient = self.objective.value_and_gradient(measurement)
        for _ in range(self.times - 1):
            more = self.objective.value_and_gradient(measurement)
            loss, gradient = loss + more[0], gradient + more[1]
        return loss / self.times, gradient / self.times

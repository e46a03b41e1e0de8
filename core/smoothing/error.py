r"""The error of the smoothed estimate as an attack's objective.

.. math:: L(e) = \ell(\hat g_M(y+e), x),
          \qquad \hat g_M(z) = \tfrac{1}{M} \sum_{j=1}^{M} f(z + \delta_j)

with the draws' probabilities in place of f for a classifier (:mod:`core.attacks.losses`).

**Two-pass gradient.** By the chain rule :math:`\nabla L = \frac1M \sum_j J_f(y+e+\delta_j)^T c`
with the cotangent :math:`c = \nabla \ell(\hat g_M, x)`, for the squared error :math:`2(\hat g_M - x)/n`,
which is the same for every sample. So a first
pass without a graph accumulates :math:`\hat g_M`; a second one regenerates the same noise from
its seeds and back-propagates :math:`c/M` chunk by chunk. The gradient is exact and the memory
is that of one chunk, whatever M. Averaging the gradients of :math:`\|f(y+e+\delta_j)-x\|^2`
instead (the usual expectation over transformation) climbs
:math:`\|\hat g-x\|^2 + \mathrm{tr}\,\mathrm{Cov}(f)`, which is another objective: it rewards
spread, which the average removes. That one is ``Averaged(SmoothedError(samples=1,
noise="fresh"), M)``.

Of a **median** of the draws, value by value, the first pass keeps the M outputs, and each value's part of
the cotangent goes to the draw that is in the middle, or in halves to the two that are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from core.attacks.losses import SQUARED_ERROR, Loss
from core.attacks.objectives import Objective, gradient_of
from core.base.progress import finish
from core.base.seeds import derive
from core.base.workers import stream
from core.smoothing.estimate import Average
from core.smoothing.statistics import First, Mean, Statistic
from core.smoothing.stream import SMOOTHING, accumulate, noisy_copies, parts

Noise = Literal["fixed", "fresh", "independent"]

HELD = 16
"""Copies (images times samples) up to which the graphs of a whole call are held at once; more, if a chunk
has more."""

JUDGES = 4
"""Draws that judge between attacks, over those of a step of theirs."""


@dataclass
class SmoothedError:
    r"""Error of the smoothed estimate; implements ``Objective``.

    Args:
        estimator, target, loss: see :class:`core.attacks.objectives.BaseError`.
        sigma: :math:`\sigma_g`, in the units of the points.
        samples: M.
        seed: of the noise, which all images share.
        chunk: images per forward call; decides the memory, not the result.
        noise: ``fixed``: the same M draws at every call, so that losses can be compared from
            step to step (best iterate, APGD's step control); the attack may overfit them.
            ``fresh``: new draws at every call, the same in both passes: the exact gradient
            of a new objective each time, whose mean is, of squared errors, that of
            :math:`\|g-x\|^2 + \mathrm{tr}\,\mathrm{Cov}(f)/M`. ``independent``: new draws in
            each pass: a noisy but unbiased gradient of :math:`\|g-x\|^2` itself.
        stream: what the draws are for, see :func:`core.smoothing.stream.accumulate`.
        average: what of the draws is the estimate, see :mod:`core.smoothing.estimate`. The median is exact,
            where the deployed one is counted, and not clamped; it holds M outputs.
    """

    estimator: Callable[[Tensor], Tensor]
    target: Tensor
    sigma: float
    samples: int
    seed: int
    chunk: int
    noise: Noise = "fixed"
    loss: Loss = SQUARED_ERROR
    stream: str = SMOOTHING
    average: Average = "mean"

    def __post_init__(self) -> None:
        if self.samples < 1 or self.chunk < 1 or self.sigma < 0:
            raise ValueError("a smoothed objective needs samples >= 1, chunk >= 1 and sigma >= 0")
        self._calls = 0

    def fresh(self) -> SmoothedError:
        return replace(self, noise="fresh")

    def judge(self) -> SmoothedError:
        """See :class:`core.attacks.objectives.Judged`; of :data:`JUDGES` times as many draws."""
        held_out = derive(self.seed, "held out")
        return replace(
            self, noise="fixed", seed=held_out, samples=JUDGES * self.samples, loss=self.loss.as_reported
        )

    def value(self, measurement: Tensor) -> Tensor:
        return self.loss.errors(self.outputs(measurement), self.target)

    def outputs(self, measurement: Tensor) -> Tensor:
        return self._outputs(self._average(self._answers(measurement, self._seeds()[0])), measurement)

    def slopes(self, outputs: Tensor) -> Tensor:
        return gradient_of(lambda found: self.loss.errors(found, self.target), outputs)[1]

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        first, second = self._seeds()
        if first == second and self.samples * len(measurement) <= max(HELD, self.chunk):
            return self._in_one_pass(measurement, first)

        def loss(answers: Tensor) -> Tensor:
            return self.loss.errors(self._outputs(self._average(answers), measurement), self.target)

        value, cotangents = gradient_of(loss, self._answers(measurement, first))
        return value, self._pull_back(measurement, cotangents.to(measurement.dtype), second)

    def _seeds(self) -> tuple[int, int]:
        """Seeds of the noise in the first and in the second pass of this call."""
        if self.noise == "fixed":
            return self.seed, self.seed
        self._calls += 1
        first = derive(self.seed, "first pass", self._calls)
        return first, first if self.noise == "fresh" else derive(self.seed, "second pass", self._calls)

    def _copies(self, measurement: Tensor, numbers: range, seed: int) -> Tensor:
        return noisy_copies(measurement, numbers, sigma=self.sigma, seed=seed, stream=self.stream)

    def _outputs(self, answers: Tensor, like: Tensor) -> Tensor:
        """The outputs that mean answers stand for."""
        return self.loss.outputs(answers).to(like.dtype)

    def _in_one_pass(self, measurement: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        def loss(point: Tensor) -> Tensor:
            noisy = self._copies(point, range(self.samples), seed)
            answers = self.loss.answers(self.estimator(noisy.flatten(0, 1)))
            draws = answers.view(*noisy.shape[:2], *answers.shape[1:])
            return self.loss.errors(self._outputs(self._average(draws), point), self.target)

        return gradient_of(loss, measurement)

    def _average(self, answers: Tensor) -> Tensor:
        """The average of what :meth:`_answers` keeps of the draws."""
        return _median(answers) if self.average == "median" else answers.mean(1)

    def _answers(self, measurement: Tensor, seed: int) -> Tensor:
        """What the average is made of: all answers ``(b, M, ...)`` for a median, their mean ``(b, 1, ...)``
        otherwise."""
        every, mean = First(self.samples), Mean()
        kept: Statistic = every if self.average == "median" else mean
        finish(accumulate(
            lambda point: self.loss.answers(self.estimator(point)), measurement, [kept],
            sigma=self.sigma, samples=self.samples, seed=seed, chunk=self.chunk, stream=self.stream,
        ))  # fmt: skip
        return every.draws if kept is every else mean.mean.unsqueeze(1)

    def _pull_back(self, measurement: Tensor, cotangents: Tensor, seed: int) -> Tensor:
        r""":math:`\sum_j J_f(y + \delta_j)^T c_j`, each chunk's graph freed at once.

        ``cotangents`` are of :meth:`_answers`: one for each draw, or one that all draws share.
        """
        if cotangents.shape[1] == 1:
            cotangents = (cotangents / self.samples).expand(-1, self.samples, *cotangents.shape[2:])

        def pull_back(numbers: range) -> Tensor:
            noisy = self._copies(measurement, numbers, seed)
            weights = cotangents[:, numbers.start : numbers.stop].flatten(0, 1)
            _, gradient = gradient_of(
                lambda point: self.loss.answers(self.estimator(point)), noisy.flatten(0, 1), weights
            )
            return gradient.view_as(noisy).sum(1)

        total = torch.zeros_like(measurement)
        for part in stream(pull_back, parts(self.samples, max(1, self.chunk // len(measurement)))):
            total += part
        return total


def _median(draws: Tensor) -> Tensor:
    """Of ``(b, M, ...)`` along M: the middle value, or the mean of the two in the middle."""
    ordered, count = draws.sort(dim=1).values, draws.shape[1]
    return (ordered[:, (count - 1) // 2] + ordered[:, count // 2]) / 2


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
        return torch.stack([self.objective.value(measurement) for _ in range(self.times)]).mean(0)

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = self.objective.value_and_gradient(measurement)
        for _ in range(self.times - 1):
            more = self.objective.value_and_gradient(measurement)
            loss, gradient = loss + more[0], gradient + more[1]
        return loss / self.times, gradient / self.times

"""APGD's step control against a plain transcription of Croce & Hein's rules on a quadratic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.apgd import apgd, checkpoints
from core.attacks.fgm import fgm
from core.attacks.objectives import BaseError
from core.attacks.spsa import spsa
from core.attacks.terms import Terms

SIZE = 12


@dataclass
class Quadratic:
    """−½ (e − c)ᵀ diag(a) (e − c), ill-conditioned: ascent overshoots until the step shrinks."""

    curvature: Tensor
    centre: Tensor

    def value(self, point: Tensor) -> Tensor:
        return -0.5 * (self.curvature * (point - self.centre).square()).flatten(1).sum(1)

    def value_and_gradient(self, point: Tensor) -> tuple[Tensor, Tensor]:
        return self.value(point), -self.curvature * (point - self.centre)


def _quadratic(images: int) -> Quadratic:
    generator = torch.Generator().manual_seed(2)
    shape = (images, 1, 3, 4)
    curvature = torch.logspace(0, 2, SIZE, dtype=torch.float64).view(1, 1, 3, 4).expand(shape)
    centre = 0.4 * torch.randn(shape, generator=generator, dtype=torch.float64)
    return Quadratic(curvature, centre)


def _reference(a: np.ndarray, c: np.ndarray, start: np.ndarray, radius: float, steps: int) -> list[float]:
    """Algorithm 1, one image, in the order of the paper's text; the loss of every iterate."""

    def f(e: np.ndarray) -> float:
        return float(-0.5 * np.sum(a * (e - c) ** 2))

    def gradient(e: np.ndarray) -> np.ndarray:
        g = -a * (e - c)
        return g / np.linalg.norm(g)

    def project(e: np.ndarray) -> np.ndarray:
        return e * min(1.0, radius / max(np.linalg.norm(e), 1e-300))

    p = [Fraction(0), Fraction(22, 100)]
    marks = [math.ceil(p[1] * steps)]
    while (following := p[-1] + max(p[-1] - p[-2] - Fraction(3, 100), Fraction(6, 100))) <= 1:
        p.append(following)
        marks.append(math.ceil(following * steps))
    eta, iterates, losses = 2 * radius, [start], [f(start)]
    etas, best_at_marks, last = [eta], [f(start)], 0
    best, best_loss, rises = start, f(start), []
    previous, current = start, start
    for k in range(1, steps + 1):
        z = project(current + eta * gradient(current))
        new = z if k == 1 else project(current + 0.75 * (z - current) + 0.25 * (current - previous))
        rises.append(f(new) > f(current))
        previous, current = current, new
        iterates.append(new)
        losses.append(f(new))
        if losses[-1] > best_loss:
            best, best_loss = new, losses[-1]
        if k in marks:
            first = sum(rises[last:k]) < 0.75 * (k - last)
            second = (len(etas) < 2 or etas[-1] == etas[-2]) and best_loss == best_at_marks[-1]
            if first or second:
                eta, current = eta / 2, best
            etas.append(eta)
            best_at_marks.append(best_loss)
            last = k
    assert eta < radius, "the case must make the step shrink"
    return losses


def test_checkpoints_are_the_papers() -> None:
    shares = [0.22, 0.41, 0.57, 0.70, 0.80, 0.87, 0.93, 0.99]
    assert checkpoints(100) == [round(100 * share) for share in shares]
    assert checkpoints(10)[0] == 3
    assert checkpoints(1) == [1]


def test_every_loss_equals_the_transcription() -> None:
    """Three images at once, each with its own step size, against three single runs."""
    quadratic, radius, steps = _quadratic(3), 1.0, 60
    start = 0.5 * ball.normalised(torch.ones(3, 1, 3, 4, dtype=torch.float64))
    zero = torch.zeros_like(start)
    path = list(apgd(quadratic, zero, Terms(radius, steps=steps, start=start)))
    losses = torch.stack([iterate.loss for iterate in path], 1).numpy()
    for image in range(3):
        a, c, e = (t[image].flatten().numpy() for t in (quadratic.curvature, quadratic.centre, start))
        expected = _reference(a, c, e, radius, steps)
        np.testing.assert_allclose(losses[image], expected, rtol=1e-6, atol=1e-9)
        kept = quadratic.value(path[-1].kept)[image].item()
        assert kept == pytest.approx(max(expected), rel=1e-6, abs=1e-9)
    assert (ball.norms(path[-1].kept) <= radius * (1 + 1e-9)).all()


def test_it_finds_the_worst_perturbation_of_the_measurement_itself() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 4, 4, generator=generator)
    y = x + 0.3 * torch.randn(2, 3, 4, 4, generator=generator)
    objective = BaseError(lambda z: z, x)
    *_, last = apgd(objective, y, Terms(0.5, steps=30))
    expected = (ball.norms(y - x) + 0.5).square() / 48
    torch.testing.assert_close(objective.value(y + last.kept).double(), expected, rtol=1e-4, atol=0)


def test_box_and_zero_gradient() -> None:
    y = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    box = (torch.zeros(1), torch.ones(1))
    *_, last = apgd(BaseError(lambda z: z, 1 - y), y, Terms(2.0, steps=12, box=box))
    attacked = y + last.kept
    assert attacked.min() >= -1e-6
    assert attacked.max() <= 1 + 1e-6
    flat = BaseError(lambda z: 0 * z, y)
    *_, still = apgd(flat, y, Terms(1.0, steps=5))
    assert torch.equal(still.kept, torch.zeros_like(y)), "nothing raises the loss of a constant"


def test_fast_gradient_method_is_one_full_step_along_the_gradient() -> None:
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    y = x + 0.2
    objective = BaseError(torch.tanh, x)
    *_, last = fgm(objective, y, Terms(0.7))
    torch.testing.assert_close(last.kept, 0.7 * ball.normalised(objective.value_and_gradient(y)[1]))


class OnlyValues:
    """An objective whose gradient lies (it is zero): masked, as by clamping or rounding."""

    def __init__(self, target: Tensor) -> None:
        self.honest = BaseError(lambda z: z, target)

    def value(self, point: Tensor) -> Tensor:
        return self.honest.value(point)

    def value_and_gradient(self, point: Tensor) -> tuple[Tensor, Tensor]:
        return self.honest.value(point), torch.zeros_like(point)


def test_gradient_free_ascent_finds_what_a_masked_gradient_hides() -> None:
    x = torch.zeros(1, 1, 2, 3)
    y = torch.full_like(x, 0.3)
    masked = OnlyValues(x)
    fooled = list(apgd(masked, y, Terms(1.0, steps=20)))[20]
    *_, found = spsa(masked, y, Terms(1.0, steps=40, step=0.2, seeds=[0]), pairs=20, distance=0.01)
    best = (ball.norms(y).item() + 1.0) ** 2 / 6
    assert masked.value(y + fooled.kept).item() == pytest.approx(0.09, rel=1e-5)
    assert masked.value(y + found.kept).item() == pytest.approx(best, rel=0.02)
    assert ball.norms(found.kept).item() <= 1 + 1e-5

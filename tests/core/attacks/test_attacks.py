"""The attack against closed forms: an exact maximiser, finite differences, norms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.pgd import pgd
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.noise import gaussian
from core.base.seeds import derive_many
from core.networks.unet import UNet
from core.problems.super_resolution import bilinear

SHAPE = (3, 4, 4)
SIZE = 48


def _last(objective: BaseError, measurement: Tensor, radius: float, steps: int, **options: object) -> Iterate:
    seeds = derive_many(0, "test", len(measurement))
    *_, last = pgd(objective, measurement, Terms(radius, steps=steps, seeds=seeds, **options))  # type: ignore[arg-type]
    return last


def _exact_maximum(matrix: np.ndarray, offset: np.ndarray, radius: float) -> float:
    """Max ‖A e + b‖² over ‖e‖ = radius: a trust-region problem, solved by its secular equation.

    Stationary points satisfy (λI − AᵀA) e = Aᵀb; the maximiser is the one with λ above the
    largest eigenvalue of AᵀA, where ‖e(λ)‖ falls monotonically.
    """
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    coefficients = vectors.T @ (matrix.T @ offset)

    def excess(shift: float) -> float:
        return float(np.linalg.norm(coefficients / (shift - values)) - radius)

    top = values[-1]
    upper = top + np.linalg.norm(coefficients) / radius + 1.0
    shift = brentq(excess, top + 1e-9 * top, upper, xtol=1e-13)
    e = vectors @ (coefficients / (shift - values))
    return float(np.sum((matrix @ e + offset) ** 2))


@pytest.mark.parametrize("radius", [0.1, 1.0, 10.0])
def test_pgd_reaches_the_exact_maximum_of_a_linear_estimator(radius: float) -> None:
    rng = np.random.default_rng(0)
    matrix, y, x = rng.normal(size=(SIZE, SIZE)), rng.normal(size=SIZE), rng.normal(size=SIZE)
    weight = torch.from_numpy(matrix)

    def estimator(measurement: Tensor) -> Tensor:
        return (measurement.flatten(1) @ weight.T).view_as(measurement)

    measurement = torch.from_numpy(y).view(1, *SHAPE)
    objective = BaseError(estimator, torch.from_numpy(x).view(1, *SHAPE))
    reached = _last(objective, measurement, radius, 300).kept
    found = objective.value(measurement + reached).item() * SIZE
    exact = _exact_maximum(matrix, matrix @ y - x, radius)
    assert found <= exact * (1 + 1e-6)
    assert found >= exact * 0.999


def test_it_finds_the_worst_perturbation_of_the_measurement_itself(
    generator: torch.Generator,
) -> None:
    """For f(y) = y the maximiser is along y − x, in closed form (science notes, section 1)."""
    x = torch.randn(2, *SHAPE, generator=generator)
    y = x + 0.3 * torch.randn(2, *SHAPE, generator=generator)
    radius = 0.5
    last = _last(BaseError(bilinear, x), y, radius, 40)
    length = ball.norms(y - x)
    expected = (length + radius).square() / SIZE
    found = BaseError(bilinear, x).value(y + last.kept).double()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=0)


def test_gradient_against_finite_differences(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = UNet(widths=(2, 3, 4)).double().eval()
    torch.nn.init.normal_(network.head.weight, std=0.5)
    x = torch.randn(2, 3, 8, 8, generator=generator, dtype=torch.float64)
    y = x + 0.1 * torch.randn(2, 3, 8, 8, generator=generator, dtype=torch.float64)
    objective = BaseError(network, x)
    losses, gradient = objective.value_and_gradient(y)
    torch.testing.assert_close(losses, objective.value(y))
    step = 1e-6
    for _ in range(20):
        direction = torch.randn(2, 3, 8, 8, generator=generator, dtype=torch.float64)
        difference = objective.value(y + step * direction) - objective.value(y - step * direction)
        slope = (gradient * direction).flatten(1).sum(1)
        torch.testing.assert_close(difference / (2 * step), slope, rtol=1e-5, atol=1e-9)


def test_images_do_not_influence_each_other(generator: torch.Generator) -> None:
    network = UNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.5)
    x = torch.randn(3, 3, 16, 16, generator=generator)
    together = _last(BaseError(network, x), x, 1.0, 3).kept
    start = ball.in_ball(x, 1.0, derive_many(0, "test", 3))
    for index in range(3):
        one = slice(index, index + 1)
        *_, alone = pgd(BaseError(network, x[one]), x[one], Terms(1.0, steps=3, start=start[one]))
        torch.testing.assert_close(alone.kept, together[one], rtol=1e-3, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    radius=st.floats(1e-3, 1e3),
    scale=st.floats(1e-6, 1e6),
    seed=st.integers(0, 2**31),
)
def test_projection_and_random_starts_stay_in_the_ball(radius: float, scale: float, seed: int) -> None:
    e = scale * gaussian(torch.zeros(1, *SHAPE), [seed, seed + 1])
    projected = ball.project(e, radius)
    assert (ball.norms(projected) <= radius * (1 + 1e-5)).all()
    inside = ball.norms(e) <= radius * (1 - 1e-6)
    assert torch.equal(projected[inside], e[inside])
    starts = ball.in_ball(torch.zeros(1, *SHAPE), radius, [seed, seed + 1])
    assert (ball.norms(starts) <= radius * (1 + 1e-5)).all()


def test_random_points_of_the_ball_have_the_right_radii() -> None:
    """For u uniform, ‖e‖/ε = u^{1/d}: its d-th power is uniform (Kolmogorov–Smirnov)."""
    from scipy.stats import kstest

    points = ball.in_ball(torch.zeros(1, 1, 2, 2), 3.0, range(2000))
    fractions = (ball.norms(points) / 3.0) ** 4
    assert kstest(fractions.numpy(), "uniform").pvalue > 1e-3
    assert ball.norms(ball.on_sphere(torch.zeros(1, 1, 2, 2), 3.0, range(9))).numpy() == pytest.approx(3.0)


def test_zero_gradient_and_zero_radius_are_harmless() -> None:
    x = torch.zeros(1, *SHAPE)
    flat = BaseError(lambda measurement: 0 * measurement, x)
    last = _last(flat, x, 1.0, 3)
    assert torch.isfinite(last.kept).all()
    none = _last(BaseError(bilinear, x + 1), x, 0.0, 3)
    assert torch.equal(none.kept, x)


def test_best_keeps_the_highest_loss_and_final_the_last(generator: torch.Generator) -> None:
    target = torch.randn(1, *SHAPE, generator=generator)
    objective = BaseError(lambda y: torch.sin(20 * y), target)
    start = ball.in_ball(target, 1.0, [3])
    terms = Terms(1.0, steps=12, step=0.9, start=start)
    path = list(pgd(objective, target, terms))
    best = max(path, key=lambda iterate: iterate.loss.item())
    assert torch.equal(path[-1].kept, best.perturbation)
    assert best.iteration != path[-1].iteration, "the case must tell the two apart"
    *_, final = pgd(objective, target, replace(terms, keep="final"))
    assert torch.equal(final.kept, final.perturbation)


def test_box_holds_and_the_norm_too(generator: torch.Generator) -> None:
    y = torch.rand(2, *SHAPE, generator=generator)
    box = (torch.zeros(1), torch.ones(1))
    last = _last(BaseError(bilinear, 1 - y), y, 2.0, 20, box=box)
    attacked = y + last.kept
    assert attacked.min() >= -1e-6
    assert attacked.max() <= 1 + 1e-6
    assert (ball.norms(last.kept) <= 2.0 * (1 + 1e-5)).all()

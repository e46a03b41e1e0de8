"""The worst case of linear estimators against the trust-region problem, solved densely in float64."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from torch import Tensor

from core.attacks import ball
from core.attacks.exact import exact, is_linear
from core.attacks.losses import SQUARED_ERROR, Loss
from core.attacks.objectives import BaseError
from core.attacks.pgd import pgd
from core.attacks.terms import Terms
from core.base.errors import UserError
from core.problems.super_resolution import SuperResolution, bicubic, bilinear

SHAPE = (3, 8, 8)
SIZE = math.prod(SHAPE)


def dense_maximum(matrix: np.ndarray, offset: np.ndarray, radius: float) -> float:
    """Max ‖Q e + r‖² over ‖e‖ ≤ radius, by all eigenvectors and the secular equation."""
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    slope = vectors.T @ (matrix.T @ offset)

    def excess(shift: float) -> float:
        return float(np.linalg.norm(slope / (shift - values)) - radius)

    top = values[-1]
    shift = brentq(excess, top + 1e-12 * top, top + np.linalg.norm(slope) / radius + 1, xtol=1e-14)
    e = vectors @ (slope / (shift - values))
    return float(np.sum((matrix @ e + offset) ** 2))


def matrix_of(estimator, point: Tensor) -> np.ndarray:
    basis = torch.eye(SIZE, dtype=point.dtype).view(SIZE, *SHAPE)
    return (estimator(point + basis) - estimator(point)).flatten(1).T.numpy()


def decibels(error: float, other: float) -> float:
    return 10 * abs(math.log10(error / other))


@pytest.mark.parametrize("radius", [0.01, 0.3, 3.0, 30.0])
@pytest.mark.parametrize("kind", ["random", "bilinear", "bicubic"])
def test_it_is_the_exact_maximum(kind: str, radius: float, generator: torch.Generator) -> None:
    x = torch.randn(1, *SHAPE, generator=generator, dtype=torch.float64)
    weight = torch.randn(SIZE, SIZE, generator=generator, dtype=torch.float64) / math.sqrt(SIZE)
    estimators = {
        "random": lambda z: (z.flatten(1) @ weight.T).view_as(z),
        "bilinear": bilinear,
        "bicubic": partial(bicubic, factor=2),
    }
    estimator, point = estimators[kind], SuperResolution(2).measure(x)
    objective = BaseError(estimator, x)
    *_, last = exact(objective, point, Terms(radius))
    found = objective.value(point + last.kept).item() * SIZE
    worst = dense_maximum(matrix_of(estimator, point), (estimator(point) - x).flatten().numpy(), radius)
    assert decibels(found, worst) < 1e-4
    assert ball.norms(last.kept).item() <= radius * (1 + 1e-5)


def test_inside_a_region_it_is_the_exact_maximum_over_its_values(generator: torch.Generator) -> None:
    x = torch.randn(1, *SHAPE, generator=generator, dtype=torch.float64)
    estimator, point = partial(bicubic, factor=2), SuperResolution(2).measure(x)
    mask = torch.zeros(1, 1, *SHAPE[1:], dtype=torch.float64)
    mask[..., 2:5, 1:7] = 1
    objective = BaseError(estimator, x)
    *_, last = exact(objective, point, Terms(0.7, mask=mask))
    columns = matrix_of(estimator, point)[:, mask.expand(1, *SHAPE).flatten().numpy() == 1]
    worst = dense_maximum(columns, (estimator(point) - x).flatten().numpy(), 0.7)
    assert decibels(objective.value(point + last.kept).item() * SIZE, worst) < 1e-4
    assert not last.kept[(mask == 0).expand_as(last.kept)].any()


def test_images_of_a_batch_are_solved_apart(generator: torch.Generator) -> None:
    x = torch.randn(3, *SHAPE, generator=generator, dtype=torch.float64)
    y = x + 0.1 * torch.randn(3, *SHAPE, generator=generator, dtype=torch.float64)
    estimator = partial(bicubic, factor=2)
    *_, together = exact(BaseError(estimator, x), y, Terms(0.5))
    for image in range(3):
        one = slice(image, image + 1)
        *_, alone = exact(BaseError(estimator, x[one]), y[one], Terms(0.5))
        objective = BaseError(estimator, x[one])
        first, second = (objective.value(y[one] + e) for e in (together.kept[one], alone.kept))
        assert decibels(first.item(), second.item()) < 1e-4


def test_no_attack_finds_more_on_a_whole_picture_in_float32(generator: torch.Generator) -> None:
    x = torch.rand(1, 3, 64, 64, generator=generator)
    y = SuperResolution(2).measure(x)
    objective = BaseError(partial(bicubic, factor=2), x)
    radius = 0.05 * math.sqrt(x.numel())
    *_, computed = exact(objective, y, Terms(radius))
    *_, searched = pgd(objective, y, Terms(radius, steps=300, seeds=[1]))
    assert objective.value(y + computed.kept) >= objective.value(y + searched.kept) * (1 - 1e-6)


def test_a_radius_of_zero_leaves_the_point(generator: torch.Generator) -> None:
    x = torch.randn(1, *SHAPE, generator=generator)
    *_, last = exact(BaseError(bilinear, x), x + 0.1, Terms(0.0))
    assert last.kept.abs().max() == 0


def test_what_is_no_linear_estimator_is_told_apart(generator: torch.Generator) -> None:
    x = torch.randn(1, *SHAPE, generator=generator)
    clamped = BaseError(lambda z: z.clamp(-1, 1), x)
    other_loss = BaseError(bilinear, x, Loss(lambda o, t: (o - t).abs().flatten(1).mean(1)))
    assert is_linear(BaseError(bilinear, x, SQUARED_ERROR), x)
    assert is_linear(BaseError(lambda z: 2 * z + 1, x), x)
    assert not is_linear(clamped, x)
    assert not is_linear(other_loss, x)
    with pytest.raises(UserError, match="linear estimator"):
        list(exact(clamped, x, Terms(1.0)))

"""Attacks on classifiers: what they reach, what they never exceed, and what they climb."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.attacks.ball import BALLS, in_cube
from core.attacks.fgm import fgm
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError
from core.attacks.pgd import pgd
from core.attacks.terms import Terms
from core.base.noise import gaussian
from core.base.seeds import derive_many
from core.evaluation.digits import perturb
from core.problems.digits.problem import KINDS
from core.smoothing.error import HELD, SmoothedError
from core.smoothing.stream import SMOOTHING


def classifier(dtype: torch.dtype = torch.float32) -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 13 * 13, 10))
    return network.to(dtype).requires_grad_(False)


def linear(pictures: Tensor) -> Tensor:
    """Class 1's score grows along a known direction."""
    height = (pictures.flatten(1) * SLOPE).sum(1)
    return torch.stack([-height, height], dim=1)


SLOPE = torch.linspace(-1, 1, 784)


@pytest.fixture
def pictures(generator: torch.Generator) -> Tensor:
    return torch.rand((3, 1, 28, 28), generator=generator)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("radius", [0.0, 0.05, 0.3, 2.0])
def test_the_radius_is_reached_and_never_exceeded(pictures: Tensor, kind: str, radius: float) -> None:
    labels = torch.tensor([1, 2, 3])
    # In the middle of the box nothing is clipped for small radii.
    middle = 0.4 + 0.2 * pictures
    e = perturb(
        BaseError(classifier(), labels, CROSS_ENTROPY), middle, kind, radius, steps=30, seeds=[0, 1, 2]
    ).kept
    norms = BALLS[KINDS[kind][1]].norms(e)
    assert (norms <= radius * (1 + 1e-5)).all()
    assert ((middle + e) >= 0).all()
    assert ((middle + e) <= 1).all()
    if radius <= 0.3:
        assert norms == pytest.approx(radius, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_no_attack_leaves_the_box(kind: str) -> None:
    corners = torch.stack([torch.zeros(1, 28, 28), torch.ones(1, 28, 28)])
    objective = BaseError(classifier(), torch.tensor([0, 0]), CROSS_ENTROPY)
    attacked = corners + perturb(objective, corners, kind, 0.7, steps=5, seeds=[3, 4]).kept
    assert attacked.min() >= 0
    assert attacked.max() <= 1


def test_the_sign_attack_is_the_formula(pictures: Tensor) -> None:
    network, labels = classifier(), torch.tensor([4, 5, 6])
    box = torch.zeros(()), torch.ones(())
    *_, last = fgm(BaseError(network, labels, CROSS_ENTROPY), pictures, Terms(0.2, "linf", box=box))
    x = pictures.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(F.cross_entropy(network(x), labels, reduction="sum"), x)
    assert torch.allclose(pictures + last.kept, (pictures + 0.2 * gradient.sign()).clamp(0, 1), atol=1e-6)


def test_linf_finds_the_best_corner_of_a_linear_classifier() -> None:
    """There the worst perturbation is -radius times the signs of the slope: a closed form."""
    middle = torch.full((1, 1, 28, 28), 0.5)
    objective = BaseError(linear, torch.tensor([1]), CROSS_ENTROPY)
    *_, last = pgd(objective, middle, Terms(0.1, "linf", steps=40, seeds=[7], step=0.2))
    assert torch.allclose(last.kept.flatten(), -0.1 * SLOPE.sign(), atol=1e-6)


def test_points_of_the_cube_are_inside_uniform_and_seeded() -> None:
    like = torch.zeros(1, 1, 28, 28)
    points = in_cube(like, 0.3, derive_many(0, "cube", 50))
    assert points.abs().max() <= 0.3
    assert points.std().item() == pytest.approx(0.3 / math.sqrt(3), rel=0.02)
    assert torch.equal(points[7:8], in_cube(like, 0.3, derive_many(0, "cube", 50)[7:8]))


def smoothed(
    network: Callable[[Tensor], Tensor], labels: Tensor, sigma: float, samples: int, chunk: int
) -> SmoothedError:
    return SmoothedError(network, labels, sigma, samples, seed=5, chunk=chunk, loss=CROSS_ENTROPY)


@pytest.mark.parametrize("samples", [6, HELD + 1])
def test_the_smoothed_gradient_is_that_of_finite_differences(samples: int) -> None:
    generator = torch.Generator().manual_seed(1)
    picture = torch.rand((1, 1, 28, 28), generator=generator, dtype=torch.float64)
    objective = smoothed(classifier(torch.float64), torch.tensor([3]), 0.3, samples, chunk=4)
    loss, gradient = objective.value_and_gradient(picture)
    assert loss.item() == pytest.approx(objective.value(picture).item(), rel=1e-6)
    direction = torch.randn(picture.shape, generator=generator, dtype=torch.float64)
    h = 1e-6
    slope = (objective.value(picture + h * direction) - objective.value(picture - h * direction)).item()
    assert slope / (2 * h) == pytest.approx((gradient * direction).sum().item(), rel=1e-5)


def test_the_smoothed_loss_is_the_logarithm_of_the_mean(pictures: Tensor) -> None:
    network, labels = classifier(), torch.tensor([0, 1, 2])
    noise = 0.5 * gaussian(pictures, derive_many(5, SMOOTHING, 8))
    mean = torch.stack([network(pictures + one).softmax(1) for one in noise]).mean(0)
    expected = -mean[torch.arange(3), labels].log()
    gradients = []
    for chunk in (1, 6, 250):
        objective = smoothed(network, labels, 0.5, 8, chunk)
        assert torch.allclose(objective.value(pictures), expected, atol=1e-5)
        loss, gradient = objective.value_and_gradient(pictures)
        assert torch.allclose(loss, expected, atol=1e-5)
        gradients.append(gradient)
    assert torch.allclose(gradients[0], gradients[2], atol=1e-6)
    assert torch.allclose(gradients[1], gradients[2], atol=1e-6)


def test_an_impossible_class_has_a_finite_loss() -> None:
    def certain(pictures: Tensor) -> Tensor:
        return 1e4 * torch.stack([1 + pictures.flatten(1).sum(1), -1 - pictures.flatten(1).sum(1)], 1)

    point = torch.ones(1, 1, 2, 2)
    loss, gradient = smoothed(certain, torch.tensor([1]), 0.1, 4, 4).value_and_gradient(point)
    assert loss.isfinite().all()
    assert gradient.isfinite().all()

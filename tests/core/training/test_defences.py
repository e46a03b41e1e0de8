"""The five objectives of training, on networks small enough for exact oracles, and on the U-Net."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from core.attacks import ball
from core.networks.dpdnn import DPDNN
from core.networks.unet import UNet
from core.training.defences import (
    Adversarial,
    Defence,
    Jacobian,
    Ordinary,
    SmoothedAdversarial,
    SmoothedGradient,
    averaged,
    draws,
)
from core.training.jacobian import spectral_norms
from core.training.objectives import attacked

ALL = {
    "ord": Ordinary(),
    "jcb": Jacobian(0.1),
    "adv": Adversarial(0.05, 2),
    "smt-adv": SmoothedAdversarial(0.05, 2, 0.1, 2),
    "smt-grad": SmoothedGradient(0.1, 6, 3),
}


class Small(nn.Module):
    """Two convolutions with a smooth bend between them: a Jacobian that can be written out."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 1, 3, padding=1)
        self.double()

    def forward(self, points: Tensor) -> Tensor:
        return self.second(torch.tanh(self.first(points.double())))


def _points(generator: torch.Generator, count: int = 3) -> Tensor:
    return torch.rand(count, 1, 6, 6, generator=generator, dtype=torch.float64)


def _exact(network: nn.Module, point: Tensor) -> Tensor:
    """Spectral norm by writing the Jacobian out."""
    jacobian = torch.autograd.functional.jacobian(
        lambda z: network(z.view(1, 1, 6, 6)).flatten(), point.flatten(), create_graph=True
    )
    return torch.linalg.matrix_norm(jacobian, 2)


def test_power_iteration_finds_the_spectral_norm_and_its_gradient(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator)
    found = spectral_norms(network, points, iterations=200, seeds=[1, 2, 3])
    exact = torch.stack([_exact(network, point) for point in points])
    torch.testing.assert_close(found, exact, rtol=1e-6, atol=0)
    parameters = list(network.parameters())[:3]  # the last bias has no part in the Jacobian
    ours = torch.autograd.grad(found.sum(), parameters)
    theirs = torch.autograd.grad(exact.sum(), parameters)
    for one, other in zip(ours, theirs, strict=True):
        assert other.norm() > 0
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_few_iterations_stay_below_the_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator)
    few = spectral_norms(network, points, iterations=2, seeds=[1, 2, 3])
    exact = torch.stack([_exact(network, point) for point in points])
    assert (few <= exact * (1 + 1e-9)).all()
    assert (few > 0.6 * exact).all()


def test_the_penalty_lowers_the_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator)
    before = _exact(network, points[0]).item()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for step in range(30):
        optimiser.zero_grad()
        Jacobian(1.0, images=3, iterations=3)(network, points, points, 0, step).backward()
        optimiser.step()
    assert _exact(network, points[0]).item() < 0.8 * before


def test_jcb_adds_the_largest_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator)
    plain = Ordinary()(network, points, points, 0, 0)
    largest = max(_exact(network, point).item() for point in points)
    found = Jacobian(0.3, images=3, iterations=100)(network, points, points, 0, 0)
    assert (found - plain).item() == pytest.approx(0.3 * largest, rel=1e-5)


@pytest.mark.parametrize("samples", [0, 2])
def test_every_image_of_the_batch_is_attacked_to_its_own_radius(
    samples: int, generator: torch.Generator
) -> None:
    network = Small()
    points = _points(generator, 4).float() * torch.tensor([0.01, 1.0, 1.0, 3.0]).view(-1, 1, 1, 1)
    estimator = averaged(network, points, 0.1, samples, 0) if samples else None
    moved = attacked(network, points, points, 0.05, 3, 0, estimator) - points
    assert ball.norms(moved).numpy() == pytest.approx(0.05 * math.sqrt(36), rel=1e-3)
    # An image's perturbation does not depend on its company.
    alone = attacked(network, points[:1], points[:1], 0.05, 3, 0, None) - points[:1]
    if not samples:
        torch.testing.assert_close(moved[:1], alone)


def test_adversarial_loss_is_above_that_of_noise_of_equal_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator, 8).float()
    found = Adversarial(0.1, 5)(network, points, points, 0, 0)
    noise = ball.on_sphere(points, 0.1 * 6, list(range(8)))
    assert found > Ordinary()(network, points + noise, points, 0, 0)


def test_smt_adv_attacks_the_mean_of_noisy_outputs(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator).float()
    estimate = averaged(network, points, 0.2, 5, seed=4)
    noise = draws(points, 5, 4)
    expected = torch.stack([network(points + 0.2 * one) for one in noise]).mean(0)
    torch.testing.assert_close(estimate(points), expected)


def test_smt_grad_averages_the_gradients_of_its_draws(generator: torch.Generator) -> None:
    network, points, target = Small(), _points(generator).float(), _points(generator).float()
    defence = SmoothedGradient(0.3, levels=6, samples=4)
    parameters = list(network.parameters())
    found = torch.autograd.grad(defence(network, points, target, seed=9, step=1), parameters)
    each = [
        torch.autograd.grad((network(points + 0.1 * noise) - target).square().mean(), parameters)
        for noise in draws(points, 4, 9)
    ]
    for place, gradient in enumerate(found):
        mean = torch.stack([gradients[place] for gradients in each]).mean(0)
        torch.testing.assert_close(gradient, mean, rtol=1e-4, atol=1e-7)


def test_smt_grad_raises_its_noise_in_steps_and_begins_again() -> None:
    defence = SmoothedGradient(0.6, levels=6, samples=1)
    assert [defence.level(step) for step in range(7)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1])


@pytest.mark.parametrize("name", ALL)
def test_all_five_train_the_unet(name: str, generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = UNet().train()
    torch.nn.init.normal_(network.head.weight, std=0.1)
    defence: Defence = ALL[name]
    points = torch.randn(4, 3, 32, 32, generator=generator)
    loss = defence(network, points, points, seed=1, step=0)
    loss.backward()
    assert torch.isfinite(loss)
    for parameter in network.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
        assert parameter.requires_grad
    assert all(module.training for module in network.modules())


@pytest.mark.parametrize("name", ALL)
def test_the_loss_comes_from_the_seed(name: str, generator: torch.Generator) -> None:
    from core.problems.denoising import Denoising
    from core.problems.reconstruction import Reconstruction

    torch.manual_seed(0)
    network = Reconstruction(DPDNN((4, 4), 2), Denoising())
    points = torch.rand(2, 1, 16, 16, generator=generator)
    torch.nn.init.normal_(network.network.head.weight, std=0.1)
    first, again, other = (ALL[name](network, points, points, seed, 0).item() for seed in (1, 1, 2))
    assert first == again
    assert (first != other) == (name != "ord")

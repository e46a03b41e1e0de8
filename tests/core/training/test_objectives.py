"""The objectives of training: on networks small enough for exact oracles, and each on each problem."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.attacks import ball
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError
from core.networks import build
from core.networks.unet import UNet
from core.problems import PROBLEMS
from core.problems.digits.data import Digits
from core.training import recipes
from core.training.jacobian import spectral_norms
from core.training.objectives import (
    Adversarial,
    Denoising,
    Jacobian,
    Noisy,
    Objective,
    SignedStep,
    SmoothedAdversarial,
    SmoothedGradient,
    Standard,
    draws,
    objective,
)
from core.training.observation import Observation
from core.training.photos import PhotoFolder
from core.training.tasks import task_of

ALL: dict[str, Objective] = {
    "standard": Standard(),
    "noisy": Noisy(0.05),
    "adversarial": Adversarial(0.05, 2),
    "signed step": SignedStep(0.05),
    "jacobian": Jacobian(0.1),
    "smoothed adversarial": SmoothedAdversarial(0.05, 2, 0.1, 2),
    "smoothed gradient": SmoothedGradient(0.1, 6, 3),
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
        Jacobian(1.0, images=3, iterations=3)(network, Observation(points, points), 0, step).backward()
        optimiser.step()
    assert _exact(network, points[0]).item() < 0.8 * before


def test_jcb_adds_the_largest_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator)
    seen = Observation(points, points)
    plain = Standard()(network, seen, 0, 0)
    largest = max(_exact(network, point).item() for point in points)
    found = Jacobian(0.3, images=3, iterations=100)(network, seen, 0, 0)
    assert (found - plain).item() == pytest.approx(0.3 * largest, rel=1e-5)


@pytest.mark.parametrize("attack", [Adversarial(0.05, 3), SmoothedAdversarial(0.05, 3, 0.1, 2)])
def test_every_image_of_the_batch_is_attacked_to_its_own_radius(
    attack: Adversarial, generator: torch.Generator
) -> None:
    network = Small()
    points = _points(generator, 4).float() * torch.tensor([0.01, 1.0, 1.0, 3.0]).view(-1, 1, 1, 1)
    moved = attack.inputs(network, Observation(points, points), 0) - points
    assert ball.norms(moved).numpy() == pytest.approx(0.05 * math.sqrt(36), rel=1e-3)
    # An image's perturbation does not depend on its company.
    alone = attack.inputs(network, Observation(points[:1], points[:1]), 0) - points[:1]
    if not isinstance(attack, SmoothedAdversarial):
        torch.testing.assert_close(moved[:1], alone)


def test_adversarial_loss_is_above_that_of_noise_of_equal_norm(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator, 8).float()
    found = Adversarial(0.1, 5)(network, Observation(points, points), 0, 0)
    noise = ball.on_sphere(points, 0.1 * 6, list(range(8)))
    assert found > Standard()(network, Observation(points + noise, points), 0, 0)


def test_noise_has_the_level_asked_for() -> None:
    seen = Observation(torch.zeros(4, 3, 64, 64), torch.zeros(4, 3, 64, 64))
    noise = Noisy(0.3).inputs(nn.Identity(), seen, seed=1)
    assert noise.std().item() == pytest.approx(0.3, rel=0.02)
    assert not torch.equal(noise[0], noise[1])
    assert not torch.equal(noise, Noisy(0.3).inputs(nn.Identity(), seen, seed=2))


def test_a_denoiser_learns_the_points_and_the_network_behind_it_stays(generator: torch.Generator) -> None:
    network, y = build("unet", denoiser={"widths": (4, 4)}, widths=(4, 4)).train(), torch.rand(3, 3, 8, 8)
    torch.nn.init.normal_(network.denoiser.head.weight, std=0.2)
    piece, denoiser, before = Denoising(0.3), deepcopy(network.denoiser), deepcopy(network.estimator)
    loss = piece(network, Observation(y, torch.zeros_like(y)), seed=5, step=0)
    noisy = Noisy(0.3).inputs(network, Observation(y, y), seed=5)
    assert loss.item() == pytest.approx(np.mean((denoiser(noisy) - y).detach().numpy() ** 2), rel=1e-5)
    loss.backward()
    assert all(parameter.grad is not None for parameter in network.denoiser.parameters())
    assert all(parameter.grad is None for parameter in network.estimator.parameters())
    after = network.estimator.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.state_dict().items())


def test_training_attack_reaches_its_radius_in_eval_mode(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = UNet().train()
    torch.nn.init.normal_(network.head.weight, std=0.2)
    statistics = network.down[0][1].running_mean.clone()
    y = torch.randn(3, 3, 32, 32, generator=generator)
    e = Adversarial(0.05, 5).inputs(network, Observation(y, y), seed=0) - y
    assert ball.norms(e).numpy() == pytest.approx(0.05 * math.sqrt(3 * 32 * 32), rel=1e-3)
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert torch.equal(network.down[0][1].running_mean, statistics)


def test_attacked_points_keep_to_the_box(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator).float()
    box = torch.zeros(()), torch.ones(())
    seen = Observation(points, points + 1, box=box)
    for attack in (Adversarial(0.5, 3), SignedStep(0.5)):
        inside = attack.inputs(network, seen, 0)
        outside = attack.inputs(network, replace(seen, box=None), 0)
        assert 0 <= inside.min() <= inside.max() <= 1
        assert outside.min() < 0 or outside.max() > 1


def test_a_signed_step_moves_every_value_uphill(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator).float()
    moved = SignedStep(0.01).inputs(network, Observation(points, points), 0) - points
    assert moved.abs().numpy() == pytest.approx(0.01, rel=1e-3)
    leaf = points.clone().requires_grad_(True)
    (uphill,) = torch.autograd.grad((network(leaf) - points).square().sum(), leaf)
    assert torch.equal(moved.sign(), uphill.sign())


def test_smt_adv_attacks_the_mean_of_noisy_outputs(generator: torch.Generator) -> None:
    network, points = Small(), _points(generator).float()
    smoothed = SmoothedAdversarial(0.1, 1, 0.2, 5).attacked(network, Observation(points, points), seed=4)
    noise = draws(points, 5, 4)
    expected = torch.stack([network(points + 0.2 * one) for one in noise]).mean(0)
    torch.testing.assert_close(smoothed(points), expected)


def test_smt_adv_of_a_classifier_climbs_the_mean_of_probabilities(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = build("digit_cnn").eval()
    points, labels = torch.rand(3, 1, 28, 28, generator=generator), torch.tensor([1, 2, 3])
    seen = Observation(points, labels, loss=CROSS_ENTROPY)
    smoothed = SmoothedAdversarial(0.1, 1, 0.2, 5).attacked(network, seen, seed=4)
    chances = torch.stack([network(points + 0.2 * one).softmax(1) for one in draws(points, 5, 4)]).mean(0)
    expected = -chances.gather(1, labels.view(-1, 1)).log().squeeze(1)
    torch.testing.assert_close(BaseError(smoothed, labels, CROSS_ENTROPY).value(points), expected)


def test_smt_grad_averages_the_gradients_of_its_draws(generator: torch.Generator) -> None:
    network, points, target = Small(), _points(generator).float(), _points(generator).float()
    piece = SmoothedGradient(0.3, levels=6, samples=4)
    parameters = list(network.parameters())
    loss = piece(network, Observation(points, target), seed=9, step=1)
    found = torch.autograd.grad(loss, parameters)
    each = [
        torch.autograd.grad((network(points + 0.1 * noise) - target).square().mean(), parameters)
        for noise in draws(points, 4, 9)
    ]
    for place, gradient in enumerate(found):
        mean = torch.stack([gradients[place] for gradients in each]).mean(0)
        torch.testing.assert_close(gradient, mean, rtol=1e-4, atol=1e-7)


def test_smt_grad_raises_its_noise_in_steps_and_begins_again() -> None:
    piece = SmoothedGradient(0.6, levels=6, samples=1)
    found = [piece.level_at(step) for step in range(7)]
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1])


def _observed(name: str) -> tuple[nn.Module, Observation]:
    """A network and a batch of a problem, all of it made up."""
    generator = np.random.default_rng(0)
    smaller: dict[str, Any] = {
        "sr": {"crop": 32},
        "dn": {"crop": 16, "network": {"widths": (4, 4), "stages": 2}},
        "cs": {"crop": 33, "network": {"width": 4, "phases": 2}},
        "di": {},
    }
    plan = replace(recipes.recipe(name), batch=3, **smaller[name[:2]])
    task = task_of(PROBLEMS[plan.identity.problem])(plan, torch.device("cpu"))
    if name[:2] == "di":
        pictures = torch.from_numpy(generator.random((9, 1, 28, 28))).float()
        data = Digits(pictures, torch.arange(9), torch.arange(9), "")
    else:
        channels = 3 if name[:2] == "sr" else 1
        data = PhotoFolder([""], [generator.integers(0, 256, (64, 64, channels)).astype(np.uint8)], "")
    torch.manual_seed(0)
    network = build(plan.architecture, **plan.network).train()
    if name[:2] in ("sr", "dn"):
        torch.nn.init.normal_(network.head.weight, std=0.1)
    return network, task.observe(data, 0, seed=0)


@pytest.mark.parametrize("problem", ["sr-x2-std", "dn-start", "cs-start", "digits-std"])
@pytest.mark.parametrize("piece", ALL)
def test_every_objective_trains_a_network_of_every_problem(piece: str, problem: str) -> None:
    """All draws come from the seed, and the network is left as it was."""
    network, seen = _observed(problem)
    # A forward pass in training moves the batch statistics, which attacks are made with.
    again, other = (ALL[piece](deepcopy(network), seen, seed, 0) for seed in (1, 2))
    first = ALL[piece](network, seen, 1, 0)
    assert torch.isfinite(first)
    assert first.item() == pytest.approx(again.item(), rel=1e-5)
    drawn = piece not in ("standard", "signed step")
    assert (first.item() != pytest.approx(other.item(), rel=1e-9)) == drawn
    first.backward()
    for parameter in network.parameters():
        assert parameter.requires_grad
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
    assert all(module.training for module in network.modules())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sr-x2-std", Standard()),
        ("sr-x4-rs-0.30", Noisy(0.3)),
        ("sr-x2-adv-0.035", Adversarial(0.035, 5)),
        ("dn-start", Standard()),
        ("dn-ord", Standard()),
        ("dn-jcb", Jacobian(1e-4, 4, 2)),
        ("dn-adv", Adversarial(5 / 255, 3)),
        ("cs-smt-adv", SmoothedAdversarial(2 / 255, 2, 10 / 255, 3)),
        ("cs-smt-grad", SmoothedGradient(10 / 255, 6, 3)),
        ("digits-rs-0.50", Noisy(0.5)),
        ("digits-ds-0.50", Denoising(0.5)),
        ("digits-adv-l2", Adversarial(1.5 / 28, 4)),
        ("digits-adv-sign", SignedStep(0.2)),
    ],
)
def test_each_name_trains_with_its_objective(name: str, expected: Objective) -> None:
    plan = recipes.recipe(name)
    task = task_of(PROBLEMS[plan.identity.problem])(plan, torch.device("cpu"))
    found = objective(plan, task.unit, step=plan.steps - 1)
    assert type(found) is type(expected)
    assert vars(found) == pytest.approx(vars(expected))

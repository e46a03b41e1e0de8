"""The three functions for networks of one's own, against closed forms and against a run of the lab."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from scipy.stats import norm
from torch import Tensor, nn

from core import attack, certify, smooth
from core.base.errors import UserError
from core.base.progress import finish
from core.certificates.confidence import order_indices
from core.experiment.api import Bounds, Radii
from core.experiment.run import run
from core.pictures import images
from core.problems import PROBLEMS
from core.problems.digits.problem import DigitsScenario
from core.runtime.engine import Engine
from core.runtime.session import Lab


@pytest.fixture
def x(generator: torch.Generator) -> Tensor:
    return torch.rand(3, 1, 6, 6, generator=generator)


@pytest.mark.parametrize("shape", [(3, 5), (3, 4, 5), (3, 2, 4, 5)])
def test_a_linear_network_is_moved_along_its_first_singular_vector(
    shape: tuple[int, ...], generator: torch.Generator
) -> None:
    """‖A e‖² over ‖e‖ ≤ ε is largest at ε times the first right singular vector, for tensors of any shape."""
    dimension = math.prod(shape[1:])
    matrix = torch.randn(dimension + 1, dimension, generator=generator)
    tensor = torch.randn(shape, generator=generator)

    def network(batch: Tensor) -> Tensor:
        assert batch.shape[1:] == shape[1:]
        return batch.flatten(1) @ matrix.T

    found = attack(network, tensor, eps=0.3, steps=200)
    largest = torch.linalg.matrix_norm(matrix, 2).item()
    assert found.perturbation.shape == shape
    assert torch.equal(found.point, tensor + found.perturbation)
    assert found.before.abs().max() == 0
    assert found.after == pytest.approx((0.3 * largest) ** 2 / len(matrix), rel=1e-2)
    assert found.reached == pytest.approx(0.3, rel=1e-4)
    assert found.notices == ("",) * 3


def test_an_own_loss_is_climbed_and_said_per_image(x: Tensor) -> None:
    """Of the first value alone: all of the perturbation goes there."""

    def first(outputs: Tensor, target: Tensor) -> Tensor:
        return (outputs - target).flatten(1)[:, 0].abs()

    found = attack(lambda z: 2 * z, x, x, eps=0.2, loss=first)
    assert found.after - found.before == pytest.approx(0.4, rel=1e-4)
    assert found.perturbation.flatten(1)[:, 1:].abs().max() < 1e-5


def test_labels_mean_the_cross_entropy_and_the_box_holds(x: Tensor, generator: torch.Generator) -> None:
    scores = torch.randn(36, 4, generator=generator)
    labels = torch.tensor([0, 3, 1])
    found = attack(lambda z: z.flatten(1) @ scores, x, labels, eps=0.2, norm="linf", method="pgd", box=(0, 1))
    assert found.before.tolist() == pytest.approx(
        nn.functional.cross_entropy(x.flatten(1) @ scores, labels, reduction="none").tolist()
    )
    assert (found.after > found.before).all()
    assert found.perturbation.abs().max() <= 0.2 + 1e-6
    assert found.point.min() >= 0
    assert found.point.max() <= 1


def test_modules_run_in_eval_mode_and_are_left_as_they_were(x: Tensor) -> None:
    network = nn.Sequential(nn.BatchNorm2d(1), nn.Sequential(nn.Dropout(0.5)))
    network[1].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    together = smooth(network, x, sigma=0.1, samples=3)
    torch.testing.assert_close(together[:1], smooth(network, x[:1], sigma=0.1, samples=3))
    assert [each.training for each in network.modules()] == [True, True, False, False]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_the_median_is_of_the_draws_in_the_box(x: Tensor) -> None:
    """Of outputs that are 0 or 1: what most draws are, where the mean is their share."""
    shares = smooth(lambda z: (z > 0.5).float(), x, sigma=0.2, samples=101)
    most = smooth(lambda z: (z > 0.5).float(), x, sigma=0.2, samples=101, average="median")
    assert ((shares > 0) & (shares < 1)).any()
    torch.testing.assert_close(most, (shares > 0.5).float(), rtol=0, atol=1 / 255)


def test_the_bound_of_a_sum_is_the_order_statistic_of_its_draws() -> None:
    """F = the sum: D = (1ᵀδ)², whose draws are known; ε = σ asks for the Φ(1)-quantile."""
    point = torch.zeros(1, 4)
    drawn = []

    def network(batch: Tensor) -> Tensor:
        sums = batch.sum(1, keepdim=True)
        drawn.extend(sums.flatten().tolist())
        return sums

    found = certify(network, point, sigma=0.5, eps=0.5, samples=300, alpha=0.01, seed=2)
    assert isinstance(found, Bounds)
    squares = sorted(value**2 for value in drawn[-300:])
    place = int(order_indices(300, [norm.cdf(1)], 0.01)[0])
    assert found.bounds.tolist() == pytest.approx([squares[place - 1]], rel=1e-5)
    assert found.medians.tolist() == pytest.approx([squares[149]], rel=1e-5)
    beyond = certify(network, point, sigma=0.5, eps=1.01 * found.reach, samples=300, alpha=0.01)
    within = certify(network, point, sigma=0.5, eps=0.99 * found.reach, samples=300, alpha=0.01)
    assert isinstance(beyond, Bounds)
    assert isinstance(within, Bounds)
    assert beyond.bounds.isinf().all()
    assert within.bounds.isfinite().all()


def test_a_radius_of_a_linear_classifier_is_below_the_distance_to_its_boundary() -> None:
    """And close to it with many votes; one with the wrong label has none."""
    direction = torch.tensor([0.6, 0.8])
    points = torch.tensor([[0.3, 0.4], [-0.3, -0.4], [0.3, 0.4]])

    def classifier(batch: Tensor) -> Tensor:
        height = batch @ direction
        return torch.stack([height, -height], 1)

    found = certify(classifier, points, torch.tensor([0, 1, 1]), sigma=0.5, samples=20_000)
    assert isinstance(found, Radii)
    assert found.radii[:2].tolist() == pytest.approx([0.5, 0.5], abs=0.03)
    assert (found.radii[:2] <= 0.5).all()
    assert found.radii[2] == 0
    assert found.certificates[2].answer == 0


@pytest.mark.parametrize("name", ["dn-ord", "sr-x2-rs-0.10", "cs-adv"])
def test_a_problem_is_attacked_smoothed_and_certified_as_in_a_run(name: str) -> None:
    lab = Lab(Engine("cpu", "float32", threads=1))
    problem = next(each for each in PROBLEMS.values() if name.startswith(each.prefix))
    photo = images.open_photo("camera")
    own = {"eps_rel": 0.02} if problem.eps == "eps_rel" else {"eps": 1.0, "size": 33}
    scenario = problem.scenario(checkpoint=name, attack_steps=2, samples=30, seed=3, alpha=0.1, **own)
    outcome = finish(run(scenario, lab, photo))
    network = lab.network(name, "float32")[0].exact
    network = getattr(network, "call", network)
    given: dict[str, Any] = {"problem": problem.name, "checkpoint": name, "seed": 3}
    truth, eps, sigma = outcome.truth, scenario.eps_level, scenario.sigma_level
    base = attack(network, truth, eps=eps, steps=2, **given)
    torch.testing.assert_close(base.perturbation, outcome.base.perturbation.values, rtol=1e-3, atol=1e-5)
    assert base.after.tolist() == pytest.approx([max(outcome.base.perturbation.losses)], rel=1e-4)
    deployed = attack(network, truth, eps=eps, sigma=sigma, steps=2, **given)
    torch.testing.assert_close(
        deployed.perturbation, outcome.chosen.perturbation.values, rtol=1e-3, atol=1e-5
    )
    estimate = smooth(network, truth, sigma=sigma, samples=30, **given)
    torch.testing.assert_close(estimate, outcome.chosen.clean.estimate.picture, rtol=0, atol=1e-5)
    level = 0.2 * sigma / math.sqrt(outcome.dimension)
    found = certify(network, truth, sigma=sigma, eps=level, samples=30, alpha=0.1, **given)
    assert isinstance(found, Bounds)
    clean = outcome.chosen.clean
    assert found.bounds.tolist() == pytest.approx(clean.draws.bounds([0.2], 0.1), rel=1e-4)
    assert found.medians.tolist() == pytest.approx([clean.draws.median], rel=1e-4)


def test_digits_are_attacked_and_certified_as_in_a_run() -> None:
    lab = Lab(Engine("cpu", "float32", threads=1))
    scenario = DigitsScenario(eps=1.0, samples=200, seed=3)
    outcome = finish(run(scenario, lab))
    standard, smoothed = (lab.network(name, "float32")[0].exact for name in ("digits-std", "digits-rs-0.50"))
    given: dict[str, Any] = {"problem": "digits", "seed": 3}
    found = attack(standard, outcome.picture, eps=1, method="pgd", steps=20, box=(0, 1), **given)
    perturbation = outcome.answers[0].perturbation
    torch.testing.assert_close(found.perturbation, perturbation.values, rtol=1e-3, atol=1e-5)
    assert found.reached.tolist() == pytest.approx([perturbation.reached])
    label = torch.tensor([outcome.label])
    radii = certify(smoothed, outcome.picture, label, sigma=0.5, samples=200, **given)
    assert isinstance(radii, Radii)
    assert outcome.certificate is not None
    assert radii.radii.tolist() == pytest.approx([outcome.certificate.radius])
    assert smooth(standard, outcome.picture, sigma=0.1, samples=5, **given).shape == (1, 10)


def test_a_network_of_a_problem_may_do_without_the_operator(x: Tensor) -> None:
    given: dict[str, Any] = {"sigma": 10, "samples": 5, "problem": "inpainting", "share": 0.3}
    blind = smooth(lambda measured: measured, x, **given)
    torch.testing.assert_close(blind, smooth(lambda measured, operator: measured, x, **given))
    assert (blind == 0).float().mean() > 0.5


def _same(z: Tensor) -> Tensor:
    return z


BAD: dict[str, tuple[Callable[[Tensor], object], str]] = {
    "method": (lambda x: attack(_same, x, eps=1, method="cw"), "There is no method “cw”: choose one of"),
    "norm": (lambda x: attack(_same, x, eps=1, norm="l1"), "There is no norm “l1”: choose one of"),
    "eps": (lambda x: attack(_same, x, eps=-1), "eps is -1"),
    "nan": (lambda x: attack(_same, x, eps=math.nan), "eps is nan"),
    "steps": (lambda x: attack(_same, x, eps=1, steps=-1), "steps is -1"),
    "samples": (lambda x: smooth(_same, x, sigma=1, samples=0), "samples is 0"),
    "average": (lambda x: smooth(_same, x, sigma=1, average="mode"), "choose one of mean, median"),  # type: ignore[arg-type]
    "whole": (lambda x: smooth(_same, x.long(), sigma=1), "floating-point"),
    "box": (lambda x: attack(_same, x, eps=1, box=(0.9, 1)), "outside the box from 0.9 to 1"),
    "target": (lambda x: attack(_same, x, x[..., 1:], eps=1), "give one of that shape"),
    "loss": (lambda x: attack(_same, x, x, eps=1, loss=nn.functional.mse_loss), "one number an image"),
    "labels": (lambda x: attack(_same, x, torch.tensor([1, 2, 3]), eps=1), "answers \\(b, classes\\)"),
    "noise": (lambda x: certify(_same, x, sigma=0, eps=1), "sigma > 0"),
    "at which": (lambda x: certify(_same, x, sigma=1), "at which eps"),
    "option": (lambda x: attack(_same, x, eps=1, share=0.5), "share means something only with a problem"),
    "problem": (lambda x: attack(_same, x, eps=1, problem="mri"), "There is no problem “mri”: choose one of"),
    "field": (lambda x: attack(_same, x, eps=1, problem="denoising", share=0.5), "has no field share"),
    "colour": (lambda x: attack(_same, x, eps=1, problem="super_resolution"), "\\(b, 3, h, w\\)"),
    "range": (lambda x: attack(_same, 2 * x, eps=1, problem="denoising"), "in \\[0, 1\\]"),
    "sides": (lambda x: attack(_same, x, eps=1, problem="compressed_sensing"), "cannot measure these"),
    "classes": (lambda x: certify(_same, x, torch.tensor([1, 2, 3]), sigma=1), "answers \\(b, classes\\)"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_go_together_is_said_in_a_sentence(bad: str, x: Tensor) -> None:
    call, sentence = BAD[bad]
    with pytest.raises(UserError, match=sentence):
        call(x)

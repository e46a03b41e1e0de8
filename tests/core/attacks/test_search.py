"""Networks whose gradient says nothing: said, and attacked all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.attacks import ball
from core.attacks.apgd import apgd
from core.attacks.fgm import fgm
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError, Objective
from core.attacks.pgd import pgd
from core.attacks.spsa import spsa
from core.attacks.terms import Terms
from core.pictures import images, metrics, units
from core.problems.super_resolution import SuperResolution
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError

RADIUS, STEPS = 1.0, 5
LIMIT = RADIUS * (1 + 1e-5)
Walk = Iterator[Any]
Attack = Callable[[Objective, Tensor], Walk]


TERMS = Terms(RADIUS, steps=STEPS, seeds=(0, 1))
CUBE = Terms(RADIUS / 8, "linf", steps=STEPS, step=0.25)

ATTACKS: dict[str, Attack] = {
    "pgd": lambda o, y: pgd(o, y, TERMS),
    "pgd final": lambda o, y: pgd(o, y, replace(TERMS, keep="final")),
    "apgd": lambda o, y: apgd(o, y, TERMS),
    "fgm": lambda o, y: fgm(o, y, TERMS),
    "linf": lambda o, y: pgd(o, y, replace(CUBE, start=torch.zeros_like(y))),
    "sign": lambda o, y: fgm(o, y, CUBE),
    "spsa": lambda o, y: spsa(
        o, y, replace(TERMS, steps=2, start=ball.in_ball(y, RADIUS, (0, 1))), pairs=1, distance=0.01
    ),
}


def _inside(name: str, perturbation: Tensor) -> bool:
    if name in ("linf", "sign"):
        return perturbation.abs().max().item() <= LIMIT / 8
    return bool((ball.norms(perturbation) <= LIMIT).all())


def _network() -> Callable[[Tensor], Tensor]:
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 8, 3, padding=1), nn.Tanh(), nn.Conv2d(8, 3, 3, padding=1)
    correction = nn.Sequential(*layers).requires_grad_(False)
    return lambda y: y + correction(y)


NETWORK = _network()


def masked(y: Tensor) -> Tensor:
    """The network in 8 bit, whose steps have slope zero."""
    return (NETWORK(y) * 256).round() / 256


def unlinked(y: Tensor) -> Tensor:
    """The network without a graph."""
    return NETWORK(y).detach()


def broken(y: Tensor) -> Tensor:
    """The network, exactly, with a gradient that is nowhere a number."""
    return NETWORK(y) + torch.where(y < 1e9, torch.zeros_like(y), torch.sqrt(-y.abs()))


def constant(y: Tensor) -> Tensor:
    return 0 * y + 0.3


@pytest.fixture
def scene(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A measurement, and what it is of."""
    y = torch.randn(2, 3, 16, 16, generator=generator)
    return y, y + 0.1


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "spsa"])  # it needs none
@pytest.mark.parametrize(
    ("estimator", "kind"), [(masked, "zero"), (unlinked, "zero"), (broken, "not finite")],
    ids=["masked", "unlinked", "broken"],
)  # fmt: skip
def test_an_unusable_gradient_is_said_and_does_not_hide_the_network(
    attack: str, estimator: Callable[[Tensor], Tensor], kind: str, scene: tuple[Tensor, Tensor]
) -> None:
    y, x = scene
    *_, last = ATTACKS[attack](BaseError(estimator, x), y)
    *_, honest = ATTACKS[attack](BaseError(NETWORK, x), y)
    error = BaseError(NETWORK, x).value
    rise, possible = error(y + last.kept) - error(y), error(y + honest.kept) - error(y)
    assert (rise > 0.6 * possible).all()
    assert _inside(attack, last.kept)
    for image in range(2):
        assert f"gradient is {kind} at" in last.notice(image)
        assert "without gradients" in last.notice(image)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_constant_is_said_to_have_no_gradient(attack: str, scene: tuple[Tensor, Tensor]) -> None:
    y, x = scene
    *_, last = ATTACKS[attack](BaseError(constant, x), y)
    assert all("gradient is zero" in last.notice(image) for image in range(2))
    assert _inside(attack, last.kept)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_said_or_searched_where_the_gradient_is_sound(
    attack: str, scene: tuple[Tensor, Tensor]
) -> None:
    y, x = scene
    path = list(ATTACKS[attack](BaseError(NETWORK, x), y))
    assert len(path) == {"fgm": 2, "sign": 2, "spsa": 3}.get(attack, STEPS + 1)
    assert path[-1].notice() == ""


def test_what_is_finite_of_a_gradient_is_followed() -> None:
    """Half the values of the gradient are not numbers; along the others the error can still grow."""
    y = torch.full((1, 1, 4, 4), 0.5)
    y[..., :2] = -0.5

    def estimator(z: Tensor) -> Tensor:
        root = torch.where(z > 0, z.sqrt(), torch.zeros_like(z))
        return z + root - root.detach()

    path = list(apgd(BaseError(estimator, y - 0.1), y, Terms(0.4, steps=10)))
    moved = path[10].kept
    assert moved[..., 2:].abs().min() > 0
    assert "not finite" in path[-1].notice()


def test_each_image_is_searched_as_it_would_be_alone(scene: tuple[Tensor, Tensor]) -> None:
    y, x = scene

    class SecondFlat(BaseError):
        def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
            loss, gradient = super().value_and_gradient(measurement)
            return loss, gradient * torch.tensor([1.0, 0.0]).view(2, 1, 1, 1)

    together = list(apgd(SecondFlat(NETWORK, x), y, Terms(RADIUS, steps=STEPS)))[-1]
    assert together.notice(0) == ""
    assert "zero at 5 of 5 steps" in together.notice(1)
    *_, sound = apgd(BaseError(NETWORK, x[:1]), y[:1], Terms(RADIUS, steps=STEPS))
    torch.testing.assert_close(together.kept[:1], sound.kept, rtol=1e-2, atol=1e-3)
    flat = BaseError(unlinked, x[1:])
    *_, alone = apgd(flat, y[1:], Terms(RADIUS, steps=STEPS))
    torch.testing.assert_close(together.kept[1:], alone.kept, rtol=1e-2, atol=1e-3)


class NotANumberFarAway:
    """The sum of the values, but neither loss nor gradient is a number beyond a distance from zero."""

    def value(self, z: Tensor) -> Tensor:
        return self.value_and_gradient(z)[0]

    def value_and_gradient(self, z: Tensor) -> tuple[Tensor, Tensor]:
        far = ball.norms(z) > 0.3
        nan = torch.where(far, torch.nan, 0.0).float()
        return z.flatten(1).sum(1) + nan, torch.ones_like(z) + nan.view(-1, 1, 1, 1)


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "spsa"])
def test_an_error_that_is_not_a_number_is_never_taken_for_a_low_one(attack: str) -> None:
    y = torch.zeros(2, 1, 8, 8)
    *_, last = ATTACKS[attack](NotANumberFarAway(), y)
    assert (NotANumberFarAway().value(y + last.kept) > 0.05).all()
    assert _inside(attack, last.kept)
    wrong = "error is not a number" if attack in ("fgm", "sign") else "gradient is not finite"
    assert wrong in last.notice()


def test_where_nothing_may_move_nothing_is_said(scene: tuple[Tensor, Tensor]) -> None:
    y, x = scene
    flat = BaseError(constant, x)
    for walk in (
        pgd(flat, y, Terms(0.0, steps=3, seeds=(0, 1))),
        apgd(flat, y, Terms(0.0, steps=3)),
        pgd(flat, y, Terms(1.0, steps=0, seeds=(0, 1))),
        apgd(flat, y, Terms(1.0, steps=0)),
    ):
        *_, last = walk
        assert last.notice() == ""


def test_the_box_holds_in_the_search_too(scene: tuple[Tensor, Tensor]) -> None:
    y = scene[0].sigmoid()
    box = torch.zeros(()), torch.ones(())
    *_, last = apgd(BaseError(unlinked, y), y, Terms(2.0, steps=3, box=box))
    assert last.notice()
    assert last.kept.any()
    assert ((y + last.kept) >= 0).all()
    assert ((y + last.kept) <= 1).all()


def test_objectives_of_smoothed_estimators_and_classifiers_are_watched_too(
    generator: torch.Generator,
) -> None:
    y = torch.rand(1, 3, 16, 16, generator=generator)
    smoothed = SmoothedError(unlinked, y, 0.1, 4, seed=0, chunk=4)

    def classifier(z: Tensor) -> Tensor:
        return NETWORK(z).mean((2, 3)).round(decimals=2)

    labels = torch.tensor([1])
    objectives = (
        smoothed,
        BaseError(classifier, labels, CROSS_ENTROPY),
        SmoothedError(classifier, labels, 0.1, 3, seed=0, chunk=4, loss=CROSS_ENTROPY),
    )
    for objective in objectives:
        *_, last = apgd(objective, y, Terms(RADIUS, steps=2))
        assert "gradient is zero at 2 of 2 steps" in last.notice()
        assert (objective.value(y + last.kept) > objective.value(y)).all()


def test_rounding_does_not_make_a_shipped_network_robust() -> None:
    """What the search takes from an undefended network is most of what its gradient takes."""
    truth = images.crop(images.bundled("astronaut"), short_side=192, x=0.5, y=0.5)[..., 32:128, 32:128]
    x, y = units.standardise(truth), SuperResolution(2).measure(truth)
    lab = Lab(Engine("cpu", "float32", threads=1))
    network = lab.network("sr-x2-std", "float32")[0].exact
    radius = units.radius(0.05, y[0].numel())

    def psnr(e: Tensor) -> float:
        with torch.no_grad():
            return metrics.psnr(units.to_picture(network(y + e)), truth).item()

    def attacked(estimator: Callable[[Tensor], Tensor]) -> float:
        *_, last = apgd(BaseError(estimator, x), y, Terms(radius, steps=10))
        return psnr(last.kept)

    clean = psnr(torch.zeros_like(y))
    honest = lab.engine.do(lambda: attacked(network))
    hidden = lab.engine.do(lambda: attacked(lambda z: (network(z) * 256).round() / 256))
    assert clean - hidden > 0.6 * (clean - honest)

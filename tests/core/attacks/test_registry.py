"""What the registry promises of every attack, and an attack of this file's own wherever one is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from typer.testing import CliRunner

from core.attacks import ball
from core.attacks.attack import Attack
from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS, register
from core.attacks.terms import NORMS, Terms
from core.attacks.walk import Iterate
from core.base.errors import UserError
from core.commands import application
from core.problems.denoising import DenoisingScenario
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.pages import apps


def brighten(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """Every value is raised as far as the norm allows."""
    found = terms.radius * ball.normalised(torch.ones_like(point))
    yield Iterate(0, found, objective.value(point + found), found)


TOY = Attack(
    "toy",
    "Brighter",
    "all values raised",
    frozenset({"l2"}),
    brighten,
    says=lambda steps, keep, norm: "all values raised by as much",
    steps=0,
    cost=lambda steps: (1, 0),
)


def answer(*words: str) -> Any:
    done = CliRunner().invoke(application, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def toy() -> Iterator[Attack]:
    register(TOY)
    yield TOY
    ATTACKS.pop(TOY.key, None)


@pytest.mark.usefixtures("toy")
def test_a_new_attack_is_on_the_command_line() -> None:
    words = ("run", "--samples", "2", "--precision", "float32", "--eps-rel", "0.05", "--attack")
    found = answer(*words, "toy")
    assert found["norms"]["reached"] == pytest.approx(found["norms"]["asked"], rel=1e-5)
    assert found["metrics"]["adv_base"]["psnr"] < found["metrics"]["clean_base"]["psnr"]
    told = CliRunner().invoke(application, [*words, "toy"], catch_exceptions=False).stdout
    assert "all values raised by as much; made on each estimator" in told
    sensed = answer("run", "--checkpoint", "dn-ord", "--samples", "2", "--attack", "toy")
    assert sensed["norms"]["reached"] == pytest.approx(sensed["norms"]["asked"], rel=1e-5)


@pytest.mark.usefixtures("toy")
def test_a_new_attack_is_in_the_live_lab() -> None:
    app = apps.opened("live_lab.py", attack="toy", samples="2", attack_samples="1")
    assert not app.exception
    assert "Brighter" in app.selectbox(key="lab.attack").options
    assert any("all values raised by as much" in caption.value.lower() for caption in app.caption)


@pytest.mark.parametrize("kind", [Scenario, DenoisingScenario])
def test_what_is_not_registered_cannot_be_chosen(kind: type[Scenario], toy: Attack) -> None:
    assert kind(attack="toy").attack == "toy"
    del ATTACKS[toy.key]
    assert kind.choices("attack") == tuple(ATTACKS)
    with pytest.raises(UserError, match=f"choose one of {', '.join(ATTACKS)}"):
        kind(attack="toy")


def test_a_name_is_given_once(toy: Attack) -> None:
    with pytest.raises(ValueError, match="toy already"):
        register(toy)


class Counted(BaseError):
    """An error that counts what is asked of it."""

    asked: list[str]

    def value(self, measurement: Tensor) -> Tensor:
        self.asked.append("loss")
        return super().value(measurement)

    def value_and_gradient(self, measurement: Tensor) -> tuple[Tensor, Tensor]:
        self.asked.append("gradient")
        return super().value_and_gradient(measurement)


EVERY = [(key, norm) for key, attack in ATTACKS.items() for norm in sorted(attack.norms)]


@pytest.mark.parametrize(("key", "norm"), EVERY)
def test_an_attack_costs_and_takes_what_it_declares(key: str, norm: str, generator: torch.Generator) -> None:
    y = torch.randn(2, 1, 4, 4, generator=generator)
    objective, attack = Counted(torch.tanh, y + 0.3), ATTACKS[key]
    object.__setattr__(objective, "asked", [])
    path = list(attack.iterates(objective, y, Terms(0.5, norm, steps=6, seeds=attack.seeds(0, 2))))
    assert [iterate.iteration for iterate in path] == [*range(attack.taken(6) + 1)]
    counts = objective.asked.count("loss"), objective.asked.count("gradient")
    assert counts == attack.cost(6 if attack.steps is None else attack.steps)
    assert attack.blind == (counts == (0, 0))
    said = attack.says(6, "best", norm)
    assert ("6 steps" in said) == (attack.steps is None)
    assert attack.called(6).endswith("-6") == (attack.steps is None and attack.length is None)


@pytest.mark.parametrize("norm", NORMS)
def test_images_are_attacked_as_they_would_be_alone(norm: str, generator: torch.Generator) -> None:
    y = torch.randn(3, 1, 4, 4, generator=generator)
    for attack in (attack for attack in ATTACKS.values() if norm in attack.norms):
        together = attack.end(BaseError(torch.tanh, y + 0.3), y, Terms(0.5, norm, seeds=attack.seeds(1, 3)))
        alone = attack.end(
            BaseError(torch.tanh, y[1:2] + 0.3), y[1:2], Terms(0.5, norm, seeds=attack.seeds(1))
        )
        torch.testing.assert_close(together.kept[1:2], alone.kept)


def _leaving(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    for iterate in brighten(objective, point, terms):
        yield Iterate(0, iterate.perturbation, iterate.loss, 1.001 * iterate.kept)


def test_no_attack_ends_outside_its_ball_or_in_another_norm() -> None:
    y = torch.zeros(1, 1, 2, 2)
    arguments: tuple[Any, ...] = (BaseError(torch.tanh, y), y)
    leaving = Attack("toy", "Leaving", "", frozenset({"l2"}), _leaving, says=lambda *_: "")
    with pytest.raises(AssertionError, match="exceeds"):
        leaving.end(*arguments, Terms(1.0))
    with pytest.raises(UserError, match="Gaussian noise does not keep to L∞: attack in L2"):
        ATTACKS["noise"].end(*arguments, Terms(1.0, "linf", seeds=[0]))


def test_apgd_finds_the_best_corner_of_the_cube() -> None:
    """There the worst perturbation of a linear loss is the radius times the signs of its slope."""

    class Linear:
        def value(self, z: Tensor) -> Tensor:
            return (z * SLOPE).flatten(1).sum(1)

        def value_and_gradient(self, z: Tensor) -> tuple[Tensor, Tensor]:
            return self.value(z), SLOPE.expand_as(z)

    last = ATTACKS["apgd"].end(Linear(), torch.zeros(1, 1, 4, 4), Terms(0.1, "linf", steps=20))
    torch.testing.assert_close(last.kept, 0.1 * SLOPE.sign())


SLOPE = torch.linspace(-1, 1.5, 16).view(1, 1, 4, 4)

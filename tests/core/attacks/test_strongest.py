"""The strongest attack known: no weaker than any part of it, and judged on draws that no part has seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from core.attacks.apgd import apgd
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.strongest import smoothed_steps, strongest
from core.attacks.terms import Terms
from core.problems.super_resolution import bicubic
from core.smoothing.error import SmoothedError

SHAPE = (3, 8, 8)


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1)).eval()


def pictures(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    x = torch.randn(2, *SHAPE, generator=generator)
    return x, x + 0.1 * torch.randn(2, *SHAPE, generator=generator)


def test_on_a_network_it_is_the_worse_of_two_starts(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    objective, terms = BaseError(network(), x), Terms(1.0, steps=20, seeds=[1, 1])
    *_, last = ATTACKS["strongest"].iterates(objective, y, terms)
    *_, from_zero = apgd(objective, y, terms)
    assert (objective.value(y + last.kept) >= objective.value(y + from_zero.kept)).all()
    assert set(last.attempts) <= {"zero", "random", "pgd"}


def test_a_linear_estimator_is_not_searched(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    objective = BaseError(partial(bicubic, factor=2), x)
    *_, last = strongest(objective, y, Terms(1.0, steps=5, seeds=[1, 1]))
    *_, long = apgd(objective, y, Terms(1.0, steps=200))
    assert last.attempts == ("exact", "exact")
    assert (objective.value(y + last.kept) >= objective.value(y + long.kept) * (1 - 1e-6)).all()


def test_a_box_is_kept_where_the_exact_worst_case_would_leave_it(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    box = (y - 0.05, y + 0.05)
    terms = Terms(1.0, steps=5, seeds=[1, 1], box=box)
    *_, last = strongest(BaseError(partial(bicubic, factor=2), x), y, terms)
    assert (y + last.kept >= box[0]).all()
    assert (y + last.kept <= box[1]).all()
    assert "exact" not in last.attempts


def smoothed(x: Tensor) -> SmoothedError:
    return SmoothedError(network(), x, sigma=0.3, samples=4, seed=1, chunk=8)


def test_on_a_smoothed_estimate_it_is_no_weaker_than_what_it_was_given(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    objective = smoothed(x)
    *_, other = apgd(BaseError(objective.estimator, x), y, Terms(1.0, steps=20))
    terms = Terms(1.0, steps=10, others={"f": other.kept})
    *_, last = strongest(objective, y, terms)
    judge = objective.judge()
    assert (judge.value(y + last.kept) >= judge.value(y + other.kept)).all()
    assert set(last.attempts) <= {"f", "zero", "transfer"}
    assert last.iteration == ATTACKS["strongest"].taken(smoothed_steps(10))


def test_without_steps_the_best_of_the_others_is_the_result(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    objective = smoothed(x)
    *_, found = apgd(BaseError(objective.estimator, x), y, Terms(1.0, steps=20))
    others = {"weak": 0.1 * found.kept, "worst": found.kept}
    *_, last = strongest(objective, y, Terms(1.0, steps=0, others=others))
    assert last.attempts == ("worst", "worst")
    assert torch.allclose(last.kept, found.kept, atol=1e-6)


@dataclass
class Lucky:
    """A smoothed objective whose held-out draws disagree with those that are climbed."""

    sign: float = 1.0

    def fresh(self) -> Lucky:
        return self

    def judge(self) -> Lucky:
        return replace(self, sign=-1.0)

    def value(self, point: Tensor) -> Tensor:
        return self.sign * point.flatten(1).sum(1)

    def value_and_gradient(self, point: Tensor) -> tuple[Tensor, Tensor]:
        return self.value(point), self.sign * torch.ones_like(point)


def test_held_out_draws_decide(generator: torch.Generator) -> None:
    """What is worst on the attack's own draws is best on these: nothing of it is kept."""
    _, y = pictures(generator)
    *_, last = strongest(Lucky(), y, Terms(1.0, steps=10))
    assert last.attempts == ("none", "none")
    assert last.kept.abs().max() == 0


def test_draws_that_judge_are_others_than_those_that_are_climbed(generator: torch.Generator) -> None:
    x, y = pictures(generator)
    objective = smoothed(x)
    judge, climbed = objective.judge(), objective.fresh()
    assert judge.value(y).tolist() == judge.value(y).tolist()
    assert climbed.value(y).tolist() != climbed.value(y).tolist()
    assert judge.value(y).tolist() != objective.value(y).tolist()
    assert judge.samples > objective.samples

"""The strongest attack that is known on each kind of estimator, under one name.

- A **linear estimator** is not attacked: its worst case is computed (:mod:`core.attacks.exact`).
- A **network** is attacked by APGD from zero and from a random point of the ball, and as the thesis does.
- A **smoothed estimate** is attacked as it is deployed: APGD on fresh draws at every step, with the exact
  gradient of their average (:mod:`core.smoothing.error`), from zero and from the best of what others found:
  the attacks on its base network and on the networks beside it (transfer).

What is tried counts where it ends and where its loss was highest; the worst of all is kept, per image, by
the error as it is reported, for a smoothed estimate on held-out draws that no attack has seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.terms import NORMS, Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

SHARE = 0.3
"""Steps on a smoothed estimate over those on a network: each costs as many gradients as there are draws."""


PGD_STEPS = 10
"""Of the thesis's attack, which is among those that are tried."""


def smoothed_steps(steps: int) -> int:
    """Steps of each walk on a smoothed estimate, where one on a network has ``steps``."""
    return -int(-steps * SHARE // 1)


def strongest(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """Everything that is tried on this kind of estimator, one walk after the other.

    ``terms.others`` are tried as they are, and the best of them is where a walk on a smoothed estimate
    starts. ``Iterate.attempts`` says which of them ``kept`` is.
    """
    from core.attacks.exact import exact, is_linear
    from core.attacks.objectives import Redrawn

    if terms.norm == "l2" and terms.box is None and is_linear(objective, point):
        for iterate in exact(objective, point, terms):
            yield replace(iterate, attempts=("exact",) * len(point))
        return
    if isinstance(objective, Redrawn):
        yield from _on_smoothed(objective, point, terms)
    else:
        yield from _on_network(objective, point, terms)


def _on_network(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    import torch

    from core.attacks.ball import Region
    from core.attacks.pgd import pgd

    best = _Best(objective, objective, point, terms)
    thesis = replace(terms, steps=min(terms.steps, PGD_STEPS), start=None, keep="best")
    *_, found = pgd(objective, point, thesis)
    best.consider("pgd", found.kept)
    yield from best.walk("zero", torch.zeros_like(point), terms.steps)
    yield from best.walk("random", Region(point, terms).draw(), terms.steps)


def _on_smoothed(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    import torch

    from core.attacks.ball import Region
    from core.attacks.objectives import Redrawn

    assert isinstance(objective, Redrawn)
    steps = smoothed_steps(terms.steps)
    best = _Best(objective, objective.fresh(), point, terms)
    for name, other in terms.others.items():
        best.consider(name, Region(point, terms).feasible(other.to(point)))
    start = best.kept
    yield from best.walk("zero", torch.zeros_like(point), steps)
    if terms.others:
        yield from best.walk("transfer", start, steps)


class _Best:
    """The worst perturbation so far, per image, and the walks that look for a worse one."""

    def __init__(self, objective: Objective, climbed: Objective, point: Tensor, terms: Terms) -> None:
        import torch

        from core.attacks.objectives import Judged

        self.judge = objective.judge() if isinstance(objective, Judged) else objective
        self.climbed, self.point, self.terms = climbed, point, terms
        self.kept = torch.zeros_like(point)
        self.highest = self.judge.value(point)
        self.attempts = ["none"] * len(point)
        self.iteration = 0

    def consider(self, name: str, perturbation: Tensor) -> None:
        """Keep a perturbation where it is worse than what is kept."""
        import torch

        loss = self.judge.value(self.point + perturbation)
        worse = loss > self.highest
        self.kept = torch.where(worse.view(-1, 1, 1, 1), perturbation, self.kept)
        self.highest = torch.where(worse, loss, self.highest)
        self.attempts = [
            name if is_worse else before
            for is_worse, before in zip(worse.tolist(), self.attempts, strict=True)
        ]

    def walk(self, name: str, start: Tensor, steps: int) -> Iterator[Iterate]:
        """One APGD, its iterates numbered on from those before."""
        from core.attacks.apgd import apgd

        first = self.iteration + bool(self.iteration)
        for iterate in apgd(self.climbed, self.point, replace(self.terms, start=start, steps=steps)):
            self.iteration = first + iterate.iteration
            yield replace(iterate, iteration=self.iteration, kept=self.kept, attempts=tuple(self.attempts))
        for found in (iterate.kept, iterate.perturbation):
            self.consider(name, found)
        self.iteration += 1
        yield replace(
            iterate,
            iteration=self.iteration,
            perturbation=self.kept,
            loss=self.highest,
            kept=self.kept,
            attempts=tuple(self.attempts),
        )


def _says(steps: int, keep: str, norm: str) -> str:
    return (
        f"strongest attack known in {NORMS[norm]}: exact for linear estimators; on networks the worst of "
        f"APGD ({steps} steps, from zero and from a random start) and PGD; on smoothed estimates APGD of "
        f"{smoothed_steps(steps)} steps on fresh draws, from zero and from the worst that other attacks found"
    )


STRONGEST = Attack(
    "strongest",
    "Strongest known",
    "the worst of several long attacks, for each kind of estimator the strongest that is known; slow",
    frozenset(NORMS),
    strongest,
    says=_says,
    length=lambda steps: 2 * (steps + 1) + 1,
    cost=lambda steps: (9, 2 * steps + min(steps, PGD_STEPS)),
    gathers=True,
)

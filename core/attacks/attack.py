"""What an attack is: its names, what it costs, what is said of it, and how it is carried out.

Scenarios, captions and the command line know attacks too, so torch is loaded by carrying one out alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.attacks.terms import NORMS, Terms
from core.base.errors import UserError
from core.base.seeds import derive

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

Run: TypeAlias = "Callable[[Objective, Tensor, Terms], Iterator[Iterate]]"
"""``(objective, point, terms)`` to the iterates, whose last one keeps the result; point ``(b, c, h, w)``."""


def _a_gradient_a_step(steps: int) -> tuple[int, int]:
    return 1, steps


@dataclass(frozen=True)
class Attack:
    """One way of making perturbations; :data:`core.attacks.registry.ATTACKS` has all of them.

    Attributes:
        key: its name in scenarios, links and stored rows.
        title: its name on pages.
        meaning: what it does, in one clause.
        norms: those of :data:`core.attacks.terms.NORMS` that it can keep to.
        run: how it is done.
        says: what was done, as part of a sentence, from ``(steps, keep, norm)``.
        steps: how many it takes, if that is not for others to say.
        length: iterates after the first, if that is not one a step.
        cost: losses, and gradients, that are asked of the objective in so many steps.
        blind: whether it asks for none, so that its perturbation is the same for all estimators.
        gathers: whether it tries what attacks on other estimators found (``Terms.others``).
        stream: of its random draws, see :meth:`seeds`.
    """

    key: str
    title: str
    meaning: str
    norms: frozenset[str]
    run: Run
    says: Callable[[int, str, str], str]
    steps: int | None = None
    length: Callable[[int], int] | None = None
    cost: Callable[[int], tuple[int, int]] = _a_gradient_a_step
    blind: bool = False
    gathers: bool = False
    stream: str = "attack"

    def seeds(self, seed: int, images: int = 1) -> list[int]:
        """Seeds for :class:`Terms` from one of a scenario: every image has the draws it would have alone."""
        return [derive(seed, self.stream)] * images

    def taken(self, steps: int) -> int:
        """The steps it takes when so many are asked for."""
        if self.length:
            return self.length(steps)
        return steps if self.steps is None else self.steps

    def called(self, steps: int) -> str:
        """Its name with its effort: ``PGD-10``."""
        return f"{self.title}-{steps}" if self.steps is None and self.length is None else self.title

    def iterates(self, objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
        r"""Carry it out, yielding every iterate; the last one's ``kept`` is the result.

        Args:
            objective: the loss to raise.
            point: ``(b, c, h, w)``, not attacked.
            terms: what it may do.

        Raises:
            UserError: if it cannot keep to the norm.
            AssertionError: if the result is not :math:`\|e\| \le \varepsilon(1 + 10^{-5})` for each image.
        """
        from core.attacks.selection import assert_inside

        if terms.norm not in self.norms:
            held = " or ".join(NORMS[norm] for norm in sorted(self.norms))
            raise UserError(f"{self.title} does not keep to {NORMS[terms.norm]}: attack in {held}.")
        for iterate in self.run(objective, point, terms):
            yield iterate
        assert_inside(iterate.kept, terms.radius, terms.norm)

    def end(self, objective: Objective, point: Tensor, terms: Terms) -> Iterate:
        """The last of :meth:`iterates`; the others are let go on the way."""
        for iterate in self.iterates(objective, point, terms):
            last = iterate
        return last

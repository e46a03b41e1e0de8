r"""The fast gradient method: one step of full length (``goodfellow2015``).

.. math:: e = \varepsilon \nabla L / \|\nabla L\|_2 \quad\text{or}\quad e = \varepsilon\,\mathrm{sign}\nabla L
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


def fgm(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """From the point itself, as two iterates: zero and the step, clipped to the box if there is one."""
    from core.attacks.ascent import ascent

    return ascent(objective, point, point.new_zeros(point.shape), replace(terms, steps=1, keep="final"), 1.0)


FGM = Attack(
    "fgm",
    "One gradient step (FGM)",
    "one gradient step of length ε",
    frozenset(NORMS),
    fgm,
    says=lambda steps, keep, norm: f"one {'signed' if norm == 'linf' else 'gradient'} step of length ε",
    steps=1,
)

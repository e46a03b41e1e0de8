"""Attacks on digit classifiers, inside the box [0, 1]: one call for training and tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

KINDS = {"sign": ("fgm", "linf"), "linf": ("pgd", "linf"), "l2": ("pgd", "l2")}
"""What scenarios, networks and stored rows call an attack on digits: which it is, and in what norm."""


def perturb(
    objective: Objective,
    pictures: Tensor,
    kind: str,
    radius: float,
    *,
    steps: int,
    seeds: Sequence[int],
    keep: str = "best",
    step: float | None = None,
) -> Iterate:
    r"""The end of an attack: ``kept`` has :math:`\|e\| \le` ``radius`` and x + e in [0, 1].

    Args:
        objective: the loss to climb.
        pictures: ``(b, 1, 28, 28)`` in [0, 1].
        kind: of :data:`KINDS`.
        radius: in pixel units, in the norm of the kind.
        steps, seeds, keep, step: see :class:`core.attacks.terms.Terms`.
    """
    attack, norm = KINDS[kind]
    box = pictures.new_zeros(()), pictures.new_ones(())
    return ATTACKS[attack].end(
        objective, pictures, Terms(radius, norm, steps, seeds, keep, box=box, step=step)
    )

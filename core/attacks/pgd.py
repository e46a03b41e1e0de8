r"""Projected gradient ascent (``madry2018``; in the L2 ball as ``patsatzi2023``, section 4.3, evaluates).

.. math:: e_{i+1} = \Pi_{\|e\| \le \varepsilon}\bigl(e_i + \alpha\, u(\nabla_e L)\bigr)

with :math:`u(g) = g/\|g\|_2` in the L2 ball and :math:`\mathrm{sign}\,g` in the L-infinity ball.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.terms import KEEPS, NORMS, Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

STEP = {"l2": 0.25, "linf": 0.1}
r"""Length :math:`\alpha` of a step in units of the radius, by norm; the thesis trains with ½."""


def pgd(objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """From a random point of the ball for each seed; one yield for each of ``steps + 1`` iterates.

    See :func:`core.attacks.ascent.ascent`.
    """
    from core.attacks.ascent import ascent
    from core.attacks.ball import Region

    start = terms.start
    if start is None:
        start = Region(point, terms).draw()
    return ascent(objective, point, start, terms, terms.step or STEP[terms.norm])


PGD = Attack(
    "pgd",
    "PGD",
    "projected gradient ascent from a random start, with steps of ε/4 as the thesis has them",
    frozenset(NORMS),
    pgd,
    says=lambda steps, keep, norm: (
        f"PGD-{NORMS[norm]}, {steps} steps of ε/{1 / STEP[norm]:g} from a random start, {KEEPS[keep]}"
    ),
)

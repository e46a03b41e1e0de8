r"""One-step fast gradient method in the L2 ball (Goodfellow et al. 2015, with the L2 norm).

.. math:: e = \varepsilon \nabla L(y) / \|\nabla L(y)\|_2
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.attacks.objectives import Objective
from core.attacks.pgd import pgd_l2
from core.attacks.walk import Iterate


def fgm_l2(
    objective: Objective,
    measurement: Tensor,
    *,
    radius: float,
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    """One step of full length from the clean measurement, as two iterates: zero and the step.

    Args:
        objective, measurement, radius, box: as in :func:`core.attacks.pgd.pgd_l2`.
    """
    return pgd_l2(
        objective,
        measurement,
        torch.zeros_like(measurement),
        radius=radius,
        steps=1,
        step_size=radius,
        keep="final",
        box=box,
    )

r"""Projected gradient ascent in the L2 ball (thesis, section 4.3; Madry et al. 2018).

.. math:: e_{i+1} = \Pi_{\|e\|_2 \le \varepsilon}\bigl(e_i + \alpha \nabla_e L / \|\nabla_e L\|_2\bigr)
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.attacks.search import searched
from core.attacks.walk import Iterate, Keep, ascend
from core.base.seeds import derive


def pgd_l2(
    objective: Objective,
    measurement: Tensor,
    start: Tensor,
    *,
    radius: float,
    steps: int,
    step_size: float,
    keep: Keep = "best",
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    r"""Walk uphill, one yield for each of the ``steps + 1`` iterates.

    Args:
        objective: the loss to maximise.
        measurement: clean measurements ``(b, c, h, w)``, standardised.
        start: perturbations to start from, inside the ball.
        radius: :math:`\varepsilon`, in the measurement's units.
        steps: number of gradient steps; 0 returns the start.
        step_size: :math:`\alpha`; the thesis evaluates with :math:`\varepsilon/4` and trains
            with :math:`\varepsilon/2`.
        keep: what counts as the result, see :class:`Iterate`.
        box: optional lower and upper limits of the *attacked* measurement (broadcastable).
            The clean measurement must lie inside: then clamping only shrinks the
            perturbation and both constraints hold.

    A gradient that vanishes or is not finite leaves its image where it is; then the search of
    :mod:`core.attacks.search` follows, in further iterates. Every yielded perturbation satisfies
    ``norm <= radius`` up to float32 rounding.
    """

    def feasible(perturbation: Tensor) -> Tensor:
        return ball.feasible(perturbation, measurement, radius, box)

    def advance(perturbation: Tensor, direction: Tensor, length: float) -> Tensor:
        return feasible(perturbation + length * ball.normalised(direction))

    def walk(watched: Objective) -> Iterator[Iterate]:
        return ascend(
            watched,
            measurement,
            feasible(start),
            lambda perturbation, gradient: advance(perturbation, gradient, step_size),
            steps=steps,
            keep=keep,
        )

    return searched(objective, measurement, walk, advance, radius=radius)


def evaluation_pgd(
    objective: Objective,
    measurement: Tensor,
    seed: int,
    *,
    radius: float,
    steps: int,
    keep: str = "best",
    box: tuple[Tensor, Tensor] | None = None,
) -> Iterator[Iterate]:
    r"""PGD as the thesis evaluates with it (section 4.3): random start, steps of :math:`\varepsilon/4`.

    Every image starts from the same point of the ball, as it would alone.

    Args:
        objective, measurement, radius, steps, box: as in :func:`pgd_l2`.
        seed: of the start.
        keep: ``best`` or ``final``, see :class:`Iterate`.
    """
    start = ball.in_ball(measurement, radius, [derive(seed, "attack")] * len(measurement))
    return pgd_l2(
        objective,
        measurement,
        start,
        radius=radius,
        steps=steps,
        step_size=radius / 4,
        keep="final" if keep == "final" else "best",
        box=box,
    )

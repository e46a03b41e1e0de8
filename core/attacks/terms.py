"""The terms of an attack: what it may do, in what norm, and what counts as its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

NORMS = {"l2": "L2", "linf": "L∞"}
"""The norms that bound perturbations, and how they are written."""

LEVELS = {"l2": "RMS", "linf": "per value"}
"""What a level ε bounds in them: the root of the mean square, or every change."""

KEEPS = {"best": "iterate of highest loss", "final": "last iterate"}
"""What counts as an attack's result, and how it is called."""

LOSSES = {"mse": "squared error", "ssim": "1 − SSIM"}
"""What attacks on reconstructions raise, and how it is called."""

STRONGEST, STRONGEST_SSIM, THESIS = "strongest", "strongest_ssim", "thesis"
STRONGEST_STEPS = 100
"""``attack_steps`` of the strongest attack in evaluations."""

ATTACKED = {
    STRONGEST: "strongest attack known on each estimator",
    STRONGEST_SSIM: "strongest attack known on the SSIM of each estimator",
    THESIS: "PGD on each network, on f alone where it is smoothed (as the thesis attacks)",
}
"""Who is attacked with what where estimators are compared: evaluations of each have a table of their own."""

HEADINGS = {
    STRONGEST: "strongest attack known",
    STRONGEST_SSIM: "strongest attack known on SSIM",
    THESIS: "as the thesis attacks",
}
"""The same in headings."""


@dataclass(frozen=True)
class Terms:
    r"""What an attack may do, and how much of it; each takes what it has a use for.

    Attributes:
        radius: :math:`\varepsilon`, in the units of the attacked point.
        norm: of :data:`NORMS`.
        steps: number of gradient steps; 0 returns the start.
        seeds: of whatever is drawn, one per image: see :meth:`core.attacks.attack.Attack.seeds`.
        keep: of :data:`KEEPS`; attacks that compare losses to find their way keep the best.
        box: lower and upper limits of the *attacked* point, broadcastable. The point itself must lie
            inside: then clamping only shrinks the perturbation and both constraints hold.
        start: the first perturbation ``(b, c, h, w)``, inside the ball, instead of the attack's own.
        step: length of a step in units of the radius, instead of the attack's own.
        mask: 1 where the point may change and 0 where it may not, broadcastable; everywhere if None.
        ends: what black and white are in the units of the point, broadcastable, for attacks that need to
            know; the extremes of the point itself if None.
        others: perturbations ``(b, c, h, w)`` that attacks on other estimators found, by where they come
            from.
    """

    radius: float
    norm: str = "l2"
    steps: int = 10
    seeds: Sequence[int] = ()
    keep: str = "best"
    box: tuple[Tensor, Tensor] | None = None
    start: Tensor | None = None
    step: float | None = None
    mask: Tensor | None = None
    ends: tuple[Tensor, Tensor] | None = None
    others: Mapping[str, Tensor] = field(default_factory=dict)

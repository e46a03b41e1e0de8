"""Starting points for restarts, and the strongest of several perturbations per image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.attacks import ball
from core.base.seeds import derive_many

NORM_SLACK = 1e-5
"""Relative excess of a perturbation's norm over its radius that rounding may cause."""


def starts(measurement: Tensor, radius: float, *, restarts: int, seed: int) -> dict[str, Tensor]:
    """Where restarts begin: ``zero`` (the clean measurement), then uniform points of the ball.

    Returns:
        ``restarts`` perturbations ``(b, c, h, w)`` by name; images share the random draws.
    """
    found = {"zero": torch.zeros_like(measurement)}
    for number, draw in enumerate(derive_many(seed, "restart", restarts - 1), start=1):
        found[f"random {number}"] = ball.in_ball(measurement[:1], radius, [draw]).expand_as(measurement)
    return found if restarts > 0 else {}


def assert_inside(perturbation: Tensor, radius: float, norm: str = "l2") -> None:
    r"""Make sure of :math:`\|e\| \le \varepsilon(1 + 10^{-5})` for each image.

    Every attack that ends goes through here: see :meth:`core.attacks.attack.Attack.iterates`.

    Args:
        perturbation: ``(b, c, h, w)``.
        radius: :math:`\varepsilon`.
        norm: of :data:`core.attacks.terms.NORMS`.

    Raises:
        AssertionError: if an image's perturbation leaves the ball or is not finite.
    """
    reached = ball.BALLS[norm].norms(perturbation)
    if not (reached <= radius * (1 + NORM_SLACK)).all():
        raise AssertionError(f"‖e‖ = {reached.max().item()} exceeds ε = {radius}")


@dataclass(frozen=True)
class Strongest:
    """The worst case per image.

    Attributes:
        names: which candidate it is, one per image.
        perturbation: ``(b, c, h, w)``.
        scores: ``(candidates, b)`` in the candidates' order, on the selection's noise: biased
            upwards for the winner, so report its error on other noise.
    """

    names: tuple[str, ...]
    perturbation: Tensor
    scores: Tensor


def strongest(candidates: Mapping[str, Tensor], score: Callable[[Tensor], Tensor]) -> Strongest:
    """Per image the perturbation that ``score`` rates highest; of equal ones the first.

    Args:
        candidates: perturbations ``(b, c, h, w)`` by name.
        score: error ``(b,)`` of the *deployed* estimator under a perturbation, on a noise set
            that no attack has seen.

    Raises:
        ValueError: without candidates.
    """
    if not candidates:
        raise ValueError("the strongest of no candidates is not defined")
    names = list(candidates)
    scores = torch.stack([score(candidates[name]) for name in names])
    winners = scores.argmax(0).tolist()
    worst = torch.stack([candidates[names[winner]][image] for image, winner in enumerate(winners)])
    return Strongest(tuple(names[winner] for winner in winners), worst, scores)

"""What to train: one recipe per checkpoint of the thesis's grid (section 4.2)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.base.errors import UserError
from core.problems.names import SuperResolutionIdentity
from core.training.plan import Plan

SIGMA_F = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 1.00)
EPS_REL = (0.01, 0.02, 0.05, 0.10, 0.20)
FACTORS = (2, 4)
STRONG_ENOUGH = {2: 0.20, 4: 0.30}
"""From this sigma_f on networks of a factor learn to remove the noise without having seen more first."""
FIRST_SIGMA_F = 0.30

CPU_IMAGES = {"standard": 120_000, "smoothing": 40_000, "adversarial": 40_000}
GPU_IMAGES = {"standard": 1_200_000, "smoothing": 1_000_000, "adversarial": 1_000_000}


@dataclass(frozen=True)
class Recipe(Plan):
    """Everything that decides the training of a super-resolution network.

    ``attack_steps`` (adversarial training only) are PGD iterations in the loop, with step
    ``eps / 2`` and a random start. ``first_level`` (smoothing only) is the noise that takes the
    place of the identity's ``level`` for ``first`` of the steps; 0: none does.
    """

    identity: SuperResolutionIdentity
    first_level: float = 0.0
    first: float = 0.08

    def level(self, step: int) -> float:
        """The noise or attack strength of a step."""
        early = step < self.first * self.steps
        return self.first_level if early and self.first_level else self.identity.level


def recipe(name: str, *, gpu: bool = False) -> Recipe:
    """The recipe of a checkpoint by name.

    On the CPU the smoothing and adversarial networks start from the standard one of their
    factor, because the budget is small; on a GPU each starts from random weights and sees
    ten times as much. Smoothing networks start with fresh weights at full resolution: the
    standard network's pass the noise on, and training from them stays for hundreds or
    thousands of steps where one or two of three colour directions are still noisy. The lowest
    noise does not drive fresh weights over it either, so those networks first see more of it.

    Raises:
        UserError: if the name is not a checkpoint's, or one that came from outside.
    """
    identity = SuperResolutionIdentity.parse(name)
    if identity.tag:
        raise UserError(f"{name} came from outside: train {replace(identity, tag='').name}.")
    smoothing = identity.objective == "smoothing"
    first_level = FIRST_SIGMA_F if smoothing and identity.level < STRONG_ENOUGH[identity.factor] else 0.0
    if gpu:
        images = GPU_IMAGES[identity.objective]
        return Recipe(identity, images, crop=160, batch=128, first_level=first_level)
    images = CPU_IMAGES[identity.objective]
    if identity.objective == "standard":
        return Recipe(identity, images, learning_rate=2e-3)
    standard = replace(identity, objective="standard", level=0.0)
    if smoothing:
        from core.networks.unet import FINEST  # torch, which tables and findings do without

        return Recipe(
            identity,
            images,
            learning_rate=2e-3,
            start=standard.name,
            fresh=FINEST,
            first_level=first_level,
        )
    return Recipe(identity, images, start=standard.name)


def names() -> list[str]:
    """The 26 checkpoints of the thesis's grid, the standard ones first."""
    found = []
    for factor in FACTORS:
        found.append(SuperResolutionIdentity(factor=factor, objective="standard"))
        for objective, levels in (("smoothing", SIGMA_F), ("adversarial", EPS_REL)):
            found += [
                SuperResolutionIdentity(factor=factor, objective=objective, level=level) for level in levels
            ]
    return [identity.name for identity in found]


def command(name: str, trained: Mapping[str, Any]) -> str:
    """The shell line that trains a network like this one.

    Args:
        name: of the network; what marks it as not shipped is left out.
        trained: the recipe in its metadata; ``images`` is named where it is not the CPU's.
    """
    plain = replace(SuperResolutionIdentity.parse(name), tag="").name
    words = ["python", "-m", "core", "train", plain, "--data", "DIR"]
    images = trained.get("images")
    if isinstance(images, int) and images != recipe(plain).images:
        words += ["--images", str(images)]
    return shlex.join(words)

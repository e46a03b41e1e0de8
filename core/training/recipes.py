"""What to train: one recipe per checkpoint of the thesis's grid (section 4.2)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import UserError
from core.identity import SuperResolutionIdentity

SIGMA_F = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 1.00)
EPS_REL = (0.01, 0.02, 0.05, 0.10, 0.20)
FACTORS = (2, 4)

CPU_IMAGES = {"standard": 120_000, "smoothing": 40_000, "adversarial": 12_000}
GPU_IMAGES = {"standard": 1_200_000, "smoothing": 1_000_000, "adversarial": 1_000_000}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run; two equal recipes give the same network.

    Attributes:
        identity: what is trained.
        images: 160x160 images' worth of pixels to see.
        crop: side of the random crops in pixels.
        batch: crops per step.
        learning_rate: peak of the cosine schedule, reached after ``warmup`` of the steps.
        start: checkpoint whose weights it starts from; empty for random weights.
        attack_steps: PGD iterations in the loop (adversarial training only), with step
            ``eps / 2`` and a random start.
        seed: of weights, crops, noise and attack starts.
    """

    identity: SuperResolutionIdentity
    images: int
    crop: int = 96
    batch: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.03
    start: str = ""
    attack_steps: int = 5
    seed: int = 0

    @property
    def steps(self) -> int:
        """Optimiser steps: the pixels asked for, rounded up to whole batches."""
        return -(-self.images * 160 * 160 // (self.batch * self.crop * self.crop))

    @property
    def images_seen(self) -> int:
        """160x160 images' worth of pixels in all steps."""
        return self.steps * self.batch * self.crop * self.crop // (160 * 160)


def recipe(name: str, *, gpu: bool = False) -> Recipe:
    """The recipe of a checkpoint by name.

    On the CPU the smoothing and adversarial networks start from the standard one of their
    factor, because the budget is small; on a GPU each starts from random weights and sees
    ten times as much.

    Raises:
        UserError: if the name is not a checkpoint's, or one that came from outside.
    """
    identity = SuperResolutionIdentity.parse(name)
    if identity.tag:
        raise UserError(f"{name} came from outside: train {replace(identity, tag='').name}.")
    if gpu:
        return Recipe(identity, GPU_IMAGES[identity.objective], crop=160, batch=128)
    images = CPU_IMAGES[identity.objective]
    if identity.objective == "standard":
        return Recipe(identity, images, learning_rate=2e-3)
    standard = replace(identity, objective="standard", level=0.0)
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

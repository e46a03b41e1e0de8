"""What every training run of the loop is decided by, whatever the problem."""

from __future__ import annotations

from dataclasses import dataclass

from core.problems.names import Identity


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run; two equal plans give the same network.

    Attributes:
        identity: what is trained.
        images: 160x160 images' worth of pixels to see.
        crop: side of the random crops in pixels.
        batch: crops per step.
        learning_rate: peak of the cosine schedule, reached after ``warmup`` of the steps.
        start: checkpoint whose weights it starts from; empty for random weights.
        fresh: beginnings of the names of weights that stay random although there is a ``start``.
        attack_steps: gradient steps of attacks in the loop.
        clip: largest norm of the gradient, longer ones are shortened to it; 0: as they are.
        seed: of weights, crops, noise and attack starts.
    """

    identity: Identity
    images: int
    crop: int = 96
    batch: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.03
    start: str = ""
    fresh: tuple[str, ...] = ()
    attack_steps: int = 5
    clip: float = 0.0
    seed: int = 0

    @property
    def steps(self) -> int:
        """Optimiser steps: the pixels asked for, rounded up to whole batches."""
        return -(-self.images * 160 * 160 // (self.batch * self.crop * self.crop))

    @property
    def images_seen(self) -> int:
        """160x160 images' worth of pixels in all steps."""
        return self.steps * self.batch * self.crop * self.crop // (160 * 160)

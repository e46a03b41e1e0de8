"""What a training run is decided by, whatever the problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.problems.names import Identity


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run; two equal recipes give the same network.

    Levels (``level``, ``first_level``, ``sigma``) are in the units that the problem's levels are
    spoken in: standardised units, grey levels, or pixel values of digits.

    Attributes:
        identity: what is trained, and with which objective (:mod:`core.training.objectives`).
        images: how many to see: pictures of ``side`` times ``side`` pixels, or as many pixels in crops.
        architecture, network: what :func:`core.networks.build` builds.
        level: of the noise or the attack; 0 where there is none.
        setting: arguments of the problem's measurements, those that are not drawn anew in every step.
        side: of the pictures that ``images`` counts.
        crop: side of the random crops in pixels.
        batch: crops per step.
        learning_rate: peak of the cosine schedule of Adam, reached after ``warmup`` of the steps.
        start: checkpoint whose weights it starts from; empty for random weights.
        fresh: beginnings of the names of weights that stay random although there is a ``start``.
        first: share of the steps, at the beginning, that have another level:
        first_level: this one, or if None one that grows linearly to ``level``.
        attack: of adversarial training: ``l2`` (PGD), or ``sign`` for one signed step.
        attack_steps: gradient steps of attacks in the loop.
        sigma: smoothing noise of Smt-Adv.
        samples: S of Smt-Adv and Smt-Grad.
        levels: T of Smt-Grad, steps in which its noise rises to ``level``.
        beta: weight of Jcb's penalty.
        jacobians: images of a batch whose Jacobians Jcb looks at.
        iterations: of Jcb's power iteration.
        clip: largest norm of the gradient, longer ones are shortened to it; 0: as they are.
        seed: of weights, crops, noise and attack starts.
    """

    identity: Identity
    images: int
    architecture: str
    network: dict[str, Any]
    level: float = 0.0
    setting: dict[str, float] = field(default_factory=dict)
    side: int = 160
    crop: int = 96
    batch: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.03
    start: str = ""
    fresh: tuple[str, ...] = ()
    first: float = 0.0
    first_level: float | None = None
    attack: str = "l2"
    attack_steps: int = 5
    sigma: float = 0.0
    samples: int = 3
    levels: int = 6
    beta: float = 1e-4
    jacobians: int = 4
    iterations: int = 2
    clip: float = 0.0
    seed: int = 0

    @property
    def images_per_step(self) -> float:
        """How many a batch amounts to."""
        return self.batch * self.crop**2 / self.side**2

    @property
    def steps(self) -> int:
        """Optimiser steps: the images asked for, rounded up to whole batches."""
        return -(-self.images * self.side**2 // (self.batch * self.crop**2))

    @property
    def images_seen(self) -> int:
        """Images in all steps."""
        return self.steps * self.batch * self.crop**2 // self.side**2

    def level_at(self, step: int) -> float:
        """The noise or attack strength of a step."""
        if step >= self.first * self.steps:
            return self.level
        if self.first_level is None:
            return self.level * min(1.0, (step + 1) / (self.first * self.steps))
        return self.first_level

"""What to train for denoising and compressed sensing: a common start, and five objectives from it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.errors import UserError
from core.problems.names import (
    INVERSE_OBJECTIVES,
    LinearIdentity,
)
from core.training.plan import Plan

OBJECTIVES = INVERSE_OBJECTIVES[1:]
"""The five that are compared."""

START_STEPS = {"dn": 4000, "cs": 5000}
STEPS = 600
"""Steps of the optimiser: of the common start, and of each of the five that go on from it."""


@dataclass(frozen=True)
class InverseRecipe(Plan):
    """Everything that decides a training run of these problems.

    Attributes:
        sigma_b: measurement noise in grey levels.
        epsilon: RMS of attacks in grey levels (Adv, Smt-Adv).
        sigma: smoothing noise in grey levels: of Smt-Adv, and the largest of Smt-Grad.
        samples: S of Smt-Adv and Smt-Grad.
        levels: T of Smt-Grad, steps in which its noise rises.
        beta: weight of Jcb's penalty, for a loss in squared units of [0, 1].
        jacobians: images of a batch whose Jacobians Jcb looks at.
        iterations: of the power iteration.
        architecture, network: what is trained.
    """

    identity: LinearIdentity
    sigma_b: float = 0.0
    epsilon: float = 0.0
    sigma: float = 10.0
    samples: int = 3
    levels: int = 6
    beta: float = 1e-4
    jacobians: int = 4
    iterations: int = 2
    architecture: str = "dpdnn"
    network: dict[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> float:
        """Of the attack or the noise in the training, in grey levels; 0 where there is none."""
        return {"adv": self.epsilon, "smt-adv": self.epsilon, "smt-grad": self.sigma}.get(
            self.identity.objective, 0.0
        )


_PROBLEMS: dict[str, dict[str, Any]] = {
    "dn": {
        "crop": 64,
        "sigma_b": 15.0,
        "epsilon": 5.0,
        "architecture": "dpdnn",
        "network": {"widths": (24, 32, 48, 48, 48), "stages": 3},
    },
    "cs": {
        "crop": 66,
        "sigma_b": 0.0,
        "epsilon": 2.0,
        "clip": 0.02,
        "architecture": "ista_net_plus",
        "network": {"width": 24, "phases": 8},
    },
}

REDUCED = {
    "denoising": "3 of 6 stages; channels 24-32-48-48-48 of 64; crops of 64 pixels in "
    "batches of 16 of 40 in batches of 32; S = 3 of 15; PGD-3 of 100 steps",
    "compressed_sensing": "8 of 20 phases; 24 of 32 channels; crops of 66 pixels in batches "
    "of 16 of 64; S = 3 of 15; PGD-3 of 150 steps",
}
"""What is smaller than in the paper (appendix B), besides the number of steps."""


def recipe(name: str) -> InverseRecipe:
    """The recipe of a network by name.

    The start is trained from random weights. Each of the five goes on from it with the same
    number of images and the same learning rates; so does ``ord``.

    Raises:
        UserError: if the name is not one of :func:`names`.
    """
    identity = LinearIdentity.read(name)
    if identity is None or identity.prefix not in _PROBLEMS:
        raise UserError(f"There is no recipe for “{name}”: choose from {', '.join(names())}.")
    shared = _PROBLEMS[identity.prefix]
    first = identity.objective == "start"
    steps, batch = (START_STEPS[identity.prefix] if first else STEPS), 16
    return InverseRecipe(
        identity,
        images=steps * batch * shared["crop"] ** 2 // 160**2,
        batch=batch,
        # At 2e-3 the unrolled phases of compressed sensing diverged.
        learning_rate={"dn": 2e-3, "cs": 1e-3}[identity.prefix] if first else 5e-4,
        start="" if first else f"{identity.prefix}-start",
        attack_steps=2 if identity.objective == "smt-adv" else 3,
        **shared,
    )


def names() -> list[str]:
    """The ten networks that are compared and the two that they start from."""
    return [f"{prefix}-{objective}" for prefix in _PROBLEMS for objective in INVERSE_OBJECTIVES]


def with_starts(wanted: list[str], there: set[str]) -> list[str]:
    """Names to train in order: what is wanted, each after its start where that is not there yet."""
    found: list[str] = []
    for name in wanted:
        start = recipe(name).start
        if start and start not in {*there, *found, *wanted}:
            found.append(start)
        found.append(name)
    return sorted(found, key=lambda name: bool(recipe(name).start))


def command(name: str, trained: Mapping[str, Any]) -> str:
    """The shell line that trains a network like this one; ``trained``: the recipe in its metadata."""
    words = ["python", "-m", "core", "train", name, "--data", "DIR"]
    images = trained.get("images")
    if isinstance(images, int) and images != recipe(name).images:
        words += ["--images", str(images)]
    return shlex.join(words)

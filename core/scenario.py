"""The Scenario: one frozen value that says everything about one run.

Its fields are declared once, with meaning, limits and unit. From them come the command line
of ``python -m core run``, the page's widgets, the URL's query parameters, the key in the
results store and the JSON of an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from core.errors import UserError
from core.identity import SuperResolutionIdentity
from core.options import Options, option

ATTACKS = ("pgd", "apgd", "fgm", "smoothed", "noise")
KEEPS = ("best", "final")
PRECISIONS = ("auto", "float32", "bfloat16")
SELF = "self"


@dataclass(frozen=True)
class Scenario(Options):
    """One photo, one forward operator, one attack, one defence.

    Levels (``eps_rel``, ``sigma_g``) are in standardised units, see :mod:`core.units`. The
    problem and its factor follow from the checkpoint's name.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    command: ClassVar[tuple[str, ...]] = ("python", "-m", "core", "run")
    always: ClassVar[tuple[str, ...]] = ("image", "checkpoint")

    image: str = option("astronaut", "Bundled photo by name, or a picture file.")
    short_side: int = option(
        192, "Shrink the photo to this shorter side before cropping; 0 keeps its size.", low=0, high=4096
    )
    crop_x: float = option(0.5, "Place of the 160×160 crop, left (0) to right (1).", low=0, high=1)
    crop_y: float = option(0.5, "Place of the 160×160 crop, top (0) to bottom (1).", low=0, high=1)
    checkpoint: str = option("sr-x2-rs-0.10", "The network that is smoothed: base estimator f.")
    compare: tuple[str, ...] = option((), "Further networks to attack and score beside it.")
    attack: str = option(
        "pgd",
        "pgd: projected gradient ascent; apgd: with momentum and steps that adapt, from zero; fgm: one "
        "step; smoothed: apgd on the smoothed estimate itself; noise: Gaussian noise of the same norm.",
        choices=ATTACKS,
    )
    attacked: str = option(
        SELF, "Network the perturbation is made on: self (each its own) or a network's name."
    )
    eps_rel: float = option(
        0.02, "Attack strength: RMS of the perturbation in standardised units.", low=0, high=2
    )
    attack_steps: int = option(
        10, "Gradient steps of the attack; those of pgd have length ε/4.", low=0, high=1000
    )
    attack_samples: int = option(
        16, "Samples M of the attack on the smoothed estimate; no other uses them.", low=1, high=1000
    )
    keep: str = option(
        "best", "Result of pgd: the iterate of highest loss, or the final one (thesis).", choices=KEEPS
    )
    box: bool = option(False, "Keep the attacked measurement inside [0, 1].")
    sigma_g: float = option(0.15, "Standard deviation of the smoothing noise.", low=0, high=5)
    samples: int = option(50, "Noisy copies averaged by the smoothed estimate (k).", low=1, high=100_000)
    seed: int = option(0, "Seed of the attack's start and of the smoothing noise.", low=0, high=2**31 - 1)
    precision: str = option(
        "auto", "Of attack gradients and smoothing samples; auto measures.", choices=PRECISIONS
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        identity = SuperResolutionIdentity.parse(self.checkpoint)
        others = [*self.compare, *([] if self.attacked == SELF else [self.attacked])]
        for other in others:
            if SuperResolutionIdentity.parse(other).factor != identity.factor:
                raise UserError(
                    f"{other} and {self.checkpoint} have different factors: compare networks of one factor."
                )
        if self.attacked not in (SELF, self.checkpoint, *self.compare):
            raise UserError(
                f"The attacked network {self.attacked} takes no part: add it with --compare {self.attacked}."
            )

    @property
    def factor(self) -> int:
        """Super-resolution factor of all networks in the scenario."""
        return SuperResolutionIdentity.parse(self.checkpoint).factor

    @property
    def networks(self) -> tuple[str, ...]:
        """The compared networks, then the smoothed one, each once."""
        return tuple(dict.fromkeys((*self.compare, self.checkpoint)))

    def decisive(self) -> dict[str, Any]:
        """All fields that decide the result."""
        found = super().decisive()
        if self.attack != "smoothed":  # keys are older than these samples, which nothing else uses
            del found["attack_samples"]
        return found


limits = Scenario.limits
explain = Scenario.explain

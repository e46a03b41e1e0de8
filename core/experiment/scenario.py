"""The Scenario: one frozen value that says everything about one run.

Its fields are declared once, with meaning, limits and unit. From them come the command line
of ``python -m core run``, the page's widgets, the URL's query parameters, the key in the
results store and the JSON of an outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from core.attacks.registry import ATTACKS, keys, meanings
from core.attacks.terms import KEEPS
from core.base.errors import UserError
from core.base.options import Options, option
from core.runtime import PRECISIONS
from core.zoo.names import SuperResolutionIdentity

DEPLOYED, BASE = "deployed", "base"
SELF = "self"
SMOOTHED = "smoothed"
"""The smoothed estimate's name among those that a perturbation can be made on."""


@dataclass(frozen=True)
class Scenario(Options):
    """One photo, one forward operator, one attack, one defence.

    Levels (``eps_rel``, ``sigma_g``) are in standardised units, see :mod:`core.pictures.units`. The
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
    attack_on: str = option(
        DEPLOYED,
        "What the attack on the smoothed estimate climbs. deployed: its own error; base: the error of its "
        "base network f alone, as the thesis does, which underestimates what an attack can do.",
        choices=(DEPLOYED, BASE),
        before=BASE,
    )
    attack: str = option(
        "apgd",
        meanings(),
        choices=keys,
        before="pgd",
    )
    attacked: str = option(
        SELF, "Who the perturbation is made on: self (each its own) or one network, for all of them."
    )
    eps_rel: float = option(
        0.02, "Attack strength: RMS of the perturbation in standardised units.", low=0, high=2
    )
    attack_steps: int = option(
        10, "Gradient steps of the attack; those of pgd have length ε/4.", low=0, high=1000
    )
    attack_samples: int = option(
        8,
        "Samples M of the attack on the smoothed estimate; no other uses them.",
        low=1,
        high=1000,
        before=16,
    )
    keep: str = option(
        "best",
        "Result of pgd: the iterate of highest loss, or the final one (thesis).",
        choices=tuple(KEEPS),
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

    @property
    def attacks_smoothed(self) -> bool:
        """Whether the smoothed estimate faces a perturbation that was made on itself."""
        own = self.attacked == SELF and self.attack_on == DEPLOYED and not ATTACKS[self.attack].blind
        return own and self.sigma_g > 0

    def decisive(self) -> dict[str, Any]:
        """All fields that decide the result."""
        found = super().decisive()
        # Keys are older than these two, which decide nothing elsewhere.
        if not self.attacks_smoothed:
            del found["attack_on"], found["attack_samples"]
        return found

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """See :meth:`core.base.options.Options.from_query`."""
        if query.get("attack") == "smoothed":  # as it was called before attack_on
            query = {**query, "attack": "apgd", "attack_on": DEPLOYED}
        return super().from_query(query)

    @property
    def attack_said(self) -> str:
        """What was done to whom, as part of a sentence: the attack, its effort, and what it was made on."""
        attack = ATTACKS[self.attack]
        said = attack.says(self.attack_steps, self.keep, "l2")
        return said if attack.blind else f"{said}; {self._made_on_said}"

    @property
    def _made_on_said(self) -> str:
        if self.attacked != SELF:
            return f"made on {self.attacked} for all networks, on interpolation itself"
        if self.attacks_smoothed:
            return (
                f"made on each estimator as it is deployed, on the smoothed one with {self.attack_samples} "
                "draws a step"
            )
        if self.sigma_g == 0:
            return "made on each estimator as it is deployed"
        return (
            "made on each network and interpolation; the smoothed estimate faces what was made on its base "
            "network f alone (the thesis's protocol), not the strongest attack on it"
        )


def nearest_level(levels: Iterable[float], eps_rel: float) -> float:
    """The level of adversarial training that belongs to an attack: the nearest by ratio.

    >>> nearest_level((0.01, 0.02, 0.05, 0.1), 0.03)
    0.02
    """
    return min(levels, key=lambda level: abs(math.log(level / max(eps_rel, 1e-4))))


limits = Scenario.limits
explain = Scenario.explain

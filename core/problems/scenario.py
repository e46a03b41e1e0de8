"""The Scenario: one frozen value that says everything about one run.

Its fields are declared once, with meaning, limits and unit: what all problems have here, what each adds
in its file. From them come the command line of ``python -m core run``, the page's widgets, the URL's query
parameters, the key in the results store and the JSON of an outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from core.attacks.attack import Attack
from core.attacks.registry import ATTACKS, keys, meanings
from core.attacks.terms import KEEPS, LOSSES, NORMS
from core.base import PRECISIONS
from core.base.errors import UserError
from core.base.options import Options, option
from core.pictures.regions import Region
from core.problems import controls
from core.problems.names import Identity
from core.problems.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

DEPLOYED, BASE = "deployed", "base"
SELF = "self"
SMOOTHED = "smoothed"
"""The smoothed estimate's name among those that a perturbation can be made on."""


@dataclass(frozen=True)
class Scenario(Options):
    """One image, one measurement, one attack, one defence: what the scenarios of all problems have.

    The problem follows from the checkpoint.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    command: ClassVar[tuple[str, ...]] = ("python", "-m", "core", "run")
    always: ClassVar[tuple[str, ...]] = ("image", "checkpoint")
    problem: ClassVar[Problem]
    newer: ClassVar[tuple[str, ...]] = ()
    """Fields that are newer than this problem's keys: they count only where they differ from what they were
    before."""
    unobserved: ClassVar[tuple[str, ...]] = ()
    """Fields of its own that decide nothing of what is observed; newer than all keys."""

    image: str = option("astronaut", "Bundled photo by name, or a picture file.")
    checkpoint: str = option("", "The network that is smoothed: base estimator f.")
    compare: tuple[str, ...] = option((), "Further networks to attack and score beside it.")
    attack_on: str = option(
        DEPLOYED,
        "What the attack on a smoothed estimate climbs. deployed: its own error; base: the error of its "
        "base network f alone, as the thesis does, which underestimates what an attack can do.",
        controls.ATTACK_ON,
        choices=(DEPLOYED, BASE),
        before=BASE,
    )
    attack: str = option(
        "apgd",
        meanings,
        controls.KIND,
        choices=keys,
        before="pgd",
    )
    attacked: str = option(
        SELF,
        "Who the perturbation is made on: self (each its own) or one network, for all of them.",
        controls.ATTACKED,
    )
    attack_steps: int = option(
        10, "Gradient steps of the attack; those of pgd have length ε/4.", controls.STEPS, low=0, high=1000
    )
    attack_samples: int = option(
        8,
        "Samples M of the attack on a smoothed estimate; no other uses them.",
        controls.ATTACK_SAMPLES,
        low=1,
        high=1000,
        before=16,
    )
    keep: str = option(
        "best",
        "Result of pgd: the iterate of highest loss, or the final one (thesis).",
        controls.KEEP,
        choices=tuple(KEEPS),
    )
    box: bool = option(False, "Keep what is attacked inside [0, 1].", controls.BOX)
    samples: int = option(50, "Noisy copies of the smoothed estimate.", controls.SAMPLES, low=1, high=100_000)
    alpha: float = option(0.01, "Error probability of the certificate.", controls.ALPHA, low=1e-9, high=0.5)
    seed: int = option(
        0, "Seed of measurement noise, attack start and smoothing.", controls.SEED, low=0, high=2**31 - 1
    )
    precision: str = option(
        "auto",
        "Of attack gradients and smoothing samples; auto measures.",
        controls.PRECISION,
        choices=PRECISIONS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        mine = self.identity
        others = [*self.compare, *([] if self.attacked == SELF else [self.attacked])]
        for other in others:
            theirs = Identity.parse(other)
            if theirs.problem != mine.problem:
                raise UserError(
                    f"{other} and {self.checkpoint} solve different problems: compare networks of one."
                )
            if theirs.factor != mine.factor:
                raise UserError(
                    f"{other} and {self.checkpoint} have different factors: compare networks of one factor."
                )
        if self.attacked not in (SELF, self.checkpoint, *self.compare):
            raise UserError(
                f"The attacked network {self.attacked} takes no part: add it with --compare {self.attacked}."
            )

    @property
    def identity(self) -> Identity:
        """Of the checkpoint.

        Raises:
            UserError: if it is no network of this problem.
        """
        found = Identity.parse(self.checkpoint)
        if found.problem != self.problem.name:
            raise UserError(
                f"{self.checkpoint} is no network for {self.problem.title.lower()}: take one whose name "
                f"begins with {self.problem.prefix}-."
            )
        return found

    @property
    def factor(self) -> int:
        """Super-resolution factor of all networks in the scenario; 1 in other problems."""
        return self.identity.factor

    @property
    def eps_level(self) -> float:
        """Strength of the attack, in the unit of the problem's space."""
        level: float = getattr(self, self.problem.eps)
        return level

    @property
    def sigma_level(self) -> float:
        """Standard deviation of the smoothing noise, likewise."""
        level: float = getattr(self, self.problem.sigma)
        return level

    @property
    def networks(self) -> tuple[str, ...]:
        """The compared networks, then the checkpoint, each once."""
        return tuple(dict.fromkeys((*self.compare, self.checkpoint)))

    @property
    def smoothed(self) -> tuple[str, ...]:
        """The networks that are smoothed."""
        return self.networks if self.problem.smooths_all else (self.checkpoint,)

    @property
    def attacks_smoothed(self) -> bool:
        """Whether a smoothed estimate faces a perturbation that was made on itself."""
        own = self.attacked == SELF and self.attack_on == DEPLOYED and not self.how[0].blind
        return own and self.sigma_level > 0

    def decisive(self) -> dict[str, Any]:
        """All fields that decide the result."""
        found = super().decisive()
        if not self.attacks_smoothed:
            del found["attack_on"], found["attack_samples"]
        before = {declared.name: declared.metadata["unnamed"] for declared in fields(self)}
        return {
            name: value
            for name, value in found.items()
            if name not in (*self.unobserved, *self.newer) or getattr(self, name) != before[name]
        }

    def of_row(self, estimator: str) -> dict[str, Any]:
        """The fields that decide an estimator's row in a table of evaluations."""
        found = {**self.decisive(), "checkpoint": estimator}
        del found["image"], found["precision"], found["compare"]
        return found

    @property
    def how(self) -> tuple[Attack, str]:
        """The attack, and the norm that bounds it, of :data:`core.attacks.terms.NORMS`."""
        return ATTACKS[self.attack], "l2"

    @property
    def _raising(self) -> str:
        """What the attack raises, where that is not the problem's loss."""
        return ""

    @property
    def _where(self) -> str:
        """Where the attack may act, if that is not everywhere."""
        return ""

    def mask(self, point: Tensor, picture: Tensor) -> Tensor | None:
        """1 where the attack may change a point ``(b, c, h, w)`` of a picture and 0 elsewhere,
        ``(1, 1, h, w)``; None: everywhere.

        Raises:
            UserError: if it may change nothing.
        """
        return None

    def dimension(self, point: Tensor, picture: Tensor) -> int:
        """Values d of one image's point that the attack may change: ε is over these."""
        mask = self.mask(point, picture)
        return point[0].numel() if mask is None else int(mask.sum()) * point.shape[1]

    @property
    def attack_said(self) -> str:
        """What was done to whom, as part of a sentence: the attack, its effort, and what it was made on."""
        attack, norm = self.how
        said = attack.says(self.attack_steps, self.keep, norm) + self._where
        said += self._raising * (not attack.blind)
        return said if attack.blind else f"{said}; {self._made_on_said}"

    @property
    def _made_on_said(self) -> str:
        without = self.problem.without_weights
        if self.attacked != SELF:
            return f"made on {self.attacked} for all networks{f', on {without} itself' * bool(without)}"
        if self.attacks_smoothed:
            return (
                f"made on each estimator as it is deployed, on the smoothed one with {self.attack_samples} "
                "draws a step"
            )
        if self.sigma_level == 0:
            return "made on each estimator as it is deployed"
        return (
            f"made on each network{f' and {without}' * bool(without)}; the smoothed estimate faces what was "
            "made on its base network f alone (the thesis's protocol), not the strongest attack on it"
        )


@dataclass(frozen=True)
class PhotoScenario(Scenario):
    """What the scenarios of all problems that restore photos have."""

    unobserved = ("average", "attack_loss", "norm", "attack_region")

    short_side: int = option(
        192,
        "Shrink the photo to this shorter side before cropping; 0 keeps its size.",
        controls.VIEW,
        low=0,
        high=4096,
    )
    crop_x: float = option(0.5, "Place of the crop, left (0) to right (1).", controls.CROP_X, low=0, high=1)
    crop_y: float = option(0.5, "Place of the crop, top (0) to bottom (1).", controls.CROP_Y, low=0, high=1)
    average: str = option(
        "mean",
        "What of the noisy outputs is the smoothed estimate; of each value, the median is less moved by wild "
        "ones. An attack on it climbs its own error.",
        controls.AVERAGE,
        choices=("mean", "median"),
    )

    attack_loss: str = option(
        "mse",
        "What the attack raises: mse, the squared error, or ssim, 1 − SSIM: an attack on the measure itself.",
        controls.LOSS,
        choices=tuple(LOSSES),
    )
    norm: str = option(
        "l2",
        "What ε bounds. l2: the RMS of the perturbation; linf: the change of every single value.",
        controls.NORM,
        choices=tuple(NORMS),
    )
    attack_region: str = option(
        "",
        "Attack only inside left,top,right,bottom (pixels of the crop, the last two excluded), with ε over "
        "the region; nothing outside changes. Empty: everywhere.",
        controls.ATTACK_REGION,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.attack_region:
            object.__setattr__(self, "attack_region", Region.from_text(self.attack_region).to_text())

    @property
    def how(self) -> tuple[Attack, str]:
        return ATTACKS[self.attack], self.norm

    def mask(self, point: Tensor, picture: Tensor) -> Tensor | None:
        return Region.from_text(self.attack_region).mask(point, picture) if self.attack_region else None

    @property
    def _where(self) -> str:
        return f", inside the region {self.attack_region} alone" if self.attack_region else ""

    @property
    def _raising(self) -> str:
        return f", raising {LOSSES[self.attack_loss]}" if self.attack_loss != "mse" else ""


def smoothed_name(scenario: Scenario, network: str) -> str:
    """What the smoothed estimate of a network is called among those that a perturbation is made on."""
    return SMOOTHED if network == scenario.checkpoint else f"{SMOOTHED} {network}"


def nearest_level(levels: Iterable[float], eps_rel: float) -> float:
    """The level of adversarial training that belongs to an attack: the nearest by ratio.

    >>> nearest_level((0.01, 0.02, 0.05, 0.1), 0.03)
    0.02
    """
    return min(levels, key=lambda level: abs(math.log(level / max(eps_rel, 1e-4))))

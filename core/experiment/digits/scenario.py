"""The scenario of the digits page: one digit, one attack, one noise level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.attacks.digits import KINDS
from core.attacks.registry import ATTACKS
from core.base.errors import UserError, shortened
from core.base.options import Options, option, whole
from core.problems import controls
from core.problems.digits import drawing
from core.problems.digits.samples import SAMPLES
from core.problems.names import DigitsIdentity
from core.training.recipe import Recipe
from core.training.recipes import DIGIT_SIGMAS, recipe

SAMPLE = "sample-"
TEST = "test-"
DRAWN = "drawn-"


@dataclass(frozen=True)
class DigitsScenario(Options):
    """One digit, attacked on three networks, and certified for the smoothed one.

    Radii and noise levels are in pixel units, black 0 to white 1.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    command: ClassVar[tuple[str, ...]] = ("python", "-m", "core", "digits", "show")
    always: ClassVar[tuple[str, ...]] = ("digit",)

    digit: str = option(
        "sample-3",
        "sample-0 to sample-9, test-N (a test digit by its place), or drawn-… from a link; drawn- is an "
        "empty pad.",
    )
    sigma: float = option(
        0.5,
        "Noise of the smoothed classifier, and of its network's training.",
        controls.DIGITS_SIGMA,
        choices=DIGIT_SIGMAS,
    )
    attack: str = option(
        "l2",
        "l2, linf: projected gradient ascent in that norm; sign: one signed step.",
        controls.DIGITS_ATTACK,
        choices=tuple(KINDS),
    )
    epsilon: float = option(
        1.0, "Radius of the attack, in its norm and in pixel units.", controls.DIGITS_EPSILON, low=0, high=10
    )
    attack_steps: int = option(20, "Gradient steps of l2 and linf.", controls.DIGITS_STEPS, low=1, high=1000)
    n: int = option(
        1000, "Votes that bound the answer's probability.", controls.VOTES, low=10, high=1_000_000
    )
    n0: int = option(
        100, "Votes before them that select the answer.", controls.VOTES_BEFORE, low=1, high=100_000
    )
    alpha: float = option(0.001, "Error probability of the certificate.", controls.ALPHA, low=1e-9, high=0.5)
    seed: int = option(
        0, "Seed of the attack's start and of all noise.", controls.SEED, low=0, high=2**31 - 1
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        kind, rest = self.source
        for source, count in ((SAMPLE, len(SAMPLES)), (TEST, 10_000)):
            number = whole(rest)
            if kind == source and (number is None or number >= count):
                raise UserError(
                    f"There is no “{shortened(self.digit)}”: choose from {source}0 to {source}{count - 1}."
                )
        if kind == DRAWN:
            drawing.decode(rest)

    @property
    def source(self) -> tuple[str, str]:
        """Where the digit comes from, and which one: see the field ``digit``."""
        for kind in (SAMPLE, TEST, DRAWN):
            if self.digit.startswith(kind):
                return kind, self.digit.removeprefix(kind)
        raise UserError(
            f"“{shortened(self.digit)}” is not a digit: write sample-3 or test-17, or draw one on the page."
        )

    @property
    def strokes(self) -> drawing.Drawing | None:
        """The digit as strokes, if it is a sample or a drawing."""
        kind, rest = self.source
        if kind == TEST:
            return None
        return SAMPLES[int(rest)] if kind == SAMPLE else drawing.decode(rest)

    @property
    def attack_said(self) -> str:
        """What was done, as part of a sentence: the attack and its effort."""
        attack, norm = KINDS[self.attack]
        return f"{ATTACKS[attack].says(self.attack_steps, 'best', norm)}, ε = {self.epsilon:g}"

    @property
    def norm(self) -> str:
        """The norm that bounds the attack, of :data:`core.attacks.terms.NORMS`."""
        return KINDS[self.attack][1]

    @property
    def blank(self) -> bool:
        """Whether the pad is empty: there is nothing to run."""
        return self.digit == DRAWN

    @property
    def standard(self) -> str:
        """The network without a defence."""
        return DigitsIdentity(objective="standard").name

    @property
    def adversarial(self) -> Recipe:
        """The network trained against this kind of attack, or for ``linf`` its one-step form."""
        attack = "l2" if self.attack == "l2" else "sign"
        return recipe(DigitsIdentity(objective="adversarial", attack=attack).name)

    @property
    def smoothed(self) -> str:
        """The base network of the smoothed classifier."""
        return DigitsIdentity(objective="smoothing", level=self.sigma).name

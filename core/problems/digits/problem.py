"""Handwritten digits as a problem: attacks and noise change the pixels, the answer is one of ten classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.attacks.attack import Attack
from core.attacks.registry import ATTACKS
from core.attacks.terms import NORMS
from core.base.errors import UserError, shortened
from core.base.options import Control, Widget, option, whole
from core.pictures.units import PIXEL_VALUES
from core.problems import controls
from core.problems.digits import drawing
from core.problems.digits.samples import SAMPLES
from core.problems.grid import Grid
from core.problems.names import LEVEL
from core.problems.problem import Network, Observation, Problem
from core.problems.scenario import BASE, DEPLOYED, Scenario

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.losses import Loss
    from core.problems.digits.data import Digits

SAMPLE, TEST, DRAWN = "sample-", "test-", "drawn-"
"""What the names of digits begin with: one of ours, a test digit by its place, strokes from a link."""

KINDS = {"sign": ("fgm", "linf"), "linf": ("pgd", "linf"), "l2": ("pgd", "l2")}
"""What scenarios, networks and stored rows call an attack on digits: which it is, and in what norm."""

SIGMAS = (0.25, 0.50, 1.00)
"""Noise levels of the shipped networks."""

_CALLED = {
    kind: "one step" if ATTACKS[attack].steps == 1 else NORMS[norm]
    for kind, (attack, norm) in sorted(KINDS.items())
}
KIND = Control("Attack", Widget.SEGMENTS, values=tuple(_CALLED), names=_CALLED)
STEPS = Control("Attack steps", Widget.NUMBER, group=controls.SMOOTHING)
EPS = Control("Attack strength ε", Widget.SLIDER, form="{:g}")
SIGMA = Control("Smoothing noise σ", Widget.SEGMENTS, form="{:g}")
VOTES = Control(
    "Votes n", values=(100, 200, 500, 1000, 2000, 5000, 10_000, 50_000), form="{:,}", group=controls.SMOOTHING
)
VOTES_BEFORE = Control("Votes before n₀", Widget.NUMBER, group=controls.SMOOTHING)


@dataclass(frozen=True)
class DigitsScenario(Scenario):
    """Handwritten digits (digits-…), levels in pixel values, black 0 to white 1.

    Without networks named, the smoothed one is that trained with this noise, and beside it stand the one
    without a defence and the one trained against this kind of attack, for ``linf`` its one-step form.
    """

    unobserved = ("n0",)

    image: str = option(
        "sample-3",
        "sample-0 to sample-9, test-N (a test digit by its place, in the folder that LAB_MNIST names), or "
        "drawn-… from a link; drawn- is an empty pad.",
        former="digit",
    )
    checkpoint: str = option("", "The network that is smoothed; by default the one trained with this noise.")
    attack_on: str = option(
        DEPLOYED, Scenario.explain("attack_on"), controls.ATTACK_ON, choices=(DEPLOYED, BASE)
    )
    attack: str = option(
        "l2", "l2, linf: projected gradient ascent in that norm; sign: one signed step.", KIND,
        choices=tuple(KINDS),
    )  # fmt: skip
    attack_steps: int = option(20, "Gradient steps of l2 and linf.", STEPS, low=1, high=1000)
    attack_samples: int = option(
        32, "Noise draws of each gradient of the attack on g.", controls.ATTACK_SAMPLES, low=1, high=1000
    )
    box: bool = option(True, "Keep what is attacked inside [0, 1].", controls.BOX)
    samples: int = option(
        1000, "Votes that bound the answer's probability.", VOTES, low=10, high=1_000_000, former="n"
    )
    alpha: float = option(0.001, "Error probability of the certificate.", controls.ALPHA, low=1e-9, high=0.5)
    n0: int = option(100, "Votes before them that select the answer.", VOTES_BEFORE, low=1, high=100_000)
    eps: float = option(
        1.0, "Radius of the attack, in its norm and in pixel units.", EPS, low=0, high=10, former="epsilon"
    )
    sigma: float = option(
        0.5, "Noise of the smoothed classifier, and of its network's training.", SIGMA, choices=SIGMAS
    )

    def __post_init__(self) -> None:
        if not self.checkpoint:
            object.__setattr__(self, "checkpoint", self._trained_with_noise)
        super().__post_init__()
        kind, rest = self.source
        for source, count in ((SAMPLE, len(SAMPLES)), (TEST, 10_000)):
            number = whole(rest)
            if kind == source and (number is None or number >= count):
                raise UserError(
                    f"There is no “{shortened(self.image)}”: choose from {source}0 to {source}{count - 1}."
                )
        if kind == DRAWN:
            drawing.decode(rest)

    def to_query(self) -> dict[str, str]:
        """See :meth:`core.base.options.Options.to_query`; the noise says the usual network."""
        found = super().to_query()
        if self.checkpoint == self._trained_with_noise:
            del found["checkpoint"]
        return found

    @property
    def _trained_with_noise(self) -> str:
        return DIGITS.called("smoothing", level=self.sigma)

    @property
    def source(self) -> tuple[str, str]:
        """Where the digit comes from, and which one: see the field ``image``."""
        for kind in (SAMPLE, TEST, DRAWN):
            if self.image.startswith(kind):
                return kind, self.image.removeprefix(kind)
        raise UserError(
            f"“{shortened(self.image)}” is not a digit: write sample-3 or test-17, or draw one on the page."
        )

    @property
    def strokes(self) -> drawing.Drawing | None:
        """The digit as strokes, if it is a sample or a drawing."""
        kind, rest = self.source
        if kind == TEST:
            return None
        return SAMPLES[int(rest)] if kind == SAMPLE else drawing.decode(rest)

    @property
    def blank(self) -> bool:
        """Whether the pad is empty: there is nothing to run."""
        return self.image == DRAWN

    @property
    def how(self) -> tuple[Attack, str]:
        attack, norm = KINDS[self.attack]
        return ATTACKS[attack], norm

    @property
    def networks(self) -> tuple[str, ...]:
        usual = (
            DIGITS.called("standard"),
            DIGITS.called("adversarial", attack="l2" if self.attack == "l2" else "sign"),
        )
        beside = dict.fromkeys(name for name in self.compare if name != self.checkpoint)
        return (*(beside or usual), self.checkpoint)


UNKNOWN = -1
"""The label of a digit whose class nobody knows."""


class _Digits(Problem):
    @property
    def loss(self) -> Loss:
        from core.attacks.losses import CROSS_ENTROPY

        return CROSS_ENTROPY

    def scores(self, outputs: Tensor, target: Tensor) -> Tensor:
        return (outputs.argmax(1) == target).double().unsqueeze(0)

    def radius(self, level: float, dimension: int, norm: str = "l2") -> float:
        return level

    def open(self, scenario: DigitsScenario) -> Digits:
        import torch

        from core.problems.digits import data

        strokes, (kind, rest) = scenario.strokes, scenario.source
        if strokes is not None:
            label = int(rest) if kind == SAMPLE else UNKNOWN
            return data.Digits(
                drawing.picture(strokes), torch.tensor([label]), torch.tensor([UNKNOWN]), scenario.image
            )
        if not data.FOLDER:
            raise UserError(
                "Test digits need the MNIST files: name their folder with the environment variable LAB_MNIST."
            )
        return data.read(Path(data.FOLDER), "test").take(torch.tensor([int(rest)]))

    def sample(self, photo: Digits, scenario: DigitsScenario) -> Tensor:
        return photo.pictures

    def observe(self, x: Tensor, scenario: DigitsScenario, seeds: Sequence[int]) -> Observation:
        return Observation(x, x.new_full((len(x),), UNKNOWN).long())

    def baselines(self, scenario: DigitsScenario) -> Mapping[str, Network]:
        return {}

    def setting(self, scenario: DigitsScenario) -> str:
        return "28×28 pixels"


DIGITS = _Digits(
    name="digits",
    title="Digits",
    prefix="digits",
    names=rf"(?P<kind>std|rs|ds|adv(?!-\d))(-(?P<level>{LEVEL})|-(?P<attack>sign|l2))?",
    examples=("digits-std", "digits-adv-l2", "digits-rs-0.50"),
    scenario=DigitsScenario,
    space=PIXEL_VALUES,
    without_weights="",
    classes=10,
    figures=("accuracy",),
    document="digits-page",
    table="digits_attacks",
    grid=Grid(sigmas=SIGMAS),
)

"""The attacks a study tries: what each is called, and how it is carried out on a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS
from core.attacks.selection import starts
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.seeds import derive
from core.evaluation.studies.case import Case
from core.smoothing.error import HELD, Averaged, SmoothedError

BASE = "f"
CLEAN = "clean"
SMOOTHED = "smoothed"


@dataclass(frozen=True)
class Attempt:
    """One way of making a perturbation.

    Attributes:
        attack: of :data:`core.attacks.registry.ATTACKS`, or ``clean``.
        made_on: ``f`` (base network), ``smoothed`` (ĝ), or another network's name: transfer.
        samples: M of an attack on ĝ; 0 otherwise.
        noise: ``fixed`` or ``fresh`` draws of the attack on ĝ; ``averaged``: mean of the M
            single-sample losses, the usual expectation over transformation; empty otherwise.
        start: ``zero``, ``random 1``, …; empty for noise.
        steps: gradient steps.
        keep: ``best`` iterate by loss or ``final`` (the thesis's rule).
        box: whether the attacked measurement is kept in [0, 1].
    """

    attack: str
    made_on: str = ""
    samples: int = 0
    noise: str = ""
    start: str = ""
    steps: int = 0
    keep: str = "best"
    box: bool = False

    @property
    def name(self) -> str:
        """Short and unique: ``apgd smoothed M=16 fixed 10 zero``."""
        parts = [self.attack, self.made_on, f"M={self.samples}" if self.samples else "", self.noise]
        parts += [str(self.steps or ""), self.start, "final" if self.keep == "final" else ""]
        return " ".join(part for part in (*parts, "box" if self.box else "") if part)

    @property
    def compute(self) -> tuple[int, int]:
        """Forwards without and with a backward pass that it takes."""
        each = max(1, self.samples)
        losses, gradients = (0, 0) if self.attack == CLEAN else ATTACKS[self.attack].cost(self.steps)
        # Of a few samples the graphs are held, and one pass gives value and gradient.
        held = self.samples <= HELD or self.noise == "averaged"
        first_pass = 0 if held else each
        return losses * each + gradients * first_pass, gradients * each


VANILLA = Attempt("pgd", BASE, start="random 1", steps=10, keep="final")
"""The thesis's attack: PGD on the base network, its last iterate."""


def light(steps: int = 10, samples: int = 16) -> list[Attempt]:
    """Noise, the thesis's attack, and PGD and APGD on ĝ: enough for a curve over ε."""
    on_smoothed = Attempt("pgd", SMOOTHED, samples, "fixed", "random 1", steps)
    return [
        Attempt("noise"),
        replace(VANILLA, steps=steps),
        on_smoothed,
        replace(on_smoothed, attack="apgd", start="zero"),
    ]


def full(
    others: tuple[str, ...],
    *,
    steps: int = 10,
    long: int = 100,
    samples: tuple[int, ...] = (1, 4, 16, 64),
    restarts: int = 3,
) -> list[Attempt]:
    """Every attack of the checklist.

    Args:
        others: networks to transfer from.
        steps: of each attack but one.
        long: of APGD to its plateau: with fixed noise, whose losses can be compared over the
            iterations, and with fresh noise from two starts.
        samples: M of the attacks on ĝ; the last but one is used for the variants.
        restarts: starts of APGD on ĝ: zero, random 1, …
    """
    middle = samples[-2] if len(samples) > 1 else samples[0]
    on_smoothed = Attempt("apgd", SMOOTHED, middle, "fixed", "zero", steps)
    thesis = replace(VANILLA, steps=steps)
    found = [
        Attempt("noise"),
        Attempt("fgm", BASE, start="zero", steps=1),
        Attempt("fgm", SMOOTHED, middle, "fixed", "zero", 1),
        thesis,
        replace(thesis, keep="best"),
        Attempt("apgd", BASE, start="zero", steps=steps),
        *(Attempt("pgd", SMOOTHED, m, "fixed", "random 1", steps) for m in samples),
        *(replace(on_smoothed, samples=m) for m in samples),
        *(replace(on_smoothed, start=f"random {r}") for r in range(1, restarts)),
        replace(on_smoothed, samples=max(1, middle // 2), steps=long),
        *(
            Attempt("apgd", SMOOTHED, max(1, middle // 4), "fresh", start, long)
            for start in ("zero", "random 1")
        ),
        Attempt("pgd", SMOOTHED, middle, "fresh", "random 1", steps),
        replace(on_smoothed, noise="averaged", start="random 1"),
        *(Attempt("apgd", other, start="zero", steps=steps) for other in others),
        Attempt("spsa", SMOOTHED, middle, "fixed", "random 1", steps),
        replace(on_smoothed, box=True),
    ]
    return list(dict.fromkeys(found))


def carry_out(attempt: Attempt, case: Case, eps_rel: float, seed: int) -> Iterator[Iterate]:
    """Walk an attack on a case, yielding every iterate; the last one's ``kept`` is the result.

    Each attempt has its own noise, drawn anew for every start.

    Args:
        attempt: what to do.
        case: photo and networks.
        eps_rel: attack strength.
        seed: of starts and noise.
    """
    attack = ATTACKS[attempt.attack]
    terms = Terms(
        case.radius(eps_rel), steps=attempt.steps, seeds=attack.seeds(seed), keep=attempt.keep,
        box=case.box if attempt.box else None, start=_start(attempt, case, eps_rel, seed),
    )  # fmt: skip
    return attack.iterates(_objective(attempt, case, seed), case.measurement, terms)


def _start(attempt: Attempt, case: Case, eps_rel: float, seed: int) -> Tensor | None:
    if not attempt.start:
        return None
    number = 0 if attempt.start == "zero" else int(attempt.start.split()[1])
    return starts(case.measurement, case.radius(eps_rel), restarts=number + 1, seed=seed)[attempt.start]


def _objective(attempt: Attempt, case: Case, seed: int) -> Objective:
    if attempt.made_on != SMOOTHED:
        name = case.checkpoint if attempt.made_on in ("", BASE) else attempt.made_on
        return BaseError(case.estimators[name].fast, case.target)
    averaged = attempt.noise == "averaged"
    objective = SmoothedError(
        case.base.fast,
        case.target,
        case.sigma_g,
        1 if averaged else attempt.samples,
        seed=derive(seed, f"attack noise {attempt.start}"),
        chunk=case.chunk,
        noise="fixed" if attempt.noise == "fixed" else "fresh",
    )
    return Averaged(objective, attempt.samples) if averaged else objective

"""One digits scenario, step by step: ``run(scenario, lab)`` yields ever more complete outcomes.

First the answers of the networks, which must not keep a person waiting who has just drawn a
stroke; then the votes of the smoothed classifier as they come in; then the attack on it; then the
plane through the digit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.digits import perturb
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError, Objective
from core.base.errors import UserError
from core.base.seeds import derive
from core.certificates.classification import Certificate, certificate, certify, count_votes
from core.experiment.digits.outcome import Answer, DigitsOutcome
from core.experiment.digits.plane import Plane, plane_through
from core.experiment.digits.scenario import SAMPLE, DigitsScenario
from core.problems.digits import data, drawing
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.stream import ATTACK_NOISE

Found = TypeVar("Found")

GRADIENT_DRAWS = 32
"""Noise draws in each gradient of the attack on the smoothed classifier."""

ATTACKED_VOTES = 400
"""Votes of the smoothed classifier's answer under attack."""

CHUNK = 250

OUTCOME_BYTES = 2**17
"""What a remembered outcome counts for; it takes less."""


def open_digit(scenario: DigitsScenario, folder: Path | None) -> tuple[Tensor, int | None]:
    """The digit ``(1, 1, 28, 28)`` and its class, if that is known.

    Args:
        scenario: says which one.
        folder: of the MNIST files, for test digits.

    Raises:
        UserError: if it is a test digit and the files are not there.
    """
    strokes = scenario.strokes
    kind, rest = scenario.source
    if strokes is not None:
        return drawing.picture(strokes), int(rest) if kind == SAMPLE else None
    if folder is None:
        raise UserError(
            "Test digits need the MNIST files: name their folder with --data, or for the app with the "
            "environment variable LAB_MNIST."
        )
    digit = data.read(folder, "test").take(torch.tensor([int(rest)]))
    return digit.pictures, int(digit.labels)


def run(
    scenario: DigitsScenario, lab: Lab, folder: Path | None = None, *, votes_a_report: int = CHUNK
) -> Iterator[DigitsOutcome]:
    """Compute a scenario on the engine's thread; each yield holds all that is known so far.

    Args:
        scenario: what to compute.
        lab: device, networks and memory.
        folder: of the MNIST files, for test digits.
        votes_a_report: votes between two yields.

    Raises:
        UserError: if the digit or a checkpoint cannot be used.
    """
    for step in lab.engine.drive(_Run(scenario, lab, folder, votes_a_report).outcomes()):
        if isinstance(step, DigitsOutcome):
            yield step


def finish(outcomes: Iterator[DigitsOutcome]) -> DigitsOutcome:
    """The last and complete outcome."""
    *_, last = outcomes
    return last


@dataclass(frozen=True)
class _Attack:
    """What is remembered of an attack: see :class:`core.experiment.digits.outcome.Answer`."""

    perturbation: Tensor
    notice: str


class _Run:
    """The stages of one run; what a stage depends on is its key in the lab's memory."""

    def __init__(self, scenario: DigitsScenario, lab: Lab, folder: Path | None, votes_a_report: int) -> None:
        self.scenario, self.lab, self.votes_a_report = scenario, lab, votes_a_report
        self.started = time.perf_counter()
        picture, label = open_digit(scenario, folder)
        self.picture = picture.to(lab.engine.device)
        names = (scenario.standard, scenario.adversarial.identity.name, scenario.smoothed)
        ready = {name: lab.network(name, "auto") for name in names}
        self.networks: dict[str, Estimator] = {name: network for name, (network, _) in ready.items()}
        self.outcome = DigitsOutcome(
            scenario,
            picture,
            label,
            digests={name: digest for name, (_, digest) in ready.items()},
            device=lab.engine.device,
            precision=lab.engine.resolve("auto"),
        )
        self.perturbations: dict[str, Tensor] = {}

    def outcomes(self) -> Generator[DigitsOutcome, None, None]:
        scenario = self.scenario
        assert self.outcome.digests is not None
        key = ("digits-outcome", *self.outcome.digests.values(), scenario, self.outcome.precision)
        found: DigitsOutcome | None = self.lab.memory.get(key)
        if found is not None:
            yield found
            return
        answers = tuple(
            self._answer(name) for name in (scenario.standard, scenario.adversarial.identity.name)
        )
        yield self._report(answers=answers)
        for found_so_far in self._certificates():
            yield self._report(certificate=found_so_far)
        yield self._report(smoothed=self._smoothed_answer())
        yield self._report(plane=self._plane())
        self.lab.memory.put(key, self.outcome, OUTCOME_BYTES)

    def _report(self, **known: object) -> DigitsOutcome:
        seconds = time.perf_counter() - self.started
        self.outcome = replace(self.outcome, **known, seconds=seconds)  # type: ignore[arg-type]
        return self.outcome

    # -- stages ----------------------------------------------------------------------------

    def _answer(self, name: str) -> Answer:
        classify = self.networks[name].exact
        with torch.no_grad():
            clean = classify(self.picture).softmax(1)
        attack = self._attack(name, BaseError(classify, clean.argmax(1), CROSS_ENTROPY))
        with torch.no_grad():
            after = classify(self.picture + attack.perturbation).softmax(1)
        return self._answered(name, int(clean.argmax()), clean[0], after[0], attack)

    def _certificates(self) -> Iterator[Certificate]:
        s = self.scenario
        key = ("digits-votes", *self._who(s.smoothed), s.sigma, s.n0, s.n)
        found: Certificate | None = self.lab.memory.get(key)
        if found is not None:
            yield certificate(found.candidate, found.votes, sigma=s.sigma, alpha=s.alpha)
            return
        for found in certify(
            self.networks[s.smoothed].fast,
            self.picture,
            sigma=s.sigma,
            n0=s.n0,
            n=s.n,
            alpha=s.alpha,
            seed=s.seed,
            chunk=self.votes_a_report,
        ):
            yield found
        self.lab.memory.put(key, found, 200)

    def _smoothed_answer(self) -> Answer:
        s, found = self.scenario, self.outcome.certificate
        assert found is not None
        classify = self.networks[s.smoothed].fast
        target = torch.tensor([found.candidate], device=self.picture.device)
        objective = SmoothedError(
            classify, target, s.sigma, GRADIENT_DRAWS,
            seed=s.seed, chunk=CHUNK, loss=CROSS_ENTROPY, stream=ATTACK_NOISE,
        )  # fmt: skip
        decisive = (s.sigma, found.candidate)
        attack = self._attack(s.smoothed, objective, *decisive)
        votes = self._remembered(
            ("digits-attacked-votes", *self._attack_key(s.smoothed, *decisive)),
            lambda: count_votes(
                classify,
                self.picture + attack.perturbation,
                sigma=s.sigma,
                samples=ATTACKED_VOTES,
                seed=s.seed,
                stream="attacked",
                chunk=CHUNK,
            )[0],
            200,
        )
        clean, after = (torch.from_numpy(v / v.sum()) for v in (found.votes, votes))
        return self._answered(s.smoothed, found.candidate, clean, after, attack)

    def _plane(self) -> Plane:
        s, found = self.scenario, self.outcome.certificate
        assert found is not None
        first, second = self.perturbations[s.standard], self.perturbations[s.smoothed]
        # A radius that fits into the plane anyway does not change it.
        radius = max(1.0, found.radius, ball.norms(first).item(), ball.norms(second).item())
        attacks = (*self._attack_key(s.standard), *self._attack_key(s.smoothed, s.sigma, found.candidate))
        return self._remembered(
            ("digits-plane", *attacks, radius),
            lambda: plane_through(
                self.picture,
                first,
                second,
                standard=self.networks[s.standard].exact,
                base=self.networks[s.smoothed].fast,
                sigma=s.sigma,
                reach=1.25 * radius,
                seed=s.seed,
            ),
            2**15,
        )

    def _attack(self, name: str, objective: Objective, *decisive: object) -> _Attack:
        """The attack on a network, remembered; ``decisive`` is what its objective depends on beside the
        network, the digit and the seed."""
        s = self.scenario

        def made() -> _Attack:
            seeds = [derive(s.seed, "attack")]
            last = perturb(objective, self.picture, s.attack, s.epsilon, steps=s.attack_steps, seeds=seeds)
            return _Attack(last.kept, last.notice())

        key = ("digits-attack", *self._attack_key(name, *decisive))
        found = self._remembered(key, made, self.picture.nbytes)
        self.perturbations[name] = found.perturbation
        return found

    def _attack_key(self, name: str, *decisive: object) -> tuple[object, ...]:
        s = self.scenario
        return (*self._who(name), *decisive, s.attack, s.epsilon, s.attack_steps)

    def _remembered(self, key: tuple[object, ...], compute: Callable[[], Found], size: int) -> Found:
        """What stands in memory under the key, or is computed now and put there as ``size`` bytes."""
        found: Found | None = self.lab.memory.get(key)
        if found is None:
            found = compute()
            self.lab.memory.put(key, found, size)
        return found

    def _answered(self, name: str, before: int, clean: Tensor, after: Tensor, attack: _Attack) -> Answer:
        return Answer(
            network=name,
            before=before,
            clean=clean.double().cpu().numpy(),
            attacked=after.double().cpu().numpy(),
            picture=(self.picture + attack.perturbation)[0, 0].cpu().numpy(),
            norm=ball.BALLS[self.scenario.norm].norms(attack.perturbation).item(),
            length=ball.norms(attack.perturbation).item(),
            notice=attack.notice,
        )

    def _who(self, name: str) -> tuple[object, ...]:
        assert self.outcome.digests is not None
        return (self.outcome.digests[name], self.scenario.digit, self.scenario.seed, self.outcome.precision)

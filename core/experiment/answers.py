"""A run of a problem whose networks answer with a class: attacked answers, votes, a certificate, a plane.

First the answers of the networks, which must not keep a person waiting who has just drawn a stroke; then the
votes of the smoothed classifier as they come in; then the attack on it; then the plane through the image.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import Objective
from core.base.progress import Progress
from core.certificates.classification import Certificate, certificate, certify, count_votes
from core.experiment.outcome import Perturbation
from core.experiment.plane import Plane, plane_through
from core.experiment.prepared import Prepared
from core.problems.digits.problem import DigitsScenario
from core.problems.scenario import SMOOTHED
from core.smoothing.error import SmoothedError
from core.smoothing.stream import ATTACK_NOISE

ATTACKED_VOTES = 400
"""Votes of the smoothed classifier's answer under attack."""

CHUNK = 250

OUTCOME_BYTES = 2**17
"""What a remembered outcome counts for; it takes less."""


@dataclass(frozen=True)
class Answer:
    """What one classifier says to one image, clean and attacked.

    Attributes:
        network: its name.
        before: the answer to the clean image: the likeliest class, or for a smoothed classifier the class
            that its selection votes name, which it certifies or abstains on.
        clean, attacked: ``(classes,)`` probabilities, or shares of votes for a smoothed classifier.
        picture: ``(h, w)`` float32, what it gets under attack.
        perturbation: what was added.
    """

    network: str
    before: int
    clean: np.ndarray
    attacked: np.ndarray
    picture: np.ndarray
    perturbation: Perturbation

    @property
    def length(self) -> float:
        """L2 norm of the perturbation, whatever bounds it."""
        return ball.norms(self.perturbation.values).item()

    @property
    def after(self) -> int:
        """The answer under attack."""
        return int(self.attacked.argmax())

    @property
    def flipped(self) -> bool:
        """Whether the attack changed the answer."""
        return self.before != self.after


@dataclass(frozen=True)
class Answered:
    """Everything about one scenario; what is None is not computed yet.

    Attributes:
        scenario: what was asked.
        picture: ``(1, 1, h, w)`` in [0, 1].
        label: the true class, or which sample it is; None if nobody knows.
        answers: of the networks that are not smoothed.
        certificate: of the smoothed classifier, after the votes so far.
        smoothed: the smoothed classifier's answer under attack.
        plane: through the image and the ends of two attacks.
        digests: of the checkpoints, by name.
        device, precision: what computed it.
        seconds: from the start to this report.
    """

    scenario: DigitsScenario
    picture: Tensor
    label: int | None
    digests: dict[str, str]
    device: str
    precision: str
    answers: tuple[Answer, ...] = ()
    certificate: Certificate | None = None
    smoothed: Answer | None = None
    plane: Plane | None = None
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether all votes are counted and the plane is drawn."""
        return self.plane is not None

    @property
    def all_answers(self) -> tuple[Answer, ...]:
        """Those of the networks, and of the smoothed classifier as far as it is known."""
        return (*self.answers, *([self.smoothed] if self.smoothed else []))

    @property
    def notices(self) -> dict[str, str]:
        """What the answers must be shown with, by network."""
        made = {answer.network: answer.perturbation.notice for answer in self.all_answers}
        return {name: notice for name, notice in made.items() if notice}

    def to_dict(self) -> dict[str, Any]:
        """The object that ``python -m core run --json`` prints; without pictures and plane."""
        found = self.certificate
        return {
            "scenario": self.scenario.to_dict(),
            "problem": self.scenario.problem.name,
            "units": self.scenario.problem.space.values,
            "dimension": self.picture[0].numel(),
            "label": self.label,
            "device": self.device,
            "precision": self.precision,
            "digests": self.digests,
            "answers": {
                answer.network: {
                    "clean": answer.before,
                    "attacked": answer.after,
                    "flipped": answer.flipped,
                    "clean_share": float(answer.clean[answer.before]),
                    "attacked_share": float(answer.attacked.max()),
                    "norm": answer.perturbation.reached,
                    "l2_norm": answer.length,
                }
                for answer in self.all_answers
            },
            "notices": self.notices,
            "certificate": None if found is None else found.to_dict(),
            "seconds": round(self.seconds, 4),
        }

    def lines(self) -> list[str]:
        """The same for people, of a finished run."""
        s, found = self.scenario, self.certificate
        assert found is not None
        said = [
            f"{s.image}, {s.attack} attack, ε = {s.eps_level:g} in {s.problem.space.unit}, "
            f"σ = {s.sigma_level:g}, {self.device} {self.precision}, seed {s.seed}\n{s.attack_said}"
        ]
        for answer in self.all_answers:
            name = f"smoothed {answer.network}" if answer is self.smoothed else answer.network
            said.append(
                f"{name:<26}{answer.before} ({answer.clean[answer.before]:.1%}) → {answer.after} "
                f"({answer.attacked.max():.1%}){'  FLIPPED' * answer.flipped}  ‖e‖₂ = {answer.length:.3f}"
            )
        return [*said, *(f"{name}: {notice}" for name, notice in self.notices.items()), found.said]


class Answers(Prepared):
    """The stages of such a run."""

    scenario: DigitsScenario
    known: Answered

    def outcome(self) -> Generator[Progress, None, Answered]:
        """Everything of the scenario; each report that says what is ``known`` says more."""
        s, label = self.scenario, int(self.photo.labels)
        self.started = time.perf_counter()
        key = ("answers", *self.digests.values(), *self.scene, s)
        found: Answered | None = self.lab.memory.get(key)
        if found is not None:
            yield Progress("remembered", 1.0, found)
            return found
        self.known = Answered(
            s, self.truth, None if label < 0 else label, self.digests, self.lab.engine.device, self.precision
        )
        answers = []
        for name in s.networks:
            if name != s.checkpoint:
                answers.append((yield from self._answer(name)))
        yield self._report(answers=tuple(answers))
        yield from self._votes()
        yield self._report(smoothed=(yield from self._smoothed()))
        yield self._report(plane=(yield from self._plane()))
        self.lab.memory.put(key, self.known, OUTCOME_BYTES)
        return self.known

    def _report(self, **known: object) -> Progress:
        seconds = time.perf_counter() - self.started
        self.known = replace(self.known, **known, seconds=seconds)  # type: ignore[arg-type]
        return replace(self.meter.progress(next(iter(known))), known=self.known)

    # -- stages ----------------------------------------------------------------------------

    @property
    def _found(self) -> Certificate:
        """The certificate, once there is one."""
        assert self.known.certificate is not None
        return self.known.certificate

    @torch.no_grad()
    def _scores(self, name: str, point: Tensor) -> Tensor:
        scores: Tensor = self.estimators[name].exact(point)
        return scores

    def objective(self, made_on: str) -> Objective:
        """See :class:`Prepared`: the attack leads away from the answer to the clean image."""
        s, problem = self.scenario, self.problem
        if made_on not in self.of_smoothed:
            seen = replace(self.observation, target=self._scores(made_on, self.point).argmax(1))
            return problem.error(self.estimators[made_on].exact, seen)
        target = torch.tensor([self._found.candidate], device=self.point.device)
        return SmoothedError(
            self.estimators[s.checkpoint].fast, target, self.sigma, s.attack_samples,
            seed=s.seed, chunk=CHUNK, loss=problem.loss, stream=ATTACK_NOISE,
        )  # fmt: skip

    def attack_key(self, made_on: str) -> tuple[object, ...]:
        """See :class:`Prepared`; other votes before may name another class to lead away from."""
        key = super().attack_key(made_on)
        return (*key, self._found.candidate) if made_on in self.of_smoothed else key

    def _answer(self, name: str) -> Generator[Progress, None, Answer]:
        made = yield from self.perturbation(self.made_on(name))
        clean, after = (
            self._scores(name, point).softmax(1)[0] for point in (self.point, self._attacked(made))
        )
        return self._answered(name, int(clean.argmax()), clean, after, made)

    def _votes(self) -> Generator[Progress, None, None]:
        s = self.scenario
        key = ("votes", self.digests[s.checkpoint], *self.scene, s.sigma_level, s.n0, s.samples)
        found: Certificate | None = self.lab.memory.get(key)
        if found is not None:
            self.meter.advance(s.samples)
            found = certificate(found.candidate, found.votes, sigma=self.sigma, alpha=s.alpha)
            yield self._report(certificate=found)
            return
        chunk = max(CHUNK // 10, min(CHUNK, s.samples // 40))
        for found in certify(
            self.estimators[s.checkpoint].fast, self.point,
            sigma=self.sigma, n0=s.n0, n=s.samples, alpha=s.alpha, seed=s.seed, chunk=chunk,
        ):  # fmt: skip
            self.meter.advance(chunk)
            yield self._report(certificate=found)
        self.lab.memory.put(key, found, 200)

    def _smoothed(self) -> Generator[Progress, None, Answer]:
        s, found = self.scenario, self._found
        made_on = self.made_on(SMOOTHED)
        made = yield from self.perturbation(made_on)
        votes = self.remembered(
            ("attacked votes", self.digests[s.checkpoint], s.sigma_level, *self.attack_key(made_on)),
            lambda: count_votes(
                self.estimators[s.checkpoint].fast, self._attacked(made),
                sigma=self.sigma, samples=ATTACKED_VOTES, seed=s.seed, stream="attacked", chunk=CHUNK,
            )[0],
            200,
        )  # fmt: skip
        clean, after = (torch.from_numpy(each / each.sum()) for each in (found.votes, votes))
        return self._answered(s.checkpoint, found.candidate, clean, after, made)

    def _plane(self) -> Generator[Progress, None, Plane]:
        """Through the attacks on the first network and on the smoothed classifier."""
        s, first, smoothed = self.scenario, self.known.answers[0], self.known.smoothed
        assert smoothed is not None
        yield self.meter.progress("plane")
        # A radius that fits into the plane anyway does not change it.
        radius = max(1.0, self._found.radius, first.length, smoothed.length)
        made_on = (self.made_on(first.network), self.made_on(SMOOTHED))
        who = (self.digests[first.network], self.digests[s.checkpoint], s.sigma_level)
        return self.remembered(
            ("plane", *who, *map(self.attack_key, made_on), radius),
            lambda: plane_through(
                self.point,
                first.perturbation.values.to(self.point),
                smoothed.perturbation.values.to(self.point),
                standard=self.estimators[first.network].exact,
                base=self.estimators[s.checkpoint].fast,
                sigma=self.sigma,
                reach=1.25 * radius,
                seed=s.seed,
            ),
            2**15,
        )

    def _attacked(self, made: Perturbation) -> Tensor:
        return self.point + made.values.to(self.point)

    def _answered(self, name: str, before: int, clean: Tensor, after: Tensor, made: Perturbation) -> Answer:
        picture = self._attacked(made)[0, 0].cpu().numpy()
        return Answer(name, before, clean.double().cpu().numpy(), after.double().cpu().numpy(), picture, made)

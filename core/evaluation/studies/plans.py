"""The two studies as lists of units: which photos, which attack strengths, which tables."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.base.progress import Progress
from core.evaluation.photos import Photos
from core.evaluation.studies import attacks, certificates
from core.evaluation.studies.attacks import Protocol
from core.evaluation.studies.attempts import Attempt, full, light
from core.evaluation.studies.case import Case, make_case
from core.evaluation.studies.runner import Frames, Unit, marker
from core.problems import problem_of
from core.problems.scenario import PhotoScenario
from core.runtime.session import Lab

ATTACK_TABLES = {
    "attack_paths": ("checkpoint", "image", "eps_rel", "attempt", "iteration"),
    "attacks": ("checkpoint", "image", "eps_rel", "attempt", "tested_on", "noise_set", "draw"),
}
"""Tables of the study of attacks, and the columns each is sorted by; the main one last."""

CERTIFICATE_TABLES = {
    "falsification": ("checkpoint", "image", "epsilon", "attack", "reading"),
    "certificates": ("checkpoint", "image", "certificate", "epsilon"),
}
"""Likewise of the study of certificates."""


@dataclass(frozen=True)
class Subject:
    """The defence that is studied.

    Attributes:
        checkpoint: network that is smoothed.
        sigma_g: with this noise, in the unit of its problem.
        others: networks to transfer attacks from.
        precision: of attack gradients and samples.
    """

    checkpoint: str
    sigma_g: float
    others: tuple[str, ...] = ()
    precision: str = "auto"


@dataclass(frozen=True)
class AttackStudy:
    """Attack strengths and effort.

    Attributes:
        strengths: ε_rel at which everything is tried.
        curve: further ε_rel, with few attempts; 0 gives the clean rows, the largest should
            destroy the picture.
        steps, long, samples, restarts: see :func:`core.evaluation.studies.attempts.full`.
        protocol: how attempts are scored.
    """

    strengths: tuple[float, ...] = (0.02, 0.05)
    curve: tuple[float, ...] = (0.0, 0.01, 0.035, 0.1, 0.2, 1.0)
    steps: int = 10
    long: int = 100
    samples: tuple[int, ...] = (1, 4, 16, 64)
    restarts: int = 3
    protocol: Protocol = field(default_factory=Protocol)

    def attempts(self, eps_rel: float, others: tuple[str, ...]) -> list[Attempt]:
        """What is tried at one attack strength."""
        if eps_rel not in self.strengths:
            return light(self.steps, min(16, max(self.samples)))
        return full(others, steps=self.steps, long=self.long, samples=self.samples, restarts=self.restarts)


def attack_units(lab: Lab, photos: Photos, subject: Subject, study: AttackStudy) -> list[Unit]:
    """One unit per photo and attack strength, in the order of the photos.

    Call it on the engine's thread: it prepares the networks.
    """
    return [
        _attack_unit(case, eps_rel, study, subject.others)
        for case in _cases(lab, photos, subject)
        for eps_rel in (*study.curve, *study.strengths)
    ]


def _attack_unit(case: Case, eps_rel: float, study: AttackStudy, others: tuple[str, ...]) -> Unit:
    attempts = study.attempts(eps_rel, others)
    name = attacks.study_id(case, eps_rel, attempts, study.protocol)

    def compute() -> Generator[Progress, None, Frames]:
        tables = yield from attacks.study_photo(case, eps_rel, attempts, study.protocol)
        return {"attacks": tables.attacks, "attack_paths": tables.paths}

    return Unit(f"{case.image[0]}, ε_rel = {eps_rel:g}", name, marker(name), compute)


def certificate_units(lab: Lab, photos: Photos, subject: Subject, plan: certificates.Plan) -> list[Unit]:
    """One unit per photo. Call it on the engine's thread: it prepares the networks."""
    return [_certificate_unit(case, plan) for case in _cases(lab, photos, subject)]


def _certificate_unit(case: Case, plan: certificates.Plan) -> Unit:
    name = certificates.study_id(case, plan)

    def compute() -> Generator[Progress, None, Frames]:
        result = yield from certificates.certify_photo(case, plan)
        return {"certificates": result.rows, "falsification": result.falsification}

    return Unit(case.image[0], name, marker(name), compute)


def _cases(lab: Lab, photos: Photos, subject: Subject) -> Iterator[Case]:
    problem = problem_of(subject.checkpoint)
    given: dict[str, Any] = {"compare": subject.others, "precision": subject.precision}
    given |= {"checkpoint": subject.checkpoint, problem.sigma: subject.sigma_g}
    scenario = problem.scenario_at(**given)
    assert isinstance(scenario, PhotoScenario)
    for photo in photos.photos:
        yield make_case(lab, photo, scenario)

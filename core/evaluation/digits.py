"""What an evaluation of digits computes: answers under attack, certificates, and attacks inside their radii.

Three kinds of jobs for :mod:`core.evaluation.driver`, each with rows of a digit and a network in a table of
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.attacks.ball import BALLS
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.options import key_of
from core.base.seeds import derive
from core.certificates.classification import (
    ABSTAIN,
    ESTIMATION,
    SELECTION,
    Certificate,
    Classifier,
    certificate,
    count_votes,
    predict,
)
from core.evaluation.jobs import Target
from core.evaluation.rows import rows_of
from core.evaluation.work import Work
from core.problems.digits.data import Digits
from core.problems.digits.problem import KINDS
from core.results.evaluations import Table
from core.results.store import KEY
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.stream import ATTACK_NOISE

STEPS, DRAWS, VOTES = 20, 16, 200
"""Steps of iterated attacks; noise draws in the gradient of a smoothed classifier; votes of its answer under
attack."""


@dataclass(frozen=True, kw_only=True)
class DigitsJob(Work):
    """Rows of some test digits, one for each network and noise.

    Attributes:
        table: where they go.
        images: places of the digits among the test digits.
        settings: networks, each with its smoothing noise; 0 is the network itself.
        how: what else decides a row, in the order of the keys, which is old.
        said: the columns that all rows share.
        seed: of everything random.
        device, precision: where and how it is computed.
        together: see :class:`Work`: what a kill may cost is a minute or two.
    """

    several = "settings"

    table: Table
    images: tuple[int, ...]
    settings: tuple[tuple[Target, float], ...]
    how: tuple[Any, ...]
    said: Mapping[str, Any]
    seed: int
    device: str
    precision: str
    together: float

    @property
    def targets(self) -> tuple[Target, ...]:
        return tuple(dict.fromkeys(target for target, _ in self.settings))

    @property
    def kind(self) -> tuple[str, str, str]:
        return "test", ", ".join(target.name for target in self.targets), self.table.name

    def __str__(self) -> str:
        return " ".join(self.kind[1:])

    @property
    def wanted(self) -> tuple[int, ...]:
        return self.images

    @property
    def forwards(self) -> int:
        """See :class:`Work`: rows."""
        return len(self.keys)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """See :class:`Work`; the noise under attack is that of the network."""
        return tuple(
            key_of({"table": self.table.name, "identity": [target.digest, *noise, *self.how, number]})
            for number in self.images
            for target, sigma in self.settings
            for noise in [() if "attack" in self.said else (sigma,)]
        )

    @cached_property
    def name(self) -> str:
        return key_of({"keys": list(self.keys)})


@rows_of.register
def _(job: DigitsJob, digits: Digits, lab: Lab) -> pd.DataFrame:
    networks = {}
    for target in job.targets:
        networks[target], digest = lab.network(target.name, job.precision)
        target.require(digest)
    found = lab.engine.do(lambda: list(FIGURES[job.table.name](job, digits, networks, lab.engine.device)))
    about = [
        {"number": number, "label": label, "network": target.name, "digest": target.digest, "sigma": sigma}
        for number, label in zip(digits.numbers.tolist(), digits.labels.tolist(), strict=True)
        for target, sigma in job.settings
    ]
    rows = pd.DataFrame([one | other for one, other in zip(about, found, strict=True)])
    shared = {"seed": job.seed, "device": job.device, "precision": job.precision, **job.said}
    shared.pop("certificates", None)
    return job.table.stored(rows.assign(correct=rows["answer"] == rows["label"], **shared, **{KEY: job.keys}))


Networks = Mapping[Target, Estimator]


def _attacked(job: DigitsJob, digits: Digits, networks: Networks, device: str) -> Iterator[dict[str, Any]]:
    """Answers under one attack; some digits at once, fewer where smoothing multiplies them by its draws."""
    ((target, sigma),), kind, radius = job.settings, job.said["attack"], job.said["epsilon"]
    estimator = networks[target]
    for places in torch.split(torch.arange(len(digits)), 32 if sigma else 250):
        part = digits.take(places)
        pictures, labels = part.pictures.to(device), part.labels.to(device)
        seeds = [derive(job.seed, f"attack {kind} {radius:g}", number) for number in part.numbers.tolist()]
        e, norm, notices = torch.zeros_like(pictures), "l2", [""] * len(part)
        if kind in KINDS:
            objective: Objective = BaseError(estimator.exact, labels, CROSS_ENTROPY)
            if sigma:
                objective = _smoothed(estimator.fast, labels, sigma, DRAWS, job.seed)
            last = perturb(objective, pictures, kind, radius, steps=STEPS, seeds=seeds)
            e, norm = last.kept, KINDS[kind][1]
            notices = [last.notice(place) for place in range(len(part))]
        if sigma:
            votes = [
                _votes(estimator.fast, each[None], sigma, VOTES, own, "answer")
                for each, own in zip(pictures + e, seeds, strict=True)
            ]
            answers = np.stack(votes).argmax(1).tolist()
        else:
            with torch.no_grad():
                answers = estimator.exact(pictures + e).argmax(1).tolist()
        for answer, reached, notice in zip(answers, BALLS[norm].norms(e).tolist(), notices, strict=True):
            yield {"answer": answer, "norm": reached, "notice": notice}


def _certified(job: DigitsJob, digits: Digits, networks: Networks, device: str) -> Iterator[dict[str, Any]]:
    """Certificates (``cohen2019``, section 4): votes are those of
    :func:`core.certificates.classification.certify` with the digit's seed, :func:`seed_of`.

    A digit's noise is drawn once and scaled, so networks and sigmas are compared on the same draws; digits
    have noise of their own.
    """
    for picture, number in zip(digits.pictures.to(device), digits.numbers.tolist(), strict=True):

        def every(noise: Tensor, picture: Tensor = picture) -> Tensor:
            """Scores ``(b, settings, classes)`` under the same noise, scaled for each setting."""
            noisy = ((networks[t].fast, torch.add(picture, noise, alpha=s)) for t, s in job.settings)
            return torch.stack([network(copies) for network, copies in noisy], 1)

        selection, estimation = (
            _votes(
                every, torch.zeros_like(picture[None]), 1.0, job.said[n], seed_of(job.seed, number), stream
            )
            for n, stream in (("n0", SELECTION), ("n", ESTIMATION))
        )
        for (_, sigma), first, votes in zip(job.settings, selection, estimation, strict=True):
            found = certificate(int(first.argmax()), votes, sigma=sigma, alpha=job.said["alpha"])
            yield {
                "answer": found.answer,
                "radius": found.radius,
                "candidate": found.candidate,
                "votes": int(votes[found.candidate]),
                "p_lower": found.p_lower,
            }


def _challenged(job: DigitsJob, digits: Digits, networks: Networks, device: str) -> Iterator[dict[str, Any]]:
    """Does an attack get through inside a certified radius? The certificate's falsification.

    A digit counts as flipped if at any end point the votes name another class with confidence, so that a tie
    of votes is not taken for a flip.
    """
    ((target, _),), said = job.settings, job.said
    for picture, number in zip(digits.pictures.to(device), digits.numbers.tolist(), strict=True):
        found = said["certificates"][number]
        norms, answers, notice = attack_inside(
            networks[target].fast, picture[None], found,
            steps=said["steps"], restarts=said["restarts"], seed=seed_of(job.seed, number),
        )  # fmt: skip
        yield {
            "answer": found.answer,
            "radius": found.radius,
            "norm": max(norms),
            "notice": notice,
            "kept": answers.count(found.answer),
            "abstained": answers.count(ABSTAIN),
            "flipped": sum(answer not in (found.answer, ABSTAIN) for answer in answers),
        }


FIGURES: Mapping[str, Callable[[DigitsJob, Digits, Networks, str], Iterator[dict[str, Any]]]] = {
    "digits_attacks": _attacked,
    "digits_certificates": _certified,
    "digits_challenges": _challenged,
}
"""The own columns of a job's rows, by its table."""


def seed_of(seed: int, number: int) -> int:
    """The seed of one digit's certificate."""
    return derive(seed, "digit", number)


def perturb(
    objective: Objective,
    pictures: Tensor,
    kind: str,
    radius: float,
    *,
    steps: int,
    seeds: Sequence[int],
    step: float | None = None,
) -> Iterate:
    r"""The end of an attack of :data:`KINDS`: :math:`\|e\| \le` ``radius``, and x + e in [0, 1]."""
    attack, norm = KINDS[kind]
    box = pictures.new_zeros(()), pictures.new_ones(())
    return ATTACKS[attack].end(objective, pictures, Terms(radius, norm, steps, seeds, box=box, step=step))


def attack_inside(
    classifier: Classifier,
    picture: Tensor,
    found: Certificate,
    *,
    steps: int = 100,
    restarts: int = 5,
    votes: int = 1000,
    seed: int = 0,
) -> tuple[list[float], list[int], str]:
    """Attack the smoothed classifier inside a certified radius.

    Returns:
        Norms and answers of all end points, and what they must be shown with, if anything: see
        :mod:`core.attacks.search`.

    Args:
        classifier: the base classifier f.
        picture: ``(1, 1, 28, 28)``.
        found: its certificate, not abstaining.
        steps: of PGD, from each of the ``restarts``, which have noise of their own each.
        votes: of the answer at an end point.
        seed: of everything.
    """
    target, sigma = torch.tensor([found.answer], device=picture.device), found.sigma
    norms, answers, notice = [], [], ""
    for restart in range(restarts):
        own = derive(seed, "challenge", restart)
        last = perturb(
            _smoothed(classifier, target, sigma, 32, own), picture, "l2", found.radius,
            steps=steps, seeds=[derive(own, "start")], step=4.0 / steps,
        )  # fmt: skip
        notice = notice or last.notice()
        norms.append(BALLS["l2"].norms(last.kept).item())
        end = picture + last.kept
        answers.append(predict(classifier, end, sigma=sigma, n=votes, alpha=found.alpha, seed=own))
    return norms, answers, notice


def _smoothed(classifier: Classifier, labels: Tensor, sigma: float, draws: int, seed: int) -> SmoothedError:
    return SmoothedError(
        classifier, labels, sigma, draws,
        seed=seed, chunk=draws * len(labels), loss=CROSS_ENTROPY, stream=ATTACK_NOISE,
    )  # fmt: skip


def _votes(
    classifier: Classifier, picture: Tensor, sigma: float, samples: int, seed: int, stream: str
) -> np.ndarray:
    """Votes ``(..., classes)`` of one picture."""
    votes: np.ndarray = count_votes(
        classifier, picture, sigma=sigma, samples=samples, seed=seed, stream=stream, chunk=250
    )[0]
    return votes

"""What a digits scenario comes to; more complete with every report of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from core.certificates.classification import Certificate
from core.experiment.digits.plane import Plane
from core.experiment.digits.scenario import DigitsScenario


@dataclass(frozen=True)
class Answer:
    """What one classifier says to one digit, clean and attacked.

    Attributes:
        network: its name.
        before: the answer to the clean digit: the likeliest class, or for a smoothed classifier the
            class that its selection votes name, which it certifies or abstains on.
        clean, attacked: ``(10,)`` probabilities, or shares of votes for a smoothed classifier.
        picture: ``(28, 28)`` float32, what it gets under attack.
        norm: of the perturbation reached, in the norm of the attack.
        length: L2 norm of the perturbation.
        notice: what the attacked answer must be shown with, if anything: see
            :mod:`core.attacks.search`.
    """

    network: str
    before: int
    clean: np.ndarray
    attacked: np.ndarray
    picture: np.ndarray
    norm: float
    length: float
    notice: str = ""

    @property
    def after(self) -> int:
        """The answer under attack."""
        return int(self.attacked.argmax())

    @property
    def flipped(self) -> bool:
        """Whether the attack changed the answer."""
        return self.before != self.after


@dataclass(frozen=True)
class DigitsOutcome:
    """Everything about one scenario; what is None is not computed yet.

    Attributes:
        scenario: what was asked.
        picture: ``(1, 1, 28, 28)`` in [0, 1].
        label: the true class of a test digit, or which sample it is.
        answers: of the networks that are not smoothed.
        certificate: of the smoothed classifier, after the votes so far.
        smoothed: the smoothed classifier's answer under attack.
        plane: through the digit and the ends of two attacks.
        digests: of the checkpoints, by name.
        device, precision: what computed it.
        seconds: from the start to this report.
    """

    scenario: DigitsScenario
    picture: Tensor
    label: int | None
    answers: tuple[Answer, ...] = ()
    certificate: Certificate | None = None
    smoothed: Answer | None = None
    plane: Plane | None = None
    digests: dict[str, str] | None = None
    device: str = ""
    precision: str = ""
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether all votes are counted and the plane is drawn."""
        return self.plane is not None

    @property
    def notices(self) -> dict[str, str]:
        """What the answers must be shown with, by network."""
        answers = [*self.answers, *([self.smoothed] if self.smoothed else [])]
        return {answer.network: answer.notice for answer in answers if answer.notice}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, without pictures and plane."""
        found = self.certificate
        answers = [*self.answers, *([self.smoothed] if self.smoothed else [])]
        return {
            "scenario": self.scenario.to_dict(),
            "units": "pixel values from 0 to 1",
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
                    "norm": answer.norm,
                    "l2_norm": answer.length,
                }
                for answer in answers
            },
            "notices": self.notices,
            "certificate": None
            if found is None
            else {
                "answer": None if found.abstained else found.answer,
                "abstained": found.abstained,
                "radius": found.radius,
                "candidate": found.candidate,
                "votes": found.votes.tolist(),
                "p_lower": found.p_lower,
                "sigma": found.sigma,
                "alpha": found.alpha,
            },
            "seconds": round(self.seconds, 4),
        }

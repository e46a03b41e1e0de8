"""One photo with the networks that a study attacks and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.base.errors import UserError
from core.experiment.run import Stages
from core.pictures import metrics, units
from core.pictures.images import Photo
from core.pictures.metrics import Quality
from core.pictures.units import STANDARDISED
from core.problems.problem import Problem
from core.problems.scenario import PhotoScenario
from core.problems.super_resolution import SUPER_RESOLUTION
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.estimate import smooth


@dataclass(frozen=True)
class Case:
    """A photo, its measurement, and networks ready to run.

    Attributes:
        image: (file name, digest of the decoded photo).
        checkpoint: name of the network f that is smoothed.
        digests: checkpoint digest by network name.
        estimators: by network name.
        truth: ``(1, c, h, w)`` picture in [0, 1].
        target: what errors are taken to, in the space of the outputs.
        measurement: ``(1, c, h, w)``: the point that is attacked.
        sigma_g: smoothing noise of the deployed estimator, in the values of the problem's space.
        chunk: images per forward call.
        device, precision: where and how it runs.
        problem: what is solved.
        measured: the fields of a scenario that say how.
    """

    image: tuple[str, str]
    checkpoint: str
    digests: dict[str, str]
    estimators: dict[str, Estimator]
    truth: Tensor
    target: Tensor
    measurement: Tensor
    sigma_g: float
    chunk: int
    device: str
    precision: str
    problem: Problem = SUPER_RESOLUTION
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> Estimator:
        """The network f that is smoothed."""
        return self.estimators[self.checkpoint]

    @property
    def dimension(self) -> int:
        """d, number of values of the measurement."""
        return self.measurement[0].numel()

    def radius(self, eps_rel: float) -> float:
        """ε of an attack that moves pixels by as much as one of this RMS does in standardised units."""
        space = self.problem.space
        return space.radius(
            eps_rel * (STANDARDISED.grey_levels(1.0) / space.grey_levels(1.0)), self.dimension
        )

    @property
    def sigma(self) -> float:
        """The smoothing noise in the unit of the problem's space."""
        return self.sigma_g * self.problem.space.per_one

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """Limits of a picture in [0, 1], in the problem's space."""
        encode = self.problem.space.encode
        lowest = encode(torch.zeros_like(self.truth)).to(self.measurement)
        return lowest, encode(torch.ones_like(self.truth)).to(self.measurement)

    def columns(self, eps_rel: float, epsilon: float) -> dict[str, Any]:
        """What the rows of every study say of it and of the radius of an attack."""
        return {
            "image": self.image[0],
            "image_digest": self.image[1],
            "checkpoint": self.checkpoint,
            "digest": self.digests[self.checkpoint],
            "eps_rel": eps_rel,
            "epsilon": epsilon,
            "dimension": self.dimension,
            "norm_kind": "L2",
            "units": self.problem.space.unit,
            "grey_levels": units.grey_levels(eps_rel),
            "device": self.device,
            "precision": self.precision,
        }

    @torch.no_grad()
    def smoothed(self, measurement: Tensor, samples: int, seed: int) -> Tensor:
        """The deployed estimate: mean of ``samples`` predictions as a clamped picture."""
        estimate = smooth(
            self.base.fast, measurement, sigma=self.sigma_g, samples=samples, seed=seed, chunk=self.chunk
        )
        return self.problem.space.picture(estimate)

    def quality(self, picture: Tensor, name: str = "") -> Quality:
        """Against the truth; of what network, by default the one that is smoothed."""
        return metrics.quality(picture.cpu(), self.truth.cpu(), name or self.checkpoint)[0]

    @torch.no_grad()
    def company_effect(self) -> float:
        """Largest change of f's output when the photo shares its batch with its mirror image: zero
        up to rounding in eval mode, where batch norm knows no batch."""
        batch = torch.cat([self.measurement, self.measurement.flip(-1)])
        alone, together = self.base.exact(self.measurement), self.base.exact(batch)[:1]
        return float((alone - together).abs().max())


def make_case(lab: Lab, photo: Photo, scenario: PhotoScenario) -> Case:
    """Prepare a case; call it on the engine's thread.

    Args:
        lab: engine and checkpoints.
        photo: what is measured.
        scenario: how; its ``checkpoint`` is smoothed, and ``compare`` are networks for transfer.

    Raises:
        UserError: if a checkpoint is missing, or the smoothing noise is not above 0.
    """
    if scenario.sigma_level <= 0:
        raise UserError(f"sigma is {scenario.sigma_level:g}: smoothing needs a noise above 0.")
    names = tuple(dict.fromkeys((scenario.checkpoint, *scenario.compare)))
    ready = Stages(scenario, lab, photo, names)
    return Case(
        image=(photo.name, photo.digest),
        checkpoint=scenario.checkpoint,
        digests=ready.digests,
        estimators={name: ready.estimators[name] for name in names},
        truth=ready.truth.to(ready.point.device),
        target=ready.observation.target,
        measurement=ready.point,
        sigma_g=ready.sigma,
        chunk=ready.chunk,
        device=lab.engine.device,
        precision=ready.precision,
        problem=scenario.problem,
        measured={name: getattr(scenario, name) for name in scenario.problem.own},
    )

"""One photo with the networks that a study attacks and tests."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.base.errors import UserError
from core.pictures import metrics, units
from core.pictures.metrics import Quality
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolution
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
        truth: ``(1, 3, h, w)`` picture in [0, 1].
        target: the same, standardised.
        measurement: ``(1, 3, h, w)`` standardised y.
        sigma_g: smoothing noise of the deployed estimator.
        chunk: images per forward call.
        device, precision: where and how it runs.
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

    @property
    def base(self) -> Estimator:
        """The network f that is smoothed."""
        return self.estimators[self.checkpoint]

    @property
    def dimension(self) -> int:
        """d, number of values of the measurement."""
        return self.measurement[0].numel()

    def radius(self, eps_rel: float) -> float:
        """ε in the measurement's units."""
        return units.radius(eps_rel, self.dimension)

    @property
    def box(self) -> tuple[Tensor, Tensor]:
        """Standardised limits of a picture in [0, 1]."""
        lowest = units.standardise(torch.zeros_like(self.truth)).to(self.measurement)
        return lowest, units.standardise(torch.ones_like(self.truth)).to(self.measurement)

    @torch.no_grad()
    def smoothed(self, measurement: Tensor, samples: int, seed: int) -> Tensor:
        """The deployed estimate: mean of ``samples`` predictions as a clamped picture."""
        estimate = smooth(
            self.base.fast, measurement, sigma=self.sigma_g, samples=samples, seed=seed, chunk=self.chunk
        )
        return units.to_picture(estimate)

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


def make_case(
    lab: Lab,
    picture: Tensor,
    image: tuple[str, str],
    *,
    checkpoint: str,
    others: tuple[str, ...],
    sigma_g: float,
    precision: str = "auto",
) -> Case:
    """Prepare a case; call it on the engine's thread.

    Args:
        lab: engine and checkpoints.
        picture: ``(1, 3, h, w)`` in [0, 1].
        image: (file name, digest).
        checkpoint: the network that is smoothed.
        others: further networks, for transfer.
        sigma_g: smoothing noise, standardised.
        precision: of attack gradients and samples.

    Raises:
        UserError: if a checkpoint is missing, of another factor, or sigma_g is not above 0.
    """
    if sigma_g <= 0:
        raise UserError(f"sigma is {sigma_g:g}: smoothing needs a noise above 0.")
    factor = SUPER_RESOLUTION.identity(checkpoint).factor
    resolved = lab.engine.resolve(precision)
    estimators, digests = {}, {}
    for name in dict.fromkeys((checkpoint, *others)):
        if SUPER_RESOLUTION.identity(name).factor != factor:
            raise UserError(f"{name} and {checkpoint} have different factors: take networks of one factor.")
        estimators[name], digests[name] = lab.network(name, resolved)
    truth = picture.to(lab.engine.device)
    return Case(
        image=image,
        checkpoint=checkpoint,
        digests=digests,
        estimators=estimators,
        truth=truth,
        target=units.standardise(truth),
        measurement=SuperResolution(factor).measure(truth),
        sigma_g=sigma_g,
        chunk=lab.engine.chunk,
        device=lab.engine.device,
        precision=resolved,
    )

"""Denoising, :math:`y = x + b` (``sun2024``, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.base.options import option
from core.problems import classical
from core.problems.problem import LinearInverse
from core.problems.scenario import Scenario

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Denoising:
    """The operator :math:`A = I`."""

    share: float = 1.0

    def A(self, signal: Tensor) -> Tensor:
        """Return the signal."""
        return signal

    def adjoint(self, measurement: Tensor) -> Tensor:
        """Return the measurement."""
        return measurement

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        """Return the measurement."""
        return measurement


@dataclass(frozen=True)
class DenoisingScenario(Scenario):
    """Denoising (dn-…), levels in grey levels of 255."""

    newer = ("attack_on", "attack_samples", "attacked", "box")

    image: str = option("camera", "Bundled photo by name, or a picture file; taken in grey.")
    checkpoint: str = option("dn-smt-grad", "The network that is smoothed: base estimator f.")
    size: int = option(96, "Side of the crop.", low=33, high=512)
    sigma_b: float = option(15.0, "Measurement noise, in grey levels.", low=0, high=50)
    eps: float = option(
        5.0, "Attack strength: RMS of the perturbation of the signal in grey levels.", low=0, high=255
    )
    sigma: float = option(10.0, "Smoothing noise in grey levels.", low=0, high=255)


DENOISING = LinearInverse(
    name="denoising",
    title="Denoising",
    prefix="dn",
    scenario=DenoisingScenario,
    operator=lambda scenario: Denoising(),
    noise=lambda scenario: scenario.sigma_b,
    classical=lambda scenario: {
        "measurement": classical.linear,
        "tv": partial(classical.variation_denoised, sigma_b=scenario.sigma_b),
        "nlm": partial(classical.non_local_means, sigma_b=scenario.sigma_b),
    },
    says=lambda scenario: f"σ_b = {scenario.sigma_b:g}",
)
DenoisingScenario.problem = DENOISING

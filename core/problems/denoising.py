"""Denoising, :math:`y = x + b` (``sun2024``, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.base.options import option
from core.problems import classical, controls
from core.problems.grid import Grid, Point
from core.problems.linear import LinearInverse, LinearScenario, Training

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
class DenoisingScenario(LinearScenario):
    """Denoising (dn-…), levels in grey levels of 255."""

    newer = ("attack_on", "attack_samples", "attacked", "box")

    checkpoint: str = option("dn-smt-grad", "The network that is smoothed: base estimator f.")
    sigma_b: float = option(15.0, "Measurement noise, in grey levels.", controls.SIGMA_B, low=0, high=50)


DENOISING = LinearInverse(
    name="denoising",
    title="Denoising",
    prefix="dn",
    examples=("dn-ord",),
    scenario=DenoisingScenario,
    operator=lambda scenario: Denoising(),
    noise=lambda scenario: scenario.sigma_b,
    training=Training(
        network={"widths": (24, 32, 48, 48, 48), "stages": 3},
        setting={"sigma_b": 15.0},
        start_steps=4000,
        steps=600,
        reduced="3 of 6 stages; channels 24-32-48-48-48 of 64; crops of 64 pixels in batches of 16 of 40 in "
        "batches of 32; S = 3 of 15; PGD-3 of 100 steps",
    ),
    classical=lambda scenario: {
        "measurement": classical.linear,
        "tv": partial(classical.variation_denoised, sigma_b=scenario.sigma_b),
        "nlm": partial(classical.non_local_means, sigma_b=scenario.sigma_b),
    },
    published=True,
    document="sun2024",
    own=("sigma_b",),
    table="inverse_problems",
    grid=Grid(
        settings=(10.0, 0.0, 2.0, 15.0),
        epses=(0.0, 5.0, 10.0, 15.0),
        sigmas=(0.0, 3.0, 6.0, 10.0, 14.0, 18.0, 25.0, 35.0),
        elsewhere=(0.0, 10.0, 18.0),
        # sun2024 does not print the three radii of its Table 1; ours are grey levels RMS.
        tables={
            "1": (Point(2.0, 5.0, 10.0), Point(2.0, 10.0, 14.0), Point(2.0, 15.0, 18.0)),
            "2": (
                Point(10.0, 10.0, 13.0, network="dn-ord"),
                Point(2.0, 10.0, 15.0, network="dn-smt-grad"),
                Point(5.0, 15.0, 15.0, network="dn-adv"),
            ),
            "4": (Point(10.0, 10.0, 12.0, (50, 500, 1000)),),
        },
    ),
    measured="Measurement",
    says=lambda scenario: f"σ_b = {scenario.sigma_b:g}",
)

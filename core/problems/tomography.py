r"""Tomography: :math:`y = A x`, the integrals of a picture along lines from a few angles.

The operator and its filtered backprojection are deepinv's (``Tomography``, scaled to norm one); the problem
is offered where that package is installed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from core.base.options import Control, Widget, option
from core.base.seeds import derive
from core.problems.grid import Grid
from core.problems.linear import LinearInverse, LinearScenario, Training
from core.problems.physics import PhysicsOperator

ANGLES = (10, 20, 40, 60, 90)
IS_THERE = find_spec("deepinv") is not None


@lru_cache(maxsize=32)
def _tomography(angles: int, side: int, device: str) -> Any:
    from deepinv.physics import Tomography

    return Tomography(angles=angles, img_width=side, circle=False, normalize=True, device=device)


def projections(angles: int) -> PhysicsOperator:
    """The operator of so many equidistant angles.

    >>> projections(40).side((1, 1, 91, 40)), projections(40).side((1, 1, 136, 40))
    (64, 96)
    """
    return PhysicsOperator(
        partial(_tomography, angles),
        estimate=lambda physics, sinogram: physics.A_dagger(sinogram, fbp=True),
        # The detector is as long as the diagonal.
        side=lambda shape: int(shape[-2] / math.sqrt(2)),
    )


@dataclass(frozen=True)
class TomographyScenario(LinearScenario):
    """Tomography (ct-…), levels in grey levels of 255."""

    checkpoint: str = option("ct-rs-10.00", "The network that is smoothed: base estimator f.")
    angles: int = option(
        40, "Number of angles, equidistant over half a turn.",
        Control("Angles", Widget.SLIDER, ANGLES), low=1, high=720,
    )  # fmt: skip


TOMOGRAPHY = LinearInverse(
    name="tomography",
    title="Tomography",
    prefix="ct",
    scenario=TomographyScenario,
    operator=lambda scenario: projections(scenario.angles),
    own=("angles",),
    measured="Filtered backprojection",
    training=Training(
        drawn=lambda seed: {"angles": int(np.random.default_rng(derive(seed, "angles")).choice(ANGLES))},
    ),
    grid=Grid(
        settings=(20, 40),
        epses=(0.0, 5.0, 10.0, 15.0),
        sigmas=(0.0, 3.0, 6.0, 10.0, 18.0),
        elsewhere=(0.0, 10.0),
        beside=("ct-std",),
    ),
    says=lambda scenario: f"projections from {scenario.angles} angles",
)

r"""Inpainting: a random share of the pixels is measured, :math:`y = M x` with a mask M."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.base.options import Control, Widget, option
from core.base.seeds import derive
from core.problems.grid import Grid
from core.problems.linear import LinearInverse, LinearScenario, Training

if TYPE_CHECKING:
    from torch import Tensor

SHARES = Control("Measured share", Widget.SLIDER, (0.1, 0.2, 0.3, 0.5, 0.7, 0.9), form="{:.0%}")

WINDOW = 5
"""Side of the boxes whose tent weights the pixels that fill in a missing one."""


@dataclass(frozen=True)
class Mask:
    """The operator: keeps each pixel with probability ``share``, as its seed says.

    Args:
        share: of the pixels that are measured, in (0, 1].
        seed: of the mask.
    """

    share: float
    seed: int = 0

    def A(self, signal: Tensor) -> Tensor:
        """The signal ``(b, 1, h, w)`` where it is measured, 0 elsewhere."""
        return signal * self.mask(signal)

    adjoint = A

    def mask(self, like: Tensor) -> Tensor:
        """``(h, w)`` of ones and zeros, in the dtype and on the device of ``(b, 1, h, w)``."""
        return _mask(self.share, self.seed, *like.shape[-2:], like.dtype, str(like.device))

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        """What is measured, and elsewhere the mean of the measured pixels around, by distance."""
        from torch.nn.functional import avg_pool2d

        mask = self.mask(measurement).expand_as(measurement)
        total, weight = measurement * mask, mask
        for _ in range(2):  # twice a box is a tent
            total, weight = (avg_pool2d(each, WINDOW, 1, WINDOW // 2) for each in (total, weight))
        return measurement * mask + (1 - mask) * total / weight.clamp_min(1e-6)


@lru_cache(maxsize=32)
def _mask(share: float, seed: int, height: int, width: int, dtype: object, device: str) -> Tensor:
    import torch

    chances = torch.rand(height, width, generator=torch.Generator().manual_seed(seed))
    return (chances < share).to(device, dtype)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class InpaintingScenario(LinearScenario):
    """Inpainting (ip-…), levels in grey levels of 255."""

    checkpoint: str = option("ip-rs-10.00", "The network that is smoothed: base estimator f.")
    share: float = option(0.5, "Share of the pixels that is measured.", SHARES, low=0.05, high=1)


INPAINTING = LinearInverse(
    name="inpainting",
    title="Inpainting",
    prefix="ip",
    scenario=InpaintingScenario,
    operator=lambda scenario: Mask(scenario.share, scenario.seed),
    own=("share",),
    grid=Grid(
        settings=(0.5, 0.3),
        epses=(0.0, 5.0, 10.0, 15.0),
        sigmas=(0.0, 3.0, 6.0, 10.0, 18.0),
        elsewhere=(0.0, 10.0),
        beside=("ip-std",),
    ),
    says=lambda scenario: f"{scenario.share:.0%} of the pixels",
    training=Training(
        drawn=lambda seed: {
            "share": float(np.random.default_rng(derive(seed, "share")).uniform(0.1, 0.9)),
            "seed": derive(seed, "mask") % 2**31,
        }
    ),
)

r"""Deblurring: :math:`y = K x + b` with a Gaussian kernel K and noise b."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.base.options import Control, Widget, option
from core.base.seeds import derive
from core.pictures.units import GREY
from core.problems import controls
from core.problems.grid import Grid
from core.problems.linear import LinearInverse, LinearScenario, Training

if TYPE_CHECKING:
    from torch import Tensor

BLURS = Control("Blur", Widget.SLIDER, (0.5, 1.0, 1.5, 2.0, 3.0), form="σ {:g} px")

PHOTOS = 0.06
"""Variance of pixels in [0, 1], in the prior of the linear estimate."""


@dataclass(frozen=True)
class GaussianBlur:
    r"""The operator: circular convolution with a Gaussian, which is its own adjoint; :math:`K K^T \ne I`.

    Args:
        blur: standard deviation of the kernel in pixels.
        sigma_b: of the noise in grey levels, which the linear estimate is told.
    """

    blur: float
    sigma_b: float
    share: float = 1.0

    def A(self, signal: Tensor) -> Tensor:
        """Blur ``(b, 1, h, w)``."""
        return self._filtered(signal, self._transfer(signal))

    adjoint = A

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        r"""Wiener's filter for white pixels, :math:`(K^T K + \lambda I)^{-1} K^T y` with lambda the
        noise's variance over that of the pixels, at least that of a grey level."""
        transfer = self._transfer(measurement)
        variance = (max(self.sigma_b, 1.0) / GREY) ** 2
        return self._filtered(measurement, transfer / (transfer.square() + variance / PHOTOS))

    def _transfer(self, like: Tensor) -> Tensor:
        return _transfer(self.blur, *like.shape[-2:], str(like.device))

    def _filtered(self, signal: Tensor, transfer: Tensor) -> Tensor:
        import torch

        with torch.autocast(signal.device.type, enabled=False):
            wide = signal if signal.dtype == torch.float64 else signal.float()
            spectrum = torch.fft.rfft2(wide) * transfer.to(wide)
            found: Tensor = torch.fft.irfft2(spectrum, s=signal.shape[-2:])
        return found


@lru_cache(maxsize=32)
def _transfer(blur: float, height: int, width: int, device: str) -> Tensor:
    """Gains ``(h, w // 2 + 1)`` of the sampled, periodic Gaussian kernel of sum one, float64."""
    import torch

    axes = []
    for length in (height, width):
        place = torch.arange(length, dtype=torch.float64)
        apart = torch.minimum(place, length - place)
        kernel = torch.exp(-0.5 * (apart / blur).square())
        axes.append(torch.fft.fft(kernel / kernel.sum()).real)
    gains: Tensor = axes[0][:, None] * axes[1][None, : width // 2 + 1]
    return gains.to(device)


@dataclass(frozen=True)
class DeblurringScenario(LinearScenario):
    """Deblurring (db-…), levels in grey levels of 255."""

    checkpoint: str = option("db-rs-10.00", "The network that is smoothed: base estimator f.")
    blur: float = option(1.5, "Standard deviation of the blur in pixels.", BLURS, low=0.3, high=5)
    sigma_b: float = option(2.0, "Measurement noise, in grey levels.", controls.SIGMA_B, low=0, high=50)


DEBLURRING = LinearInverse(
    name="deblurring",
    title="Deblurring",
    prefix="db",
    scenario=DeblurringScenario,
    operator=lambda scenario: GaussianBlur(scenario.blur, scenario.sigma_b),
    noise=lambda scenario: scenario.sigma_b,
    own=("blur", "sigma_b"),
    training=Training(
        drawn=lambda seed: {"blur": float(np.random.default_rng(derive(seed, "blur")).uniform(0.5, 3.0))},
        setting={"sigma_b": 2.0},
    ),
    grid=Grid(
        settings=(1.5, 3.0),
        epses=(0.0, 5.0, 10.0, 15.0),
        sigmas=(0.0, 3.0, 6.0, 10.0, 18.0),
        elsewhere=(0.0, 10.0),
        beside=("db-std",),
    ),
    says=lambda scenario: f"blur of {scenario.blur:g} pixels, σ_b = {scenario.sigma_b:g}",
)

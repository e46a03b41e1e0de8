r"""Single-image super-resolution (thesis, section 4.1).

.. math:: y = \mathrm{standardise}(U D x)

with :math:`D` the bilinear downsampling by ``factor`` *with antialiasing* and :math:`U` the
bilinear interpolation back to the size of :math:`x`. Attack and smoothing noise act on
:math:`y`, which has the shape of :math:`x`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.pictures import units

FACTORS = (2, 4)


@dataclass(frozen=True)
class SuperResolution:
    """The forward operator for one integer ``factor`` (the thesis uses 2 and 4).

    Raises:
        ValueError: if the factor is below 2, or a picture's sides are not multiples of it.
    """

    factor: int

    def __post_init__(self) -> None:
        if self.factor < 2:
            raise ValueError(f"the super-resolution factor must be at least 2, not {self.factor}")

    def downsample(self, pictures: Tensor) -> Tensor:
        """``D``: ``(b, c, h, w)`` to ``(b, c, h/factor, w/factor)``, antialiased bilinear."""
        height, width = pictures.shape[-2:]
        if height % self.factor or width % self.factor:
            raise ValueError(f"{height}x{width} pixels do not divide by {self.factor}")
        size = (height // self.factor, width // self.factor)
        return F.interpolate(pictures, size, mode="bilinear", align_corners=False, antialias=True)

    def upsample(self, low: Tensor) -> Tensor:
        """``U``: interpolate ``(b, c, h, w)`` bilinearly to ``(b, c, factor h, factor w)``."""
        size = (low.shape[-2] * self.factor, low.shape[-1] * self.factor)
        return F.interpolate(low, size, mode="bilinear", align_corners=False)

    def A(self, signal: Tensor) -> Tensor:
        """The linear part ``U D`` of the measurement: ``(b, c, h, w)`` to the same shape."""
        return self.upsample(self.downsample(signal))

    def adjoint(self, measurement: Tensor) -> Tensor:
        """``D^T U^T`` of ``(b, c, h, w)``; for a linear map the vector–Jacobian product."""
        origin = torch.zeros_like(measurement, requires_grad=True)
        with torch.enable_grad():
            (found,) = torch.autograd.grad(self.A(origin), origin, measurement)
        return found

    def measure(self, pictures: Tensor) -> Tensor:
        """Standardised measurement ``y`` of ``(b, 3, h, w)`` pictures in [0, 1]; same shape."""
        return units.standardise(self.A(pictures))


class Bilinear(nn.Module):
    """The trivial estimator: the measurement itself."""

    def forward(self, measurement: Tensor) -> Tensor:
        """Return ``(b, c, h, w)`` unchanged."""
        return measurement


class Bicubic(nn.Module):
    r"""Bicubic interpolation as a *linear* map of the measurement, :math:`f(y) = C U^+ y`.

    :math:`U^+` is the pseudo-inverse of the bilinear interpolation :math:`U`, so that on a
    clean measurement the low-resolution picture is recovered exactly and :math:`f` is the
    textbook bicubic interpolation; on an attacked measurement it is what bicubic
    interpolation of the least-squares low-resolution picture gives. Both maps are separable,
    so :math:`f` is one matrix per axis.
    """

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, measurement: Tensor) -> Tensor:
        """Map ``(b, c, h, w)`` standardised measurements to pictures of the same shape."""
        height, width = measurement.shape[-2:]
        rows = _bicubic_matrix(self.factor, height).to(measurement)
        columns = _bicubic_matrix(self.factor, width).to(measurement)
        return rows @ measurement @ columns.T


@lru_cache(maxsize=16)
def _bicubic_matrix(factor: int, size: int) -> Tensor:
    """``C U^+`` along one axis, ``(size, size)`` in float64."""
    low = size // factor
    # Row pictures (height 1): torch 2.13 gets antialiased columns of width 1 wrong. With
    # antialias it uses the textbook cubic (Keys, a = -0.5); enlarging has nothing to antialias.
    basis = torch.eye(low, dtype=torch.float64).view(low, 1, 1, low)
    bilinear, bicubic = (
        F.interpolate(basis, (1, size), mode=mode, align_corners=False, antialias=True).view(low, size).T
        for mode in ("bilinear", "bicubic")
    )
    matrix: Tensor = bicubic @ torch.linalg.pinv(bilinear)
    return matrix


def baseline(name: str, factor: int) -> nn.Module:
    """The trivial estimator called ``bilinear`` or ``bicubic``.

    Raises:
        KeyError: for any other name.
    """
    estimators: dict[str, nn.Module] = {"bilinear": Bilinear(), "bicubic": Bicubic(factor)}
    return estimators[name]

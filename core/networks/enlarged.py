"""A network of super-resolution that takes the small picture: interpolated first, as it was trained."""

from __future__ import annotations

from torch import Tensor, nn

from core.pictures.units import STANDARDISED
from core.problems.super_resolution import SuperResolution


class Enlarged(nn.Module):
    r"""The function :math:`y \mapsto f(U(y))` of pictures, with the bilinear interpolation U.

    Args:
        network: f, from standardised measurements to standardised pictures of the same shape.
        factor: of super-resolution.
    """

    def __init__(self, network: nn.Module, factor: int) -> None:
        super().__init__()
        self.network, self.operator = network, SuperResolution(factor)

    def forward(self, small: Tensor) -> Tensor:
        """Map ``(b, 3, h, w)`` to ``(b, 3, factor h, factor w)``, both in [0, 1]; not clamped."""
        return STANDARDISED.decode(self.network(STANDARDISED.encode(self.operator.upsample(small))))

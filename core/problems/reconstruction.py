r"""The whole way from a signal to its reconstruction, :math:`h(z) = f(A z)`, as one estimator.

Attack and smoothing noise live in the signal, :math:`y_{x+\xi+\delta} = A(x + \xi + \delta) + b`
(paper, section 1.1). All operators here have orthonormal rows, :math:`A A^T = I`, so the
measurement noise can be put into the signal too, at :math:`z_0 = x + A^T b`:

.. math:: f(A(x+\xi+\delta) + b) = h(z_0 + \xi + \delta).

So attacks, smoothing and certificates that know estimators of one argument serve these problems
unchanged, with :math:`z_0` in the place of the measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.base.noise import gaussian
from core.pictures.units import GREY
from core.problems.denoising import Denoising
from core.problems.linear import Operator
from core.problems.sensing import BlockSensing

DENOISING = "denoising"
"""The other problem of a :class:`Setting` is compressed sensing."""


class LinearEstimate(nn.Module):
    """The trivial network: the operator's linear estimate, for denoising the measurement itself."""

    def forward(self, measurement: Tensor, operator: Operator) -> Tensor:
        """Map a measurement to a signal ``(b, 1, h, w)``."""
        return operator.linear_estimate(measurement)


class Reconstruction(nn.Module):
    """h: a network behind an operator."""

    def __init__(self, network: nn.Module, operator: Operator) -> None:
        super().__init__()
        self.network = network
        self.operator = operator

    def forward(self, signal: Tensor) -> Tensor:
        """Map ``(b, 1, h, w)`` signals to reconstructions of the same shape, unclamped."""
        # Φ is float32 whatever the weights: measurements are not rounded.
        signal = signal.float()
        estimate: Tensor = self.network(self.operator.A(signal), self.operator)
        return estimate


@dataclass(frozen=True)
class Setting:
    """How a signal is measured.

    Attributes:
        problem: ``denoising`` or ``compressed_sensing``.
        sigma_b: standard deviation of the measurement noise in grey levels.
        ratio: m/n of compressed sensing.
        matrix_seed: of the sensing matrix.
    """

    problem: str
    sigma_b: float
    ratio: float = 0.25
    matrix_seed: int = 0

    @property
    def operator(self) -> Operator:
        """A."""
        if self.problem == DENOISING:
            return Denoising()
        return BlockSensing(self.ratio, self.matrix_seed)

    def measured(self, signal: Tensor, seeds: Sequence[int]) -> Tensor:
        r""":math:`z_0 = x + A^T b` of signals ``(b, 1, h, w)``; one seed of the noise for each."""
        if self.sigma_b == 0:
            return signal
        operator = self.operator
        clean = operator.A(signal)
        noise = gaussian(clean, seeds)
        return signal + operator.adjoint(noise.to(clean.dtype) * (self.sigma_b / GREY))

    def __str__(self) -> str:
        if self.problem == DENOISING:
            return f"σ_b = {self.sigma_b:g}"
        noise = f", σ_b = {self.sigma_b:g}" if self.sigma_b else ""
        return f"m/n = {self.ratio:g}{noise}"

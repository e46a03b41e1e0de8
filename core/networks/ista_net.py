r"""ISTA-Net++: unrolled iterative shrinkage on the whole picture (You, Xie and Zhang 2021).

Each phase takes a gradient step of the data term and then a residual network, which sees no
blocks (“cross-block learning”):

.. math:: r = x - \rho_i A^T (A x - y), \qquad x \leftarrow r + D_i(r, \mu_i)

The steps :math:`\rho_i` and the maps :math:`\mu_i` come from a condition network that is told
the sensing ratio, so that one set of weights serves every ratio.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.problems.linear import Operator

WIDTH = 32
PHASES = 20


class ISTANetPlus(nn.Module):
    """Twenty phases of 32 channels by default, as published.

    It starts from the operator's linear estimate, as ISTA-Net does, instead of :math:`A^T y`,
    which takes long trainings to come near a picture.

    Args:
        width: channels of the residual networks.
        phases: how many phases, each with weights of its own.
    """

    def __init__(self, width: int = WIDTH, phases: int = PHASES) -> None:
        super().__init__()
        self.condition = nn.Sequential(
            nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2 * phases)
        )
        self.phases = nn.ModuleList(_Phase(width) for _ in range(phases))

    def forward(self, measurement: Tensor, operator: Operator) -> Tensor:
        """Reconstruct ``(b, 1, h, w)`` from a measurement, both in float32."""
        told = measurement.new_full((1, 1), operator.share)
        steps = self._steps(told)
        estimate = operator.linear_estimate(measurement)
        for (step, level), phase in zip(steps, self.phases, strict=True):
            residual = operator.adjoint(operator.A(estimate) - measurement)
            estimate = phase(estimate - step * residual, level)
        return estimate

    def _steps(self, told: Tensor) -> Tensor:
        """``(phases, 2)``, positive: step size and noise level, in float32 whatever the weights."""
        with torch.autocast(told.device.type, enabled=False):
            for layer in self.condition:
                if isinstance(layer, nn.Linear):
                    told = F.linear(told, layer.weight.float(), layer.bias.float())
                else:
                    told = layer(told)
            steps: Tensor = F.softplus(told + OFFSET).view(-1, 2)
        return steps


OFFSET = 0.5413
"""Makes the steps start near 1: log(e − 1)."""


class _Phase(nn.Module):
    """D: the noise level as a map beside the picture, a convolution, two residual blocks, one out."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(2, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1)
            )
            for _ in range(2)
        )
        self.leave = nn.Conv2d(width, 1, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        assert self.leave.bias is not None
        nn.init.zeros_(self.leave.bias)

    def forward(self, estimate: Tensor, level: Tensor) -> Tensor:
        """The estimate plus a correction, which is computed in the weights' precision."""
        stacked = torch.cat([estimate, level.expand_as(estimate)], dim=1)
        features = self.enter(stacked.to(self.leave.weight.dtype))
        for block in self.blocks:
            features = features + block(features)
        corrected: Tensor = estimate + self.leave(features).float()
        return corrected

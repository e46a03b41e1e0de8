r"""DPDNN: a denoiser unrolled into stages that share one encoder–decoder (Dong et al. 2018).

Each stage takes :math:`v = x + U(x)` with an encoder–decoder :math:`U` and then

.. math:: x \leftarrow (1 - \delta_i - \eta_i)\, v + \eta_i\, x + \delta_i\, (x - A^T(A x - y)),

where for denoising, :math:`A = I`, the last bracket is y. :math:`\delta_i` and :math:`\eta_i` are
learned, one pair a stage.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.problems.linear import Operator

WIDTHS = (64, 64, 64, 64, 64)
STAGES = 6


class DPDNN(nn.Module):
    """Six stages of 64 channels and four stride-2 levels, by default, as published.

    The published start of 0.9 for :math:`\\eta` and 0.1 for :math:`\\delta` gives v no weight, and so
    the encoder–decoder no gradient at first; here both start at 0.1.

    Args:
        widths: channels per level, finest first.
        stages: how often the encoder–decoder is applied.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS, stages: int = STAGES) -> None:
        super().__init__()
        self.stages = stages
        self.multiple = 2 ** (len(widths) - 1)
        self.encode = nn.ModuleList()
        self.shrink = nn.ModuleList()
        before = 1
        for width, coarser in zip(widths, (*widths[1:], 0), strict=True):
            self.encode.append(_convolutions(before, width))
            if coarser:
                self.shrink.append(_convolution(width, coarser, stride=2))
            before = coarser
        self.grow = nn.ModuleList()
        self.decode = nn.ModuleList()
        for fine, coarse in zip(widths[-2::-1], widths[:0:-1], strict=True):
            self.grow.append(nn.ConvTranspose2d(coarse, fine, 2, stride=2))
            self.decode.append(_convolutions(2 * fine, fine))
        self.head = nn.Conv2d(widths[0], 1, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        assert self.head.bias is not None
        nn.init.zeros_(self.head.bias)
        self.delta = nn.Parameter(torch.full((stages,), 0.1))
        self.eta = nn.Parameter(torch.full((stages,), 0.1))

    def forward(self, measurement: Tensor, operator: Operator) -> Tensor:
        """Reconstruct ``(b, 1, h, w)`` from a measurement, both in float32."""
        estimate = operator.linear_estimate(measurement)
        for delta, eta in zip(self.delta.float(), self.eta.float(), strict=True):
            prior = estimate + self._correction(estimate)
            consistent = estimate - operator.adjoint(operator.A(estimate) - measurement)
            estimate = (1 - delta - eta) * prior + eta * estimate + delta * consistent
        return estimate

    def _correction(self, estimate: Tensor) -> Tensor:
        """U: computes in its weights' precision, on sides padded to what the levels need."""
        height, width = estimate.shape[-2:]
        padding = (0, -width % self.multiple, 0, -height % self.multiple)
        features = F.pad(estimate, padding, mode="replicate") if any(padding) else estimate
        features = features.to(self.head.weight.dtype)
        skips = []
        for level, block in enumerate(self.encode):
            features = block(features if level == 0 else self.shrink[level - 1](features))
            skips.append(features)
        features = skips.pop()
        for grow, block in zip(self.grow, self.decode, strict=True):
            features = block(torch.cat([skips.pop(), grow(features)], dim=1))
        corrected: Tensor = self.head(features)[..., :height, :width].float()
        return corrected


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.ReLU())


def _convolutions(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(*_convolution(inputs, outputs), *_convolution(outputs, outputs))

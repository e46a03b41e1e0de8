"""The super-resolution U-Net of the thesis (section 4.1), with an optional global skip.

Shapes are ``(batch, channels, height, width)`` throughout; height and width must be
multiples of 16 because the encoder halves the picture four times.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (8, 16, 32, 64, 128)
STRIDE = 2 ** (len(WIDTHS) - 1)
FINEST = ("down.0.", f"up.{len(WIDTHS) - 2}.", f"merge.{len(WIDTHS) - 2}.", "head.")
"""Beginnings of the names of the weights that work at full resolution, for ``WIDTHS``."""


class DoubleConv(nn.Sequential):
    """Two times (3x3 convolution without bias, batch norm, leaky ReLU)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(inplace=True),
        )


class UNet(nn.Module):
    r"""U-Net :math:`f` from a standardised measurement to a standardised picture.

    With ``residual=True`` (our default) it computes :math:`f(y) = y + U(y)` and the last
    convolution starts at zero, so that training starts at the measurement itself; with
    ``residual=False`` it is the thesis's literal :math:`f(y) = U(y)`. Both have 486,571
    parameters with the default widths.

    Args:
        channels: colour channels of input and output.
        widths: feature channels per level, finest first, the bottom last.
        residual: add the measurement to the output.
    """

    def __init__(
        self,
        channels: int = 3,
        widths: tuple[int, ...] = WIDTHS,
        residual: bool = True,
    ) -> None:
        super().__init__()
        self.residual = residual
        ins = (channels, *widths[:-1])
        self.down = nn.ModuleList(DoubleConv(i, o) for i, o in zip(ins, widths, strict=True))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList()
        self.merge = nn.ModuleList()
        for fine, coarse in zip(widths[-2::-1], widths[:0:-1], strict=True):
            self.up.append(nn.ConvTranspose2d(coarse, fine, 2, stride=2))
            self.merge.append(DoubleConv(2 * fine, fine))
        self.head = nn.Conv2d(widths[0], channels, 1)
        if residual:
            nn.init.zeros_(self.head.weight)
            assert self.head.bias is not None
            nn.init.zeros_(self.head.bias)

    @property
    def halo(self) -> int:
        """Pixels around an output, a multiple of the stride, beyond which it depends on nothing.

        Two 3x3 convolutions see 2 pixels further; a step to the coarser grid halves a distance, rounded up,
        and a step back doubles it and takes in the other pixel of the pool.

        >>> UNet().halo
        112
        """
        reach = 0
        for _ in self.up:
            reach = -(-(reach + 2) // 2)
        reach += 2
        for _ in self.up:
            reach = 2 * reach + 1 + 2
        stride: int = 2 ** len(self.up)
        return -(-reach // stride) * stride

    def forward(self, measurement: Tensor) -> Tensor:
        """Map ``(b, c, h, w)`` standardised measurements to pictures of the same shape.

        The convolutions compute in their weights' precision; the global skip keeps the
        measurement's, so that a bfloat16 copy does not round the measurement itself.
        """
        skips: list[Tensor] = []
        features = measurement.to(self.head.weight.dtype)
        for level, block in enumerate(self.down):
            features = block(features if level == 0 else self.pool(features))
            skips.append(features)
        features = skips.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            features = merge(torch.cat([skips.pop(), up(features)], dim=1))
        output: Tensor = self.head(features)
        return measurement + output if self.residual else output

"""The same network in fewer passes over memory: conv, batch norm and (leaky) ReLU as one step."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class ConvLeakyReLU(nn.Module):
    """A convolution and the leaky ReLU after it; a ReLU is one of slope 0.

    On the CPU without gradients it is one oneDNN call (the one that torch's own compiler
    uses); otherwise, or where that call is missing, the two usual ones.
    """

    def __init__(self, convolution: nn.Conv2d, activation: nn.LeakyReLU | nn.ReLU) -> None:
        super().__init__()
        self.convolution = convolution
        self.slope = activation.negative_slope if isinstance(activation, nn.LeakyReLU) else 0.0
        self.one_call = (
            hasattr(torch.ops.mkldnn, "_convolution_pointwise")
            and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
            and convolution.padding_mode == "zeros"
            and not isinstance(convolution.padding, str)
        )

    def forward(self, features: Tensor) -> Tensor:
        """Map ``(b, c, h, w)`` features as the two layers would."""
        c = self.convolution
        if self.one_call and not torch.is_grad_enabled() and features.device.type == "cpu":
            output: Tensor = torch.ops.mkldnn._convolution_pointwise(
                features,
                c.weight,
                c.bias,
                c.padding,
                c.stride,
                c.dilation,
                c.groups,
                "leaky_relu",
                [self.slope],
                None,
            )
            return output
        return F.leaky_relu(c(features), self.slope, inplace=True)


def fused(network: nn.Module) -> nn.Module:
    """A copy in eval mode whose ``Sequential`` blocks have every conv – batch norm – (leaky)
    ReLU joined to one layer.

    The function it computes is the same up to rounding.
    """
    copied = copy.deepcopy(network).eval()
    for block in copied.modules():
        if isinstance(block, nn.Sequential):
            _fuse_block(block)
    return copied


def _fuse_block(block: nn.Sequential) -> None:
    for index in range(len(block) - 1):
        first, second = block[index], block[index + 1]
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            block[index] = nn.Identity()
            block[index + 1] = fuse_conv_bn_eval(first, second)
        elif isinstance(first, nn.Conv2d) and isinstance(second, nn.LeakyReLU | nn.ReLU):
            block[index] = nn.Identity()
            block[index + 1] = ConvLeakyReLU(first, second)

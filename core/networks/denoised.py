"""A network behind a denoiser, to be smoothed without having seen noise (``salman2020``)."""

from __future__ import annotations

from typing import Any

from torch import nn


class Denoised(nn.Sequential):
    r"""Denoised smoothing's base estimator :math:`f \circ D` (``salman2020``; ``patsatzi2023``, eq. 2.8).

    Args:
        denoiser: D, which maps noisy points ``(b, c, h, w)`` to points.
        estimator: f, as it was trained, without noise.
    """

    def __init__(self, denoiser: nn.Module, estimator: nn.Module) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.estimator = estimator


def compose(estimator: nn.Module, denoiser: dict[str, Any]) -> Denoised:
    """The estimator behind a U-Net of fresh weights: see :class:`core.networks.unet.UNet` for its shape."""
    from core.networks.unet import UNet

    return Denoised(UNet(**denoiser), estimator)

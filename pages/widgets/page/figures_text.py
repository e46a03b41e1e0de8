"""Figures of a picture in the words of a caption, for the whole picture and for a region of it."""

from __future__ import annotations

from torch import Tensor

from core.pictures import metrics, regions
from core.pictures.metrics import Quality
from core.pictures.regions import Region


def whole(quality: Quality) -> str:
    """PSNR, SSIM and MSE.

    >>> whole(Quality(mse=0.0026, psnr=25.771, ssim=0.8812))
    '25.77 dB · SSIM 0.881 · MSE 0.0026'
    """
    return f"{quality.psnr:.2f} dB · SSIM {quality.ssim:.3f} · MSE {quality.mse:.4f}"


def inside(picture: Tensor, truth: Tensor, region: Region | None) -> str:
    """The same inside a region; empty without one.

    Args:
        picture: ``(1, 3, h, w)`` in [0, 1].
        truth: ``(1, 3, h, w)`` in [0, 1].
        region: a rectangle that reaches into the pictures.
    """
    if region is None:
        return ""
    (found,) = regions.quality(picture, truth, region)
    taps = metrics.SSIM_TAPS
    ssim = f"SSIM needs {taps}×{taps} px" if found.ssim is None else f"SSIM {found.ssim:.3f}"
    return f"{found.psnr:.2f} dB · {ssim} · MSE {found.mse:.4f}"


def grey_levels(values: Tensor, words: str) -> str:
    """The mean of values in [0, 1] units as grey levels.

    >>> import torch
    >>> grey_levels(torch.full((1, 3, 2, 2), 0.01), "mean error")
    '2.55 grey levels · mean error'
    """
    return f"{255.0 * values.mean().item():.2f} grey levels · {words}"


def rms_grey_levels(values: Tensor, words: str) -> str:
    """The root mean square of values in [0, 1] units as grey levels."""
    return grey_levels(values.square().mean().sqrt(), words)

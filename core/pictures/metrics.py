"""MSE, PSNR and SSIM per image, on pictures in [0, 1] (data range 1).

PSNR of a set is the mean of the images' PSNRs, never the PSNR of the mean MSE.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec

import torch
from torch import Tensor

from core.base.errors import UserError

PSNR_CEILING = 100.0
"""dB reported for two equal pictures, whose PSNR is infinite."""

SSIM_TAPS = 11

SSIM_PART = 256
"""Places of the window, per side, that are computed at once."""


@dataclass(frozen=True)
class Quality:
    """One image's figures: ``mse`` (picture units squared), ``psnr`` (dB), ``ssim``; and where a problem has
    it ``psnr_luma``, of :func:`luma_psnr`."""

    mse: float
    psnr: float
    ssim: float
    psnr_luma: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Plain dictionary of the figures that there are."""
        return {name: figure for name, figure in asdict(self).items() if figure is not None}


def mse(pictures: Tensor, truth: Tensor) -> Tensor:
    """Mean squared error ``(b,)`` in float64 of ``(b, c, h, w)`` pictures."""
    error: Tensor = pictures.double() - truth.double()
    return error.square().flatten(1).mean(1)


def psnr(pictures: Tensor, truth: Tensor) -> Tensor:
    r"""Peak signal-to-noise ratio :math:`-10 \log_{10} \mathrm{MSE}` in dB, ``(b,)``, at most
    :data:`PSNR_CEILING`."""
    return (-10.0 * torch.log10(mse(pictures, truth))).clamp_max(PSNR_CEILING)


def luma_psnr(pictures: Tensor, truth: Tensor, *, border: int) -> Tensor:
    """PSNR in dB ``(b,)`` on luma (ITU-R BT.601, from 16 to 235 of 255), without a border of so many pixels,
    as tables of super-resolution have it with the factor as border.

    Args:
        pictures, truth: ``(b, 3, h, w)`` in [0, 1].
        border: pixels left out on every side.
    """
    weights = pictures.new_tensor([65.481, 128.553, 24.966]).view(-1, 1, 1) / 255
    inside = slice(border, -border or None)
    return psnr(*((each * weights).sum(1, True)[..., inside, inside] for each in (pictures, truth)))


def ssim(pictures: Tensor, truth: Tensor) -> Tensor:
    r"""Structural similarity ``(b,)`` (``wang2004``, eq. 13), mean over channels and over
    the pixels whose whole window lies inside the picture.

    Gaussian window of 11 taps with sigma 1.5, population covariance, K1 = 0.01, K2 = 0.03,
    data range 1, in float64: scikit-image's ``structural_similarity(gaussian_weights=True,
    sigma=1.5, use_sample_covariance=False)``.

    Raises:
        ValueError: if a side is shorter than the window.
    """
    if min(pictures.shape[-2:]) < SSIM_TAPS:
        raise ValueError(f"SSIM needs pictures of at least {SSIM_TAPS}x{SSIM_TAPS} pixels")
    height, width = (size - SSIM_TAPS + 1 for size in pictures.shape[-2:])
    total = torch.zeros(len(pictures), dtype=torch.float64, device=pictures.device)
    for top in range(0, height, SSIM_PART):
        for left in range(0, width, SSIM_PART):
            rows, columns = (slice(start, start + SSIM_PART + SSIM_TAPS - 1) for start in (top, left))
            total = total + _similarity(pictures[..., rows, columns], truth[..., rows, columns])
    return total / (pictures.shape[1] * height * width)


def _similarity(pictures: Tensor, truth: Tensor) -> Tensor:
    """Sum of the similarity over channels and places of the window, ``(b,)``."""
    x, y = pictures.double(), truth.double()
    rows, columns = (_window_matrix(size).to(x.device) for size in x.shape[-2:])
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = rows @ torch.stack([x, y, x * x, y * y, x * y]) @ columns.T
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    covariance = mean_xy - mean_x * mean_y
    variances = mean_xx - mean_x**2 + mean_yy - mean_y**2
    similarity: Tensor = luminance * (2 * covariance + c2) / (variances + c2)
    return similarity.flatten(1).sum(1)


@lru_cache(maxsize=16)
def _window_matrix(size: int) -> Tensor:
    """Gaussian window sliding along one axis: ``(size - 10, size)``, rows sum to 1."""
    offsets = torch.arange(SSIM_TAPS, dtype=torch.float64) - SSIM_TAPS // 2
    window = torch.exp(-0.5 * (offsets / 1.5) ** 2)
    steps = size - SSIM_TAPS + 1
    matrix = torch.zeros(steps, size, dtype=torch.float64)
    for row in range(steps):
        matrix[row, row : row + SSIM_TAPS] = window / window.sum()
    return matrix


FLIP_INSTALL = "pip install -r requirements-optional.txt"


def has_flip() -> bool:
    """Whether the optional package of :func:`flip` is installed."""
    return find_spec("flip_evaluator") is not None


def flip(picture: Tensor, truth: Tensor) -> Tensor:
    """The difference that a person perceives when the pictures alternate, from 0 to 1 (``andersson2020``).

    As seen from 0.7 m on a monitor 0.7 m wide with 3840 pixels (67 pixels a degree), by the authors' package.

    Args:
        picture, truth: ``(1, c, h, w)`` in [0, 1], c is 1 or 3.

    Returns:
        ``(1, 1, h, w)``; FLIP of the pictures is its mean.

    Raises:
        UserError: without the package.
    """
    if not has_flip():
        raise UserError(f"FLIP needs its package: {FLIP_INSTALL}.")
    import flip_evaluator

    seen = [each.expand(-1, 3, -1, -1)[0].permute(1, 2, 0).contiguous().numpy() for each in (truth, picture)]
    found, _, _ = flip_evaluator.evaluate(*seen, "LDR", applyMagma=False, computeMeanError=False)
    return torch.from_numpy(found).permute(2, 0, 1).unsqueeze(0)


def quality(pictures: Tensor, truth: Tensor, whose: str = "A network") -> list[Quality]:
    """All figures of ``(b, c, h, w)`` pictures against the truth, one entry per image.

    Args:
        pictures, truth: in [0, 1].
        whose: the estimator's name, for messages.

    Raises:
        UserError: if a picture holds values that are not numbers.
    """
    rows = torch.stack([mse(pictures, truth), psnr(pictures, truth), ssim(pictures, truth)], 1)
    found = [Quality(*row) for row in rows.tolist()]
    if any(math.isnan(each.mse) for each in found):
        raise UserError(
            f"{whose} answers with values that are not numbers, so nothing can be measured of it here: "
            "leave it out, or choose another photo or noise."
        )
    return found

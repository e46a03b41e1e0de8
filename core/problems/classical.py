"""Reconstructions without learning, to hold networks against: maps of a measurement and its operator.

Nothing here is attacked. Total variation: ``beck2009`` with the proximal map of ``chambolle2004``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.pictures.units import GREY

if TYPE_CHECKING:
    from torch import Tensor

    from core.problems.linear import Operator

NLM_STRENGTH, TV_STRENGTH = 0.65, 0.6
"""Filter strengths over the noise's standard deviation: the best of a search on training photos."""

TV_WEIGHTS = (0.02, 0.01, 0.005, 0.002, 0.001)
TV_ROUNDS = 40
"""Weights of total variation, falling; rounds of proximal gradient with each."""


def linear(measurement: Tensor, operator: Operator) -> Tensor:
    """The operator's linear estimate ``(1, 1, h, w)``."""
    return operator.linear_estimate(measurement)


def pseudo_inverse(measurement: Tensor, operator: Operator) -> Tensor:
    """:math:`A^T y`: with orthonormal rows the adjoint is the pseudo-inverse."""
    return operator.adjoint(measurement)


def non_local_means(measurement: Tensor, operator: Operator, *, sigma_b: float) -> Tensor:
    """scikit-image's, told the true noise (grey levels); of denoising."""
    from skimage.restoration import denoise_nl_means

    if sigma_b == 0:
        return measurement
    sigma = sigma_b / GREY
    found = denoise_nl_means(
        _plane(measurement),
        patch_size=5,
        patch_distance=9,
        h=NLM_STRENGTH * sigma,
        sigma=sigma,
        fast_mode=True,
    )
    return _back(found, measurement)


def variation_denoised(measurement: Tensor, operator: Operator, *, sigma_b: float) -> Tensor:
    """The proximal map of total variation, told the true noise (grey levels); of denoising."""
    if sigma_b == 0:
        return measurement
    return _back(_variation(_plane(measurement), TV_STRENGTH * sigma_b / GREY, 200), measurement)


def total_variation(measurement: Tensor, operator: Operator) -> Tensor:
    r"""Accelerated proximal gradient on :math:`\tfrac12 \|A x - y\|^2 + \lambda\,TV(x)`, lambda falling.

    It starts from the linear estimate; :math:`\|A\| \le 1` is needed.
    """
    estimate = operator.linear_estimate(measurement)
    for weight in TV_WEIGHTS:
        ahead, momentum = estimate, 1.0
        for _ in range(TV_ROUNDS):
            point = ahead - operator.adjoint(operator.A(ahead) - measurement)
            found = _back(_variation(_plane(point), weight, 20), estimate)
            following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
            ahead = found + (momentum - 1) / following * (found - estimate)
            estimate, momentum = found, following
    return estimate


def _variation(plane: np.ndarray, weight: float, rounds: int) -> np.ndarray:
    """The proximal map of total variation."""
    from skimage.restoration import denoise_tv_chambolle

    found: np.ndarray = denoise_tv_chambolle(  # type: ignore[no-untyped-call]
        plane, weight=weight, max_num_iter=rounds, eps=1e-4
    )
    return found


def _plane(signal: Tensor) -> np.ndarray:
    plane: np.ndarray = signal[0, 0].double().cpu().numpy()
    return plane


def _back(plane: np.ndarray, like: Tensor) -> Tensor:
    import torch

    return torch.from_numpy(np.asarray(plane)).to(like).view_as(like)

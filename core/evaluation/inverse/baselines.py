"""Reconstructions without learning, to hold the networks against. Nothing here is attacked.

Denoising: the measurement itself, and scikit-image's total variation and non-local means, told the
true noise. Compressed sensing: the pseudo-inverse, the linear estimate that the network starts
from, and total variation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.pictures.units import GREY
from core.problems.operators import Operator
from core.problems.reconstruction import Setting
from core.zoo.names import DenoisingIdentity

NLM_STRENGTH, TV_STRENGTH = 0.65, 0.6
"""Filter strengths over the noise's standard deviation: the best of a search on training photos."""

TV_WEIGHTS = (0.02, 0.01, 0.005, 0.002, 0.001)
TV_ROUNDS = 40
"""Weights of total variation, falling; rounds of proximal gradient with each."""

Baseline = Callable[[Tensor, Setting], Tensor]
"""Maps a signal ``(1, 1, h, w)``, :math:`z_0` of the setting, to a reconstruction."""


def baselines(problem: str) -> dict[str, Baseline]:
    """The baselines of a problem by name."""
    if problem == DenoisingIdentity.problem:
        return {"measurement": _measurement, "tv": _variation_denoised, "nlm": _non_local_means}
    return {"pseudo-inverse": _pseudo_inverse, "linear": _linear, "tv": _total_variation}


def _measurement(signal: Tensor, setting: Setting) -> Tensor:
    return signal


def _non_local_means(signal: Tensor, setting: Setting) -> Tensor:
    from skimage.restoration import denoise_nl_means

    if setting.sigma_b == 0:
        return signal
    sigma = setting.sigma_b / GREY
    found = denoise_nl_means(
        _plane(signal), patch_size=5, patch_distance=9, h=NLM_STRENGTH * sigma, sigma=sigma, fast_mode=True
    )
    return _back(found, signal)


def _variation_denoised(signal: Tensor, setting: Setting) -> Tensor:
    if setting.sigma_b == 0:
        return signal
    weight = TV_STRENGTH * setting.sigma_b / GREY
    return _back(_tv(_plane(signal), weight, 200), signal)


def _pseudo_inverse(signal: Tensor, setting: Setting) -> Tensor:
    """``Phi^T y``: with orthonormal rows the adjoint is the pseudo-inverse."""
    operator = setting.operator
    return operator.adjoint(operator.A(signal))


def _linear(signal: Tensor, setting: Setting) -> Tensor:
    operator = setting.operator
    return operator.linear_estimate(operator.A(signal))


def _total_variation(signal: Tensor, setting: Setting) -> Tensor:
    r"""Accelerated proximal gradient on :math:`\tfrac12 \|A x - y\|^2 + \lambda\,TV(x)`, lambda falling.

    (Beck and Teboulle 2009; the proximal map is scikit-image's, Chambolle 2004.) It starts from
    the linear estimate.
    """
    operator = setting.operator
    measurement = operator.A(signal)
    estimate = operator.linear_estimate(measurement)
    for weight in TV_WEIGHTS:
        ahead, momentum = estimate, 1.0
        for _ in range(TV_ROUNDS):
            point = ahead - _residual(operator, ahead, measurement)
            found = _back(_tv(_plane(point), weight, 20), signal)
            following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
            ahead = found + (momentum - 1) / following * (found - estimate)
            estimate, momentum = found, following
    return estimate


def _residual(operator: Operator, signal: Tensor, measurement: Tensor) -> Tensor:
    return operator.adjoint(operator.A(signal) - measurement)


def _tv(plane: np.ndarray, weight: float, rounds: int) -> np.ndarray:
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
    return torch.from_numpy(np.asarray(plane)).to(like).view_as(like)

r"""E. How far the smoothed estimate can move: a **diagnostic**, not a certificate.

.. math:: \|g(y+\xi) - g(y)\| \le \sqrt{\lambda_{\max}(\mathrm{Cov} f(y+\delta))}\,
          \sqrt{e^{t^2} - 1}

Derivation: with w the likelihood ratio of the shifted to the unshifted noise and u a unit
vector, :math:`u^T(g(y+\xi) - g(y)) = E[(w - 1)\,u^T(f - g)]`, to which Cauchy and Schwarz apply;
:math:`E(w-1)^2 = e^{t^2} - 1` is the χ² divergence of two Gaussians. The inequality holds, but
:math:`\lambda_{\max}` is only *estimated* here, without a confidence limit.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.certificates.confidence import NONE, Floats


def largest_eigenvalue(outputs: Tensor) -> float:
    """Largest eigenvalue of the sample covariance of ``(r, c, h, w)`` outputs, r of at least 2.

    From the r×r Gram matrix, which has the same non-zero eigenvalues. With r far below the
    dimension it lies above the true one on average.
    """
    rows = outputs.flatten(1).cpu().double()
    rows = rows - rows.mean(0)
    return float(torch.linalg.eigvalsh(rows @ rows.T)[-1]) / (len(rows) - 1)


def displacement_diagnostic(eigenvalue: float, ratios: ArrayLike, *, dimension: int, samples: int) -> Floats:
    r"""Estimated largest RMS displacement of the smoothed estimate, ``(g,)``, in f's units.

    ``inf`` where it says nothing: above 1, the range of a picture, or where
    :math:`e^{t^2} - 1` exceeds the number of samples the eigenvalue is from: the shifted noise
    then lives where none of them fell.

    Args:
        eigenvalue: see :func:`largest_eigenvalue`.
        ratios: t = ε/σ, ``(g,)``, same units.
        dimension: n, number of values of a picture.
        samples: that the eigenvalue was estimated from.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        divergence = np.expm1(np.asarray(ratios, dtype=np.float64) ** 2)
        bounds = np.sqrt(eigenvalue * divergence / dimension)
    result: Floats = np.where((divergence <= samples) & (bounds <= 1.0), bounds, NONE)
    return result


def reach(samples: int) -> float:
    """Largest ratio t at which :func:`displacement_diagnostic` says something."""
    return math.sqrt(math.log1p(samples))

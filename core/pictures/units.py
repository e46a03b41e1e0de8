r"""Standardised units, grey levels and the attack radius.

Pictures are RGB in [0, 1]. Networks, attacks and smoothing noise live in *standardised*
measurement space, :math:`z = (v - \mu) / s` per colour channel, with the statistics of the
thesis's training photos (section 4.1). A level such as :math:`\varepsilon_{rel}`,
:math:`\sigma_f` or :math:`\sigma_g` is a standard deviation (RMS) per standardised value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

GREY = 255.0
"""Grey levels between black (0) and white (1)."""

PHOTO_MEAN = (0.4882, 0.4431, 0.3946)
PHOTO_STD = (0.2777, 0.2665, 0.2739)


def _per_channel(values: tuple[float, ...], like: Tensor) -> Tensor:
    return like.new_tensor(values).view(-1, 1, 1)


def standardise(pictures: Tensor) -> Tensor:
    """``(b, 3, h, w)`` in [0, 1] to standardised units."""
    return (pictures - _per_channel(PHOTO_MEAN, pictures)) / _per_channel(PHOTO_STD, pictures)


def destandardise(values: Tensor) -> Tensor:
    """``(b, 3, h, w)`` standardised to [0, 1] picture units, *not* clamped."""
    return values * _per_channel(PHOTO_STD, values) + _per_channel(PHOTO_MEAN, values)


def to_picture(values: Tensor) -> Tensor:
    """``(b, 3, h, w)`` standardised network output to a picture: de-standardise and clamp."""
    return destandardise(values.float()).clamp(0.0, 1.0)


def radius(eps_rel: float, dimension: int) -> float:
    r"""L2 radius :math:`\varepsilon = \sqrt{d}\,\varepsilon_{rel}` (thesis, section 4.3).

    >>> round(radius(0.02, 160 * 160 * 3), 4)
    5.5426
    """
    return math.sqrt(dimension) * eps_rel


def grey_levels(level: float) -> float:
    """RMS change on the 0-255 scale of a standardised level (eps_rel, sigma_f or sigma_g).

    A perturbation with the same energy in each channel of RMS ``level`` moves pixels by
    ``255 * level * rms(PHOTO_STD)`` grey levels RMS.

    >>> round(grey_levels(0.02), 2)
    1.39
    """
    return GREY * level * math.sqrt(sum(s * s for s in PHOTO_STD) / len(PHOTO_STD))

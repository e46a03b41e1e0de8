r"""The spaces that attacks and noise live in, grey levels, and the radius of an attack.

Pictures are in [0, 1]. A problem's attacks and smoothing noise live in a :class:`Space`,
:math:`z = (v - \mu) / s` per colour channel. A level such as :math:`\varepsilon_{rel}`,
:math:`\sigma_f` or :math:`\sigma_g` is a standard deviation (RMS) per value of that space, in its unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

GREY = 255.0
"""Grey levels between black (0) and white (1)."""

PHOTO_MEAN = (0.4882, 0.4431, 0.3946)
PHOTO_STD = (0.2777, 0.2665, 0.2739)


@dataclass(frozen=True)
class Space:
    """Units of attack and noise; the only place that converts.

    Attributes:
        unit: of levels, in words.
        values: what its values are, in words.
        shift, scale: per channel: pictures less ``shift`` over ``scale`` are values of the space.
        per_one: levels that make an RMS of one in the space's values: 255 where they are grey levels.
    """

    unit: str
    values: str
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    per_one: float = 1.0

    def encode(self, pictures: Tensor) -> Tensor:
        """``(b, c, h, w)`` in [0, 1] to values of the space."""
        return (pictures - _per_channel(self.shift, pictures)) / _per_channel(self.scale, pictures)

    def decode(self, values: Tensor) -> Tensor:
        """``(b, c, h, w)`` values to [0, 1] picture units, *not* clamped."""
        return values * _per_channel(self.scale, values) + _per_channel(self.shift, values)

    def picture(self, values: Tensor) -> Tensor:
        """``(b, c, h, w)`` values, such as a network's output, to pictures: decode and clamp."""
        return self.decode(values.float()).clamp(0.0, 1.0)

    def spread(self, values: Tensor) -> Tensor:
        """Standard deviations ``(b, c, h, w)`` of values in picture units."""
        return values * _per_channel(self.scale, values)

    def noise(self, level: float) -> float:
        """Standard deviation, in the space's values, of noise of this level."""
        return level / self.per_one

    def radius(self, level: float, dimension: int) -> float:
        r"""L2 radius :math:`\varepsilon = \sqrt{d}\,\varepsilon_{rel}` of a level.

        (``patsatzi2023``, section 4.3).

        >>> round(STANDARDISED.radius(0.02, 160 * 160 * 3), 4)
        5.5426
        """
        return math.sqrt(dimension) * level / self.per_one

    def grey_levels(self, level: float) -> float:
        """RMS change on the 0-255 scale of a level.

        A perturbation with the same energy in each channel of RMS ``level`` moves pixels by
        ``255 * level * rms(scale)`` grey levels RMS.

        >>> round(STANDARDISED.grey_levels(0.02), 2)
        1.39
        """
        return GREY * level / self.per_one * math.sqrt(sum(s * s for s in self.scale) / len(self.scale))


STANDARDISED = Space("standardised", "standardised", PHOTO_MEAN, PHOTO_STD)
"""With the statistics of the thesis's training photos (``patsatzi2023``, section 4.1)."""

GREY_LEVELS = Space("grey levels", "signal in [0, 1]", (0.0,), (1.0,), GREY)
"""Pictures themselves; levels on the 0-255 scale."""

PIXEL_VALUES = Space("pixel values", "pixel values from 0 to 1", (0.0,), (1.0,))
"""Pictures themselves, black 0 to white 1; levels likewise."""


def _per_channel(values: tuple[float, ...], like: Tensor) -> Tensor:
    return like.new_tensor(values).view(-1, 1, 1)


standardise, destandardise, to_picture = STANDARDISED.encode, STANDARDISED.decode, STANDARDISED.picture
radius, grey_levels = STANDARDISED.radius, STANDARDISED.grey_levels

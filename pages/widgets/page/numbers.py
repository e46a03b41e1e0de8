"""Numbers and foreign words as a person reads them."""

from __future__ import annotations

import re

from core.base.options import APPROXIMATELY
from core.pictures import units


def signed(value: float, digits: int) -> str:
    """With its sign, a true minus included.

    >>> signed(-1.234, 2)
    '−1.23'
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def both_units(level: float) -> str:
    """A standardised level with its meaning in grey levels beside it.

    >>> both_units(0.02)
    '0.02 ≈ 1.4 grey levels'
    """
    return f"{level:g}{APPROXIMATELY}{units.grey_levels(level):.1f} grey levels"


def plain(text: str) -> str:
    """Words from a link or a file name, shown as they are: no links, pictures or formulas in them.

    >>> plain("![x](http://example.org)")
    '!\\\\[x\\\\](http://example.org)'
    """
    return re.sub(r"([\\\[\]<`$*])", r"\\\1", text)

"""Numbers as a person reads them."""

from __future__ import annotations


def signed(value: float, digits: int) -> str:
    """With its sign, a true minus included.

    >>> signed(-1.234, 2)
    '−1.23'
    """
    return f"{value:+.{digits}f}".replace("-", "−")

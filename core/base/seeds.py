"""Independent random streams from one seed.

Every random draw of a run has its own seed, a hash of (seed, what it is for, its number), so
that a result depends neither on the order of the draws nor on how many are drawn together.
"""

from __future__ import annotations

from hashlib import blake2b


def derive(seed: int, stream: str, index: int = 0) -> int:
    """A 63-bit seed for draw number ``index`` of ``stream``.

    >>> derive(0, "smoothing", 3) == derive(0, "smoothing", 3)
    True
    >>> derive(0, "smoothing", 3) == derive(0, "smoothing", 4)
    False
    """
    text = f"{seed}/{stream}/{index}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1


def derive_many(seed: int, stream: str, count: int) -> list[int]:
    """The seeds of draws 0 to ``count - 1`` of ``stream``."""
    return [derive(seed, stream, index) for index in range(count)]

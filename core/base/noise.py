"""Gaussian noise with a seed for each draw."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.base.workers import spread

ROWS = 5
"""Draws that one worker makes at a time."""


def gaussian(like: Tensor, seeds: Sequence[int]) -> Tensor:
    """Standard normal noise, float32 ``(len(seeds), c, h, w)``, one seed per image.

    The values depend on the seed and the kind of device alone, never on how many images are
    drawn together.
    """
    noise = torch.empty((len(seeds), *like.shape[1:]), device=like.device)

    def fill(numbers: range) -> None:
        for number in numbers:
            noise[number].normal_(generator=torch.Generator(like.device).manual_seed(seeds[number]))

    spread(fill, [range(first, min(first + ROWS, len(seeds))) for first in range(0, len(seeds), ROWS)])
    return noise

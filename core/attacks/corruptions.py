"""What happens to pictures without an attacker, at the norm of an attack (kinds of ``hendrycks2019``).

Each corruption is as severe as it must be for the perturbation to have norm ε over what may change; one that
is too strong even at its mildest is shrunk, and one that cannot be strong enough stays as strong as it gets.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.attacks.attack import Attack
from core.attacks.terms import Terms

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.objectives import Objective
    from core.attacks.walk import Iterate

Corruption: TypeAlias = Callable[[np.ndarray, float, int], np.ndarray]
"""A picture ``(c, h, w)`` with values in [0, 1], its severity from 0 to 1 and a seed to what it becomes."""

HALVINGS = 12
"""Of the interval that holds the severity."""

LARGEST_BLUR = 0.5
"""Standard deviation of the strongest blur over the picture's shorter side."""


def jpeg(picture: np.ndarray, severity: float, seed: int) -> np.ndarray:
    """Written as JPEG of quality 100 to 1 and read again; other than three channels one by one."""
    from PIL import Image

    levels = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    parts = [levels.transpose(1, 2, 0)] if len(levels) == 3 else [*levels]
    found = []
    for part in parts:
        file = io.BytesIO()
        Image.fromarray(part).save(file, "JPEG", quality=round(100 - 99 * severity))
        found.append(np.atleast_3d(np.asarray(Image.open(file))).transpose(2, 0, 1))
    return np.concatenate(found) / 255


def blur(picture: np.ndarray, severity: float, seed: int) -> np.ndarray:
    """Convolved with a Gaussian, mirrored at the edges."""
    from scipy.ndimage import gaussian_filter

    wide = severity * LARGEST_BLUR * min(picture.shape[1:])
    found: np.ndarray = gaussian_filter(picture, (0, wide, wide), mode="reflect")
    return found


def salt_and_pepper(picture: np.ndarray, severity: float, seed: int) -> np.ndarray:
    """Some pixels white or black in all channels."""
    place, colour = np.random.default_rng(seed).random((2, *picture.shape[1:]))
    return np.where(place < severity, np.rint(colour), picture)


def corrupted(corruption: Corruption, objective: Objective, point: Tensor, terms: Terms) -> Iterator[Iterate]:
    """The corrupted pictures as the only iterate; its loss is not asked for: nan."""
    import torch

    from core.attacks.ball import Region
    from core.attacks.walk import Iterate

    region = Region(point, terms)
    low, high = terms.ends or (point.amin((2, 3), keepdim=True), point.amax((2, 3), keepdim=True))
    width = (high - low).clamp_min(torch.finfo(point.dtype).tiny).expand_as(point)
    pictures = ((point - low) / width).double().cpu().numpy()

    def change(severity: float, image: int) -> tuple[Tensor, float]:
        made = corruption(pictures[image], severity, terms.seeds[image])
        e = region.within(torch.from_numpy(made - pictures[image]).to(point)[None] * width[image])
        return e, float(torch.linalg.vector_norm(e))

    def of_norm(image: int) -> Tensor:
        mild, severe = 0.0, 1.0
        e, norm = change(severe, image)
        for _ in range(HALVINGS if norm > terms.radius else 0):
            middle = (mild + severe) / 2
            found, reached = change(middle, image)
            if reached >= terms.radius:
                severe, e, norm = middle, found, reached
            else:
                mild = middle
        return e * min(1.0, terms.radius / max(norm, 1e-30))

    found = region.feasible(torch.cat([of_norm(image) for image in range(len(point))]))
    yield Iterate(0, found, point.new_full((len(point),), math.nan), found)


def _entry(key: str, title: str, meaning: str, corruption: Corruption) -> Attack:
    return Attack(
        key,
        title,
        meaning,
        frozenset({"l2"}),
        partial(corrupted, corruption),
        says=lambda steps, keep, norm: f"{title} of norm ε, the same for all",
        steps=0,
        cost=lambda steps: (0, 0),
        blind=True,
        stream="noise",
    )


JPEG = _entry("jpeg", "JPEG", "JPEG compression that changes the picture by ε", jpeg)
BLUR = _entry("blur", "Blur", "Gaussian blur that changes the picture by ε", blur)
SALT_AND_PEPPER = _entry(
    "salt", "Salt and pepper", "black and white pixels that change the picture by ε", salt_and_pepper
)

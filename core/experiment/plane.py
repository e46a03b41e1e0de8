"""A plane through a digit and the ends of two attacks, with the answers of two classifiers on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.base.noise import gaussian
from core.base.seeds import derive
from core.certificates.classification import Classifier, count_votes, decided

GRID, COARSE, VOTES = 61, 21, 32
"""Points along a side: for a network, and for the smoothed classifier; votes at each of its points."""

DECIDED = 0.05
"""Below this two-sided p-value the votes at a point decide between their first and second class."""

CHUNK = 250


@dataclass(frozen=True)
class Plane:
    r"""Answers on a plane through the digit: ``x + a u + b v`` for orthonormal u and v.

    Attributes:
        reach: the plane is drawn for a and b from ``-reach`` to ``reach``.
        standard, smoothed: ``(rows b, columns a)`` answers of the two classifiers; the smoothed one's
            are from a few votes each, and ``ABSTAIN`` where these do not decide.
        ends: ``(a, b)`` of the attacks on the standard network and on the smoothed classifier.
    """

    reach: float
    standard: np.ndarray
    smoothed: np.ndarray
    ends: tuple[tuple[float, float], tuple[float, float]]


def plane_through(
    picture: Tensor,
    first: Tensor,
    second: Tensor,
    *,
    standard: Classifier,
    base: Classifier,
    sigma: float,
    reach: float,
    seed: int,
) -> Plane:
    """The plane through a digit and its two attacked forms.

    Args:
        picture: ``(1, 1, 28, 28)``, the digit in the middle.
        first: perturbation of the attack on the standard network; u is its direction.
        second: perturbation of the attack on the smoothed classifier; v is what of it is not along u.
        standard: the standard network.
        base: what the smoothed classifier smooths, with noise ``sigma``.
        reach: how far the plane goes from the digit each way.
        seed: of the votes' noise, and of directions where an attack gives none.
    """
    first, second = first.flatten(), second.flatten()
    u = _unit(first, _anywhere(picture, seed, "u"))
    v = _unit(_without(second, u), _without(_anywhere(picture, seed, "v"), u))

    def smoothed(pictures: Tensor) -> Tensor:
        votes = count_votes(base, pictures, sigma=sigma, samples=VOTES, seed=seed, stream="map", chunk=CHUNK)
        return torch.from_numpy(decided(votes, DECIDED))

    return Plane(
        reach=reach,
        standard=_map(lambda pictures: standard(pictures).argmax(1), picture, u, v, reach, GRID),
        smoothed=_map(smoothed, picture, u, v, reach, COARSE),
        ends=((float(first @ u), float(first @ v)), (float(second @ u), float(second @ v))),
    )


@torch.no_grad()
def _map(
    answers: Callable[[Tensor], Tensor], picture: Tensor, u: Tensor, v: Tensor, reach: float, points: int
) -> np.ndarray:
    """Answers ``(points, points)``, rows along v and columns along u."""
    steps = torch.linspace(-reach, reach, points, device=picture.device)
    b, a = torch.meshgrid(steps, steps, indexing="ij")
    pictures = picture + (a.reshape(-1, 1) * u + b.reshape(-1, 1) * v).view(-1, *picture.shape[1:])
    found = torch.cat([answers(part) for part in torch.split(pictures, CHUNK)])
    values: np.ndarray = found.view(points, points).cpu().numpy()
    return values


def _anywhere(picture: Tensor, seed: int, what: str) -> Tensor:
    return gaussian(picture, [derive(seed, "plane " + what)]).flatten()


def _without(vector: Tensor, unit: Tensor) -> Tensor:
    return vector - (vector @ unit) * unit


def _unit(vector: Tensor, instead: Tensor) -> Tensor:
    """The direction of a vector, or of another one if it has next to none."""
    chosen = vector if vector.norm() > 1e-4 else instead
    direction: Tensor = chosen / chosen.norm()
    return direction

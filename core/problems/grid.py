"""What an evaluation computes of a problem unless it is told otherwise: each problem says it in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Point:
    """One place of a published table, which the grid need not have.

    Attributes:
        setting: value of the problem's most telling field.
        eps, sigma: attack strength and smoothing noise.
        samples: the numbers of samples; that of the evaluation if none is named.
        network: the only one; every one if empty.
    """

    setting: float
    eps: float
    sigma: float
    samples: tuple[int, ...] = ()
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Settings, attack strengths and smoothing noises; without any, those of the problem's scenario.

    Attributes:
        settings: values of the problem's most telling field. In the first one every smoothing noise is
            evaluated.
        epses: attack strengths.
        sigmas: smoothing noises; 0 is the base network.
        elsewhere: smoothing noises in the other settings.
        tables: what published tables need beyond that, by their number.
        selected: whether only networks trained with noise are smoothed, each with the one noise of highest
            SSIM on validation photos.
        beside: networks in whose place the estimators without weights are evaluated too, one for each
            measurement that only a network's name decides.
        short_side: photos are shrunk to it; 0 keeps their size.
    """

    settings: tuple[float, ...] = ()
    epses: tuple[float, ...] = ()
    sigmas: tuple[float, ...] = ()
    elsewhere: tuple[float, ...] = ()
    tables: Mapping[str, tuple[Point, ...]] = field(default_factory=dict, hash=False)
    selected: bool = False
    beside: tuple[str, ...] = ()
    short_side: int = 0

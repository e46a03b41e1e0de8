"""One set of noisy outputs that serves every certificate and every radius.

A certificate names the statistics that it reads by how they are made (:data:`Make`); of every such
function one is made and shown all draws, whoever reads it. The memory does not grow with the number
of draws, but for the scalars that some statistics keep of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from core.base.seeds import derive
from core.certificates.center import CANDIDATES, Centered
from core.certificates.confidence import Floats
from core.smoothing.statistics import Discrepancies, First, Moments, PixelCounts, Statistic
from core.smoothing.stream import accumulate

HEAD = 64
"""Outputs that the χ² diagnostic's eigenvalue is estimated from."""

LEAST = 6
"""Fewest samples that :func:`draw` takes."""


@dataclass(frozen=True)
class Design:
    """How the samples are drawn.

    The pilot fixes what must not depend on the draws: B's thresholds and F's candidates. The
    draws come in three independent thirds, which center smoothing needs (choose, check,
    bound); the other certificates use all of them.

    Args:
        sigma: smoothing noise, in the units of the point.
        samples: S, draws that count.
        seed: of all noise; pilot and thirds have streams of their own.
        pilot: further draws.
        chunk: images per forward call.

    Raises:
        ValueError: if a number is too small.
    """

    sigma: float
    samples: int
    seed: int
    pilot: int = 200
    chunk: int = 5

    def __post_init__(self) -> None:
        if self.sigma <= 0 or self.samples < LEAST or self.pilot < CANDIDATES or self.chunk < 1:
            raise ValueError(
                f"certificates need sigma > 0, samples >= {LEAST}, pilot >= {CANDIDATES}, chunk >= 1"
            )

    @property
    def thirds(self) -> tuple[int, int, int]:
        """Samples to choose the center, to check it, and to bound it."""
        n = self.samples // 3
        return n, n, self.samples - 2 * n

    @property
    def forwards(self) -> int:
        """Pictures that :func:`draw` computes."""
        return 1 + self.pilot + self.samples


@dataclass(frozen=True)
class Pilot:
    """What is known before the draws that count; pictures are in [0, 1].

    Attributes:
        design: how they will be drawn.
        truth: ``(1, c, h, w)`` true picture.
        reference: ``(1, c, h, w)`` picture c that discrepancies are taken to.
        still: ``(1, c, h, w)``, f at the point itself, without noise.
        errors: ``(P,)`` errors of the pilot to the truth.
        candidates: ``(CANDIDATES, c, h, w)``, its first draws.
    """

    design: Design
    truth: Tensor
    reference: Tensor
    still: Tensor
    errors: Floats
    candidates: Tensor


Make = Callable[[Pilot], Statistic]
Made = TypeVar("Made", bound=Statistic)


def errors(pilot: Pilot) -> Discrepancies:
    """Mean squared errors to the truth."""
    return Discrepancies(pilot.truth)


def discrepancies(pilot: Pilot) -> Discrepancies:
    """Mean squared errors to the fixed reference c."""
    return Discrepancies(pilot.reference)


def moving(pilot: Pilot) -> Discrepancies:
    """Mean squared errors to f at the point itself (“c moving”)."""
    return Discrepancies(pilot.still)


def moments(_: Pilot) -> Moments:
    """Mean and variance of the pictures."""
    return Moments()


def counts(_: Pilot) -> PixelCounts:
    """Counts of every value of the pictures."""
    return PixelCounts()


def head(pilot: Pilot) -> First:
    """The first pictures."""
    return First(min(HEAD, pilot.design.thirds[0]))


def center(pilot: Pilot) -> Centered:
    """The center of the pictures, and distances to it."""
    return Centered(pilot.candidates, pilot.design.thirds[0])


class Draws:
    """What is known after drawing.

    The smoothed estimate here is the mean of *clamped* pictures, because certificates B and C
    need bounded outputs.

    Attributes:
        pilot: what was known before.
        seconds: that the drawing took, statistics included.
    """

    def __init__(self, pilot: Pilot, makes: Collection[Make]) -> None:
        self.pilot, self.seconds = pilot, 0.0
        self._statistics: dict[Make, Any] = {make: make(pilot) for make in makes}

    @property
    def statistics(self) -> list[Statistic]:
        """All of them."""
        return list(self._statistics.values())

    def of(self, make: Callable[[Pilot], Made]) -> Made:
        """The statistic that this function made."""
        made: Made = self._statistics[make]
        return made

    @property
    def truth(self) -> Floats:
        """``(c, h, w)``, float64."""
        truth: Floats = self.pilot.truth[0].double().cpu().numpy()
        return truth

    @property
    def forwards_per_second(self) -> float:
        """Of the drawing, statistics included."""
        return self.pilot.design.forwards / self.seconds


def draw(
    estimator: Callable[[Tensor], Tensor],
    point: Tensor,
    truth: Tensor,
    reference: Tensor,
    design: Design,
    makes: Collection[Make],
) -> Generator[int, None, Draws]:
    """Draw noisy outputs for one picture, yielding the pictures computed so far after every chunk.

    Args:
        estimator: maps ``(b, ...)`` like the point to pictures ``(b, c, h, w)`` in [0, 1].
        point: ``(1, ...)``: where the noise is added.
        truth: ``(1, c, h, w)`` true picture in [0, 1].
        reference: ``(1, c, h, w)`` picture c that discrepancies are taken to; it must not
            depend on a perturbation.
        design: how many, how noisy, from which seed.
        makes: of the statistics, see :class:`Draws`.

    Raises:
        UserError: if an output is not a number.
    """
    started = time.perf_counter()
    with torch.no_grad():
        still = estimator(point)
    pilot_errors, first = Discrepancies(truth.to(still)), First(CANDIDATES)
    done = 1

    def shown(stream: str, samples: int, statistics: list[Statistic]) -> Generator[int, None, None]:
        nonlocal done
        for count in accumulate(
            estimator, point, statistics,
            sigma=design.sigma, samples=samples, seed=derive(design.seed, stream), chunk=design.chunk,
        ):  # fmt: skip
            yield done + count
        done += samples

    yield from shown("pilot", design.pilot, [pilot_errors, first])
    draws = Draws(
        Pilot(design, truth.to(still), reference.to(still), still, pilot_errors.values[0], first.draws[0]),
        makes,
    )
    for stream, samples in zip(("choose", "check", "bound"), design.thirds, strict=True):
        yield from shown(stream, samples, draws.statistics)
    draws.seconds = time.perf_counter() - started
    return draws

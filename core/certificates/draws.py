"""One set of noisy outputs that serves every certificate and every radius, streamed.

Per sample only scalars are kept (errors, distances); pictures go into sums and counts. The
memory does not grow with the number of samples, but for those scalars.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.base.errors import UserError
from core.base.seeds import derive
from core.certificates.center import CANDIDATES, Center, choose_center
from core.certificates.chi_square import largest_eigenvalue
from core.certificates.confidence import Floats
from core.certificates.pixels import Counts, Moments
from core.pictures import units
from core.smoothing.estimate import noisy_outputs

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
        sigma: smoothing noise, standardised.
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


@dataclass(frozen=True)
class Draws:
    """What is known after drawing; errors are mean squared errors of pictures in [0, 1].

    The smoothed estimate here is the mean of *clamped* pictures, because certificates B and C
    need bounded outputs.

    Attributes:
        pilot_errors: ``(P,)`` errors to the truth.
        errors: ``(S,)`` errors to the truth.
        discrepancies: ``(S,)`` errors to the fixed reference c.
        moving: ``(S,)`` errors to f at the point itself, without noise (“c moving”).
        moments, counts: of all S pictures.
        eigenvalue: see :func:`core.certificates.chi_square.largest_eigenvalue`.
        eigenvalue_samples: how many outputs that is from.
        center: the chosen candidate.
        center_picture: ``(c, h, w)``.
        inside: how many of the second third lie within the center's radius.
        checked: size of the second third.
        distances: RMS distances of the last third to the center.
        forwards, seconds: pictures computed and the time they took, statistics included.
    """

    pilot_errors: Floats
    errors: Floats
    discrepancies: Floats
    moving: Floats
    moments: Moments
    counts: Counts
    eigenvalue: float
    eigenvalue_samples: int
    center: Center
    center_picture: Floats
    inside: int
    checked: int
    distances: Floats
    forwards: int
    seconds: float


@dataclass(frozen=True)
class Drawn:
    """Progress: ``done`` of ``total`` forwards."""

    done: int
    total: int


def draw(
    estimator: Callable[[Tensor], Tensor],
    measurement: Tensor,
    truth: Tensor,
    reference: Tensor,
    design: Design,
) -> Generator[Drawn, None, Draws]:
    """Draw noisy outputs of one photo, yielding after every chunk.

    Args:
        estimator: f, standardised ``(b, 3, h, w)`` to the same.
        measurement: ``(1, 3, h, w)`` standardised: where the noise is added.
        truth: ``(1, 3, h, w)`` true picture in [0, 1].
        reference: ``(1, 3, h, w)`` picture c that discrepancies are taken to; it must not
            depend on a perturbation.
        design: how many, how noisy, from which seed.
    """
    return (yield from _Drawing(estimator, measurement, truth, reference, design).run())


class _Drawing:
    def __init__(
        self,
        estimator: Callable[[Tensor], Tensor],
        measurement: Tensor,
        truth: Tensor,
        reference: Tensor,
        design: Design,
    ) -> None:
        self.estimator, self.measurement, self.design = estimator, measurement, design
        with torch.no_grad():
            still = units.to_picture(estimator(measurement))
        self.references = torch.cat([truth.to(still), reference.to(still), still])
        self.errors: list[Tensor] = []
        self.moments, self.counts = Moments(), Counts()
        self.forwards = 1

    def run(self) -> Generator[Drawn, None, Draws]:
        started = time.perf_counter()
        first, second, third = self.design.thirds
        pilot, candidates = yield from self._pilot()
        apart: list[Tensor] = []
        head: list[Tensor] = []
        for pictures in self._pictures("choose", first):
            yield self._count(pictures)
            apart.append(_distances(candidates, pictures))
            if sum(len(part) for part in head) < HEAD:
                head.append(pictures)
        center = choose_center(torch.cat(apart, 1).numpy())
        middle = candidates[center.candidate].unsqueeze(0)
        fresh = []
        for stream, size in (("check", second), ("bound", third)):
            parts = []
            for pictures in self._pictures(stream, size):
                yield self._count(pictures)
                parts.append(_distances(middle, pictures)[0])
            fresh.append(torch.cat(parts).numpy())
        outputs = torch.cat(head)[:HEAD]
        errors = torch.cat(self.errors, 1).numpy()
        return Draws(
            pilot_errors=pilot,
            errors=errors[0],
            discrepancies=errors[1],
            moving=errors[2],
            moments=self.moments,
            counts=self.counts,
            eigenvalue=largest_eigenvalue(outputs),
            eigenvalue_samples=len(outputs),
            center=center,
            center_picture=middle[0].double().cpu().numpy(),
            inside=int((fresh[0] <= center.radius).sum()),
            checked=second,
            distances=fresh[1],
            forwards=self.forwards,
            seconds=time.perf_counter() - started,
        )

    def _pilot(self) -> Generator[Drawn, None, tuple[Floats, Tensor]]:
        errors: list[Tensor] = []
        candidates: list[Tensor] = []
        for pictures in self._pictures("pilot", self.design.pilot):
            errors.append(_mean_squares(self.references[:1], pictures)[0])
            if sum(len(part) for part in candidates) < CANDIDATES:
                candidates.append(pictures)
            yield self._progress()
        return torch.cat(errors).numpy(), torch.cat(candidates)[:CANDIDATES]

    def _count(self, pictures: Tensor) -> Drawn:
        self.errors.append(_mean_squares(self.references, pictures))
        self.moments.add(pictures)
        self.counts.add(pictures)
        return self._progress()

    def _progress(self) -> Drawn:
        return Drawn(self.forwards, 1 + self.design.pilot + self.design.samples)

    def _pictures(self, stream: str, samples: int) -> Iterator[Tensor]:
        """Clamped pictures ``(m, 3, h, w)`` of f(y + δ), chunk by chunk."""
        d = self.design
        for (outputs,) in noisy_outputs(
            self.estimator, self.measurement,
            sigma=d.sigma, samples=samples, seed=derive(d.seed, stream), chunk=d.chunk,
        ):  # fmt: skip
            pictures = units.to_picture(outputs).contiguous()
            if pictures.sum().isnan():
                raise UserError(
                    "The network answers with values that are not numbers under this noise, so nothing can "
                    "be certified: choose another network or less noise."
                )
            self.forwards += len(pictures)
            yield pictures


def _mean_squares(references: Tensor, pictures: Tensor) -> Tensor:
    """``(r, m)`` mean squared errors of pictures to references, float64 on the CPU."""
    errors = [(pictures - reference).flatten(1).square_().mean(1) for reference in references]
    return torch.stack(errors).cpu().double()


def _distances(centers: Tensor, pictures: Tensor) -> Tensor:
    """``(centers, m)`` RMS distances, float64 on the CPU."""
    # About one center, so that squares of distances, not of pictures, cancel in float32.
    origin = centers[:1]
    apart = torch.cdist((centers - origin).flatten(1), (pictures - origin).flatten(1))
    distances: Tensor = apart.cpu().double() / math.sqrt(pictures[0].numel())
    return distances

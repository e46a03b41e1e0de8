r"""Smoothing at test time (paper, Algorithm 3): S noisy reconstructions and their discrepancies.

.. math:: D_k = \ell(h(z + \delta_k), c), \qquad \delta_k \sim N(0, \sigma^2 I),
          \qquad \ell = \text{mean squared error}

z is what is received, attacked or not, and c = h(z) is computed from it before any noise is drawn.

**The certificate.** c is fixed, so Lemma 2 of Chiang et al. (certificate A,
:mod:`core.certificates.discrepancy`) holds around z: for *every* signal within :math:`\varepsilon`
of z, so also for the one that was sent if the attack's norm is at most :math:`\varepsilon`, one
random draw has a discrepancy to c of at most the bound with probability at least one half.
:math:`\varepsilon` and :math:`\sigma` are in one unit; where their ratio is too large for S
samples there is none.

**As published** the ratio mixes units: L2 norms of pictures in [0, 1] over grey levels. That number
bounds nothing; it is here for comparison with the published tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.certificates.confidence import NONE, Floats
from core.certificates.discrepancy import percentile_bounds
from core.certificates.published import SCALE, as_published_mixed_units_not_a_bound
from core.smoothing.statistics import Discrepancies, Mapped, Mean
from core.smoothing.stream import accumulate, noisy_copies

PUBLISHED_SIDE = 256
"""Side of the pictures in the paper's tests, where an RMS of e grey levels is a norm of 256 e / 255."""


@dataclass(frozen=True)
class Draws:
    """S noisy reconstructions of one picture, of which sums and scalars are kept.

    Attributes:
        mean: ``(1, 1, h, w)``, unclamped: the average of the reconstructions.
        discrepancies: ``(S,)`` float64, of reconstructions clamped to [0, 1]; without noise of one.
        sigma: of the noise, signal units.
    """

    mean: Tensor
    discrepancies: Floats
    sigma: float

    @property
    def samples(self) -> int:
        """S."""
        return len(self.discrepancies)

    @property
    def median(self) -> float:
        """Empirical median: an order statistic, never interpolated."""
        return float(np.sort(self.discrepancies)[(self.samples - 1) // 2])

    def bounds(self, ratios: list[float], alpha: float) -> list[float]:
        """Certified discrepancies at ratios ε/σ (one unit), each at confidence 1 − α; ``inf``: none."""
        if self.sigma == 0:
            return [0.0 if ratio == 0 else NONE for ratio in ratios]
        found: list[float] = percentile_bounds(self.discrepancies, ratios, alpha=alpha).tolist()
        return found

    def as_published(self, eps: float, alpha: float) -> float:
        """**Not a bound.** The number of the published algorithm (mixed units).

        Args:
            eps: RMS of the attack in grey levels; its norm is taken on the published 256x256 pixels.
            alpha: 1 minus the confidence.
        """
        if self.sigma == 0:
            return 0.0 if eps == 0 else NONE
        mixed = eps * PUBLISHED_SIDE / SCALE / (self.sigma * SCALE)
        (found,) = as_published_mixed_units_not_a_bound(self.discrepancies, [mixed * SCALE], alpha=alpha)
        return float(found)

    def place(self, value: float) -> int | None:
        """The number of the draw with this discrepancy; None where there is none."""
        found = np.flatnonzero(self.discrepancies == value)
        return int(found[0]) if len(found) else None


def draw(
    estimator: Callable[[Tensor], Tensor],
    received: Tensor,
    reference: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    chunk: int,
    stops: Collection[int] = (),
) -> Iterator[Draws]:
    """Draw, yielding what is known after every chunk.

    Args:
        estimator: h, ``(b, 1, h, w)`` to the same.
        received: z, ``(1, 1, h, w)``.
        reference: c, ``(1, 1, h, w)``.
        sigma: in signal units; 0 gives h itself, without discrepancy.
        samples: S.
        seed: of the noise; each sample has its own.
        chunk: pictures per forward call.
        stops: numbers of samples after which to yield too.
    """
    mean, discrepancies = Mean(), Discrepancies(reference.clamp(0.0, 1.0))
    clamped = Mapped(lambda outputs: outputs.clamp(0.0, 1.0), discrepancies)
    for _ in accumulate(
        estimator, received, [mean, clamped],
        sigma=sigma, samples=samples, seed=seed, chunk=chunk, stops=stops,
    ):  # fmt: skip
        yield Draws(mean.mean.float(), discrepancies.values[0], sigma)


@torch.no_grad()
def again(
    estimator: Callable[[Tensor], Tensor], received: Tensor, number: int, *, sigma: float, seed: int
) -> Tensor:
    """The reconstruction of draw ``number``, computed once more; ``(1, 1, h, w)``."""
    if sigma == 0:
        return estimator(received)
    return estimator(noisy_copies(received, range(number, number + 1), sigma=sigma, seed=seed)[0])

"""The certificate in its units: coverage and soundness on estimators whose quantiles are known."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.stats import chi2, ncx2, norm
from torch import Tensor

from core.attacks import ball
from core.certificates.confidence import largest_ratio
from core.certificates.reconstructions import Draws
from core.smoothing.statistics import Discrepancies
from core.smoothing.stream import accumulate

SIDE, SIGMA, ALPHA = 4, 10 / 255, 0.05
D = SIDE * SIDE


def draw(
    estimator: Callable[[Tensor], Tensor], received: Tensor, reference: Tensor, *, samples: int, seed: int
) -> Draws:
    apart = Discrepancies(reference)
    deque(
        accumulate(estimator, received, [apart], sigma=SIGMA, samples=samples, seed=seed, chunk=500), maxlen=0
    )
    return Draws(apart.values[0], SIGMA)


def _draws(received: Tensor, seed: int, samples: int = 60) -> Draws:
    """Of h(z) = z: D = σ²/d times a chi-square; values stay inside [0, 1], where clamping is none."""
    last = draw(lambda z: z, received, received, samples=samples, seed=seed)
    return last


MIDDLE = torch.full((1, 1, SIDE, SIDE), 0.5)


def test_discrepancies_of_the_identity_are_chi_square() -> None:
    found = _draws(MIDDLE, 0, 4000)
    exact = SIGMA**2 / D * chi2(D).ppf(0.5)
    assert found.median == pytest.approx(exact, rel=0.05)


def test_the_bound_covers_what_its_confidence_says() -> None:
    """The certified value is at or above the true quantile in at least 1 − α of 300 repetitions."""
    ratio = 1.0
    exact = SIGMA**2 / D * chi2(D).ppf(norm.cdf(ratio))
    repetitions = 300
    below = sum(_draws(MIDDLE, seed).bounds([ratio], ALPHA)[0] < exact for seed in range(repetitions))
    limit = repetitions * ALPHA + 3 * math.sqrt(repetitions * ALPHA * (1 - ALPHA))
    assert below <= limit
    # And it is not just infinity: with ε = σ sixty draws are enough.
    assert _draws(MIDDLE, 0).bounds([ratio], ALPHA)[0] < 2 * exact


@pytest.mark.parametrize("ratio", [0.25, 0.5, 1.0, 1.5])
def test_no_perturbation_inside_the_ball_exceeds_the_bound(ratio: float) -> None:
    """C fixed at the received signal; shifted by ‖ξ‖ = ε the median is that of a noncentral chi-square."""
    (bound,) = _draws(MIDDLE, 1, 400).bounds([ratio], ALPHA)
    shifted = SIGMA**2 / D * ncx2(D, ratio**2).ppf(0.5)
    assert shifted <= bound < math.inf
    # The same by simulation, in the units of the scenario: grey levels and L2 norms.
    xi = ball.on_sphere(MIDDLE, ratio * SIGMA, [3])
    moved = draw(lambda z: z, MIDDLE + xi, MIDDLE, samples=4000, seed=2)
    assert moved.median == pytest.approx(shifted, rel=0.05)


def test_the_worst_estimator_almost_attains_the_bound() -> None:
    """A half-space along ξ is the extreme event of the shift lemma: with it the bound is tight."""
    direction = ball.normalised(torch.ones_like(MIDDLE))

    def ramp(z: Tensor) -> Tensor:
        along = ((z - MIDDLE) * direction).flatten(1).sum(1)
        return MIDDLE + 0.5 * torch.sigmoid(along / SIGMA).view(-1, 1, 1, 1) * torch.ones_like(MIDDLE)

    ratio = 1.0
    here = draw(ramp, MIDDLE, MIDDLE, samples=4000, seed=0)
    (bound,) = here.bounds([ratio], ALPHA)
    there = draw(ramp, MIDDLE + ratio * SIGMA * direction, MIDDLE, samples=4000, seed=1)
    assert 0.93 * bound < there.median <= bound


def test_none_where_the_ratio_is_too_large_for_the_samples() -> None:
    found = _draws(MIDDLE, 0, 50)
    reach = largest_ratio(50, ALPHA)
    assert reach == pytest.approx(norm.ppf(ALPHA ** (1 / 50)))
    below, above = found.bounds([0.999 * reach, 1.001 * reach], ALPHA)
    assert below == found.discrepancies.max()
    assert above == math.inf


def test_the_published_number_is_refuted() -> None:
    """Mixed units at 5 grey levels RMS: a shift inside that ball has a far larger median discrepancy."""
    eps = 5.0
    found = _draws(MIDDLE, 0, 1000)
    claimed = found.as_published(eps, alpha=0.01)
    # An RMS of 5 grey levels is ε/σ = √d · 5 / 10 here.
    shifted = SIGMA**2 / D * ncx2(D, D * (eps / 10) ** 2).ppf(0.5)
    assert np.isfinite(claimed)
    assert shifted > claimed
    assert found.bounds([math.sqrt(D) * eps / 10], ALPHA)[0] > shifted


def test_the_published_order_statistic() -> None:
    """Its rule on its own pictures: ε = 10 there is an RMS of 10 · 255/256 grey levels."""
    values = np.arange(1.0, 1001.0)
    found = Draws(values, 12 / 255).as_published(10 * 255 / 256, alpha=0.01)
    from scipy.stats import binom

    p = norm.cdf(10 / 12)
    expected = next(k for k in range(1001) if binom.cdf(k, 1000, p) > 0.99)
    assert found == expected

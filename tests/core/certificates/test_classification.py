from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.stats import beta, binom, binomtest, norm
from torch import Tensor

from core.base.errors import UserError
from core.certificates.classification import (
    ABSTAIN,
    certificate,
    certify,
    count_votes,
    decided,
    predict,
)

PICTURE = torch.linspace(0, 1, 24).view(1, 1, 4, 6)


def half_space(distance: float) -> object:
    """Class 1 on the side of PICTURE, whose boundary is exactly ``distance`` away."""
    normal = torch.ones(24) / math.sqrt(24)

    def scores(pictures: Tensor) -> Tensor:
        height = (pictures - PICTURE).flatten(1) @ normal + distance
        return torch.stack([-height, height], dim=1)

    return scores


@pytest.mark.parametrize("successes", [0, 1, 57, 500, 990, 999, 1000])
@pytest.mark.parametrize("alpha", [0.001, 0.05])
def test_the_bound_is_scipys_exact_interval(successes: int, alpha: float) -> None:
    # A one-sided bound at alpha is the lower end of the two-sided interval at 2 alpha.
    exact = binomtest(successes, 1000).proportion_ci(1 - 2 * alpha, method="exact").low
    votes = np.array([successes, 1000 - successes])
    assert certificate(0, votes, sigma=1.0, alpha=alpha).p_lower == pytest.approx(exact, abs=1e-12)


def test_certify_agrees_with_scipy_from_its_counts() -> None:
    *_, last = certify(half_space(0.4), PICTURE, sigma=0.5, n0=20, n=700, alpha=0.01, seed=3, chunk=64)
    assert last.votes.sum() == 700
    exact = binomtest(int(last.votes[1]), 700).proportion_ci(0.98, method="exact").low
    assert last.answer == 1
    assert last.p_lower == pytest.approx(exact, abs=1e-12)
    assert last.radius == pytest.approx(0.5 * norm.ppf(exact), abs=1e-9)
    assert 0 < last.radius < 0.4


def test_votes_do_not_depend_on_the_chunk() -> None:
    """Nor on what is computed with them: the third of three pictures gets the votes that it gets alone."""

    def votes(picture: Tensor, chunk: int) -> list[int]:
        found = count_votes(half_space(0.2), picture, sigma=0.5, samples=300, seed=0, stream="s", chunk=chunk)
        return [int(count) for count in found[-1]]

    one = votes(PICTURE, 1)
    assert sum(one) == 300
    assert votes(PICTURE, 100) == one
    assert votes(torch.cat([PICTURE - 1, PICTURE + 1, PICTURE]), 7) == one


def test_certificates_come_with_the_votes() -> None:
    found = list(certify(half_space(0.2), PICTURE, sigma=0.5, n=300, n0=5, chunk=100))
    assert [int(certificate.votes.sum()) for certificate in found] == [100, 200, 300]
    for first, second in itertools.pairwise(found):
        assert (first.votes <= second.votes).all()


def test_selection_and_estimation_votes_are_different_draws() -> None:
    seen: list[Tensor] = []

    def recording(pictures: Tensor) -> Tensor:
        seen.extend(pictures)
        return torch.ones(len(pictures), 2)

    list(certify(recording, PICTURE, sigma=1.0, n0=10, n=30, seed=5))
    assert len(seen) == 40
    assert len({tuple(picture.flatten().tolist()) for picture in seen}) == 40


@pytest.mark.parametrize(("votes", "abstains"), [((50, 50), True), ((64, 36), True), ((66, 34), False)])
def test_it_abstains_when_it_must(votes: tuple[int, int], abstains: bool) -> None:
    # scipy: the exact one-sided 0.1 % bound first exceeds 1/2 at 66 of 100.
    exact = binomtest(votes[0], 100).proportion_ci(0.998, method="exact").low
    assert (exact <= 0.5) == abstains
    found = certificate(0, np.array(votes), sigma=1.0, alpha=0.001)
    assert found.abstained == abstains
    assert (found.answer, found.radius > 0) == ((ABSTAIN, False) if abstains else (0, True))


def test_a_wrong_candidate_abstains() -> None:
    assert certificate(1, np.array([999, 1]), sigma=1.0, alpha=0.001).abstained


def test_predict_answers_or_abstains() -> None:
    assert predict(half_space(1.0), PICTURE, sigma=0.5, n=200) == 1
    assert predict(half_space(-1.0), PICTURE, sigma=0.5, n=200) == 0
    assert predict(half_space(0.0), PICTURE, sigma=0.5, n=200) == ABSTAIN


@pytest.mark.parametrize("alpha", [0.001, 0.05])
@pytest.mark.parametrize("truth", [0.05, 0.4, 1.0])
def test_coverage_on_a_half_space_is_exact(alpha: float, truth: float) -> None:
    """At a half-space whose boundary is r away, p_A is Phi(r / sigma) and r is the true radius.

    The probability that the certified radius exceeds r is a finite sum over all counts.
    """
    n, sigma = 1000, 0.5
    counts = np.arange(n + 1)
    radii = [
        certificate(0, np.array([count, n - count]), sigma=sigma, alpha=alpha).radius for count in counts
    ]
    exceeding = binom.pmf(counts, n, norm.cdf(truth / sigma))[np.array(radii) > truth].sum()
    assert 0.3 * alpha < exceeding <= alpha


@pytest.mark.parametrize("alpha", [0.001, 0.05])
def test_coverage_of_the_whole_procedure_over_1000_runs(alpha: float) -> None:
    """The same with noise, classifier, selection and seeds: no more than alpha of 1,000 runs."""
    exceeding, certified = 0, 0
    classify = half_space(0.3)
    for seed in range(1000):
        *_, last = certify(classify, PICTURE, sigma=0.5, n0=10, n=100, alpha=alpha, seed=seed, chunk=100)
        exceeding += last.answer != ABSTAIN and (last.answer != 1 or last.radius > 0.3)
        certified += not last.abstained
    assert exceeding <= alpha * 1000
    assert certified > 500


@pytest.mark.parametrize("bad", [{"samples": 0}, {"chunk": 0}, {"sigma": -1.0}])
def test_votes_refuse_what_makes_no_sense(bad: dict[str, float]) -> None:
    given = {"sigma": 1.0, "samples": 1, "chunk": 1} | bad
    with pytest.raises(ValueError, match="smoothing needs"):
        count_votes(half_space(0.1), PICTURE, seed=0, stream="s", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_votes_decide_when_scipys_binomial_test_says_so(alpha: float) -> None:
    votes = np.array([[first, 3, 100 - first] for first in range(101)])
    for counts, answer in zip(votes, decided(votes, alpha), strict=True):
        second, first = np.sort(counts)[-2:]
        pvalue = binomtest(int(first), int(first + second), 0.5).pvalue
        assert answer == (ABSTAIN if pvalue > alpha else counts.argmax())


def test_scores_that_are_not_numbers_certify_nothing() -> None:
    """All of them would be one class's votes."""
    picture = torch.zeros(1, 1, 4, 4)
    with pytest.raises(UserError, match="not numbers"):
        list(certify(lambda noisy: torch.full((len(noisy), 10), torch.nan), picture, sigma=1.0, n=20))


def test_both_bounds_and_their_radius_are_those_of_scipy() -> None:
    votes = np.array([13, 7000, 2900, 87])
    found = certificate(1, votes, sigma=0.5, alpha=0.01)
    lower = beta.ppf(0.005, 7000, 3001)
    upper = beta.ppf(0.995, 2901, 7100)
    assert found.both == pytest.approx((lower, upper), rel=1e-9)
    assert found.radius_of_both == pytest.approx(0.25 * (norm.ppf(lower) - norm.ppf(upper)), rel=1e-9)
    # Where several classes share the other votes, two bounds say more; where one has them all, less.
    assert found.radius_of_both > found.radius
    alone = certificate(1, np.array([0, 7000, 3000, 0]), sigma=0.5, alpha=0.01)
    assert alone.radius_of_both < alone.radius
    assert certificate(0, votes, sigma=0.5, alpha=0.01).radius_of_both == 0.0


def test_both_bounds_hold_together() -> None:
    """Of multinomial votes with the likeliest other class tied, the hardest case for a bound of the largest
    count."""
    chances, alpha = np.array([0.4, 0.2, 0.2, 0.2]), 0.1
    drawn = np.random.default_rng(0).multinomial(300, chances, size=2000)
    both = np.array([certificate(0, votes, sigma=1.0, alpha=alpha).both for votes in drawn])
    held = (both[:, 0] <= chances[0]) & (both[:, 1] >= chances[1])
    assert held.mean() >= binom.ppf(1e-4, 2000, 1 - alpha) / 2000

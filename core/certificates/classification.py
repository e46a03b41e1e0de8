r"""Certified classification by randomized smoothing (Cohen, Rosenfeld & Kolter 2019).

The smoothed classifier answers with the class that the base classifier f gives most often
under Gaussian noise,

.. math:: g(x) = \arg\max_c P\bigl(f(x + \delta) = c\bigr), \qquad \delta \sim N(0, \sigma^2 I),

and keeps its answer A for every perturbation of L2 norm below
:math:`R = \sigma\,\Phi^{-1}(p_A)` whenever :math:`p_A = P(f(x+\delta) = A) > 1/2` (theorem 1
there, with :math:`\bar p_B = 1 - p_A`). Neither g nor :math:`p_A` can be computed: all there is
are votes, so every statement below holds with a probability over the noise that was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from core.base import workers
from core.base.errors import UserError
from core.base.noise import gaussian
from core.base.seeds import derive
from core.smoothing.estimate import parts

ABSTAIN: Final = -1
"""The answer that says: these votes do not decide."""

SELECTION: Final = "selection"
ESTIMATION: Final = "estimation"
"""The two streams of independent noise that a certificate needs."""

Classifier = Callable[[Tensor], Tensor]
"""Scores ``(b, classes)`` of pictures ``(b, c, h, w)``, each picture by itself."""


@dataclass(frozen=True)
class Certificate:
    r"""What ``n`` votes show about the smoothed classifier at one picture.

    Attributes:
        answer: the class A, or :data:`ABSTAIN`.
        radius: R in the picture's units; 0 when abstaining.
        candidate: the class that the selection votes named, whether or not it could be certified.
        votes: ``(classes,)`` counts of the estimation votes.
        p_lower: lower confidence bound :math:`\underline{p_A}` of the candidate's probability.
        sigma: standard deviation of the noise.
        alpha: the probability, at most, that the certificate is wrong.
    """

    answer: int
    radius: float
    candidate: int
    votes: np.ndarray
    p_lower: float
    sigma: float
    alpha: float

    @property
    def abstained(self) -> bool:
        """Whether the votes did not decide."""
        return self.answer == ABSTAIN


def lower_bound(successes: int, trials: int, alpha: float) -> float:
    r"""Clopper–Pearson lower bound of a binomial probability p from one count.

    With probability at least :math:`1-\alpha` over the trials the bound is at most p. It is
    the p at which so many successes or more have probability exactly :math:`\alpha`, a
    quantile of a beta distribution.

    >>> round(lower_bound(1000, 1000, 0.001), 6)  # alpha ** (1 / 1000)
    0.993116
    """
    from scipy.special import betaincinv

    if not 0 <= successes <= trials or not 0 < alpha < 1:
        raise ValueError("a bound needs 0 <= successes <= trials and 0 < alpha < 1")
    if successes == 0:
        return 0.0
    return float(betaincinv(successes, trials - successes + 1, alpha))


def certificate(candidate: int, votes: np.ndarray, *, sigma: float, alpha: float) -> Certificate:
    r"""The certificate that votes support, for a candidate chosen without looking at them.

    If the ``votes`` ``(classes,)`` are independent draws of :math:`f(x+\delta)` and the
    candidate does not depend on them, then with probability at least :math:`1-\alpha`: either
    the answer is :data:`ABSTAIN`, or :math:`g(x')` is the answer for every x' with
    :math:`\|x'-x\|_2 <` ``radius``. It holds for a number of votes fixed beforehand: stopping
    when the bound looks good voids it.
    """
    from scipy.special import ndtri

    p_lower = lower_bound(int(votes[candidate]), int(votes.sum()), alpha)
    if p_lower <= 0.5:
        return Certificate(ABSTAIN, 0.0, candidate, votes, p_lower, sigma, alpha)
    return Certificate(candidate, sigma * float(ndtri(p_lower)), candidate, votes, p_lower, sigma, alpha)


@torch.no_grad()
def count_votes(
    classifier: Classifier,
    picture: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    stream: str,
    chunk: int,
) -> Iterator[np.ndarray]:
    r"""Votes of the base classifier under noise, one yield of the running counts a chunk.

    Sample j has a seed of its own from ``(seed, stream, j)``: neither the counts at the end nor
    which samples they come from depend on ``chunk``. Samples of two streams are independent.

    Args:
        classifier: the base classifier f.
        picture: ``(1, c, h, w)``.
        sigma: standard deviation of the noise, in the picture's units.
        samples: votes to count, at least 1.
        seed: of the noise.
        stream: what the votes are for.
        chunk: pictures per call of the classifier.

    Yields:
        ``(classes,)`` int64 counts so far, a new array each time.

    Raises:
        ValueError: if there is not exactly one picture, or ``samples`` or ``chunk`` is below 1.
    """
    if len(picture) != 1 or samples < 1 or chunk < 1:
        raise ValueError("votes need one picture (1, c, h, w), samples >= 1 and chunk >= 1")

    def vote(numbers: range) -> np.ndarray:
        noise = gaussian(picture, [derive(seed, stream, j) for j in numbers])
        return tally(classifier, torch.add(picture, noise, alpha=sigma))

    counts: np.ndarray | None = None
    for answers in workers.stream(vote, parts(samples, chunk)):
        counts = answers if counts is None else counts + answers
        yield counts


@torch.no_grad()
def tally(classifier: Classifier, pictures: Tensor) -> np.ndarray:
    """How many of the pictures ``(b, c, h, w)`` get each answer: ``(classes,)`` int64.

    Raises:
        UserError: if scores are not numbers: they would all count for one class, and certify it.
    """
    scores = classifier(pictures)
    if scores.isnan().any():
        raise UserError(
            "The classifier answers with scores that are not numbers: choose another network or less noise."
        )
    counts: np.ndarray = torch.bincount(scores.argmax(1), minlength=scores.shape[1]).cpu().numpy()
    return counts


def certify(
    classifier: Classifier,
    picture: Tensor,
    *,
    sigma: float,
    n0: int = 100,
    n: int = 10_000,
    alpha: float = 0.001,
    seed: int = 0,
    chunk: int = 250,
) -> Iterator[Certificate]:
    r"""Cohen et al.'s CERTIFY: ``n0`` votes name a candidate, ``n`` *fresh* ones bound it.

    **Guarantee** of the last yield: with probability at least :math:`1-\alpha` over the noise,
    it abstains, or :math:`g(x')` equals its answer for all x' with :math:`\|x' - x\|_2 <`
    ``radius``. The yields before it show how far the votes are; they carry their own bound but
    no joint one, so choose ``n`` beforehand and use the last.

    Args: see :func:`count_votes`; ``n0``, ``n`` and ``alpha`` as in the paper.

    Yields:
        one :class:`Certificate` a chunk of estimation votes.
    """
    *_, selection = count_votes(
        classifier, picture, sigma=sigma, samples=n0, seed=seed, stream=SELECTION, chunk=chunk
    )
    candidate = int(selection.argmax())
    for votes in count_votes(
        classifier, picture, sigma=sigma, samples=n, seed=seed, stream=ESTIMATION, chunk=chunk
    ):
        yield certificate(candidate, votes, sigma=sigma, alpha=alpha)


def predict(
    classifier: Classifier,
    picture: Tensor,
    *,
    sigma: float,
    n: int = 1000,
    alpha: float = 0.001,
    seed: int = 0,
    chunk: int = 250,
) -> int:
    r"""Cohen et al.'s PREDICT: the class of most votes, or :data:`ABSTAIN`.

    **Guarantee**: with probability at least :math:`1-\alpha` over the noise, it abstains or
    returns :math:`g(x)` (two-sided binomial test of the first against the second, their
    proposition 2). It says nothing about other pictures: that is what :func:`certify` is for.
    """
    from scipy.stats import binomtest

    *_, votes = count_votes(
        classifier, picture, sigma=sigma, samples=n, seed=seed, stream="prediction", chunk=chunk
    )
    second, first = np.argsort(votes, kind="stable")[-2:]
    test = binomtest(int(votes[first]), int(votes[first] + votes[second]), 0.5)
    return ABSTAIN if test.pvalue > alpha else int(first)

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
from typing import Any, Final

import numpy as np
from torch import Tensor

from core.base.progress import finish
from core.certificates.confidence import clopper_pearson_lower, clopper_pearson_upper
from core.smoothing.statistics import Votes
from core.smoothing.stream import accumulate

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
    def both(self) -> tuple[float, float]:
        r"""A lower bound of :math:`p_A` and an upper one of :math:`p_B`, the largest probability of any other
        class: Clopper–Pearson, each at :math:`\alpha/2`, so that both hold with probability
        :math:`1-\alpha` (Bonferroni).

        The likeliest other class has at most as many votes as the other class of most votes, so that the
        bound of the latter's count holds for it, whichever class that is.
        """
        others, total = np.delete(self.votes, self.candidate), int(self.votes.sum())
        lower = clopper_pearson_lower(int(self.votes[self.candidate]), total, self.alpha / 2)
        return float(lower), float(clopper_pearson_upper(int(others.max()), total, self.alpha / 2))

    @property
    def radius_of_both(self) -> float:
        r""":math:`\frac{\sigma}{2} (\Phi^{-1}(\underline{p_A}) - \Phi^{-1}(\overline{p_B}))` (``cohen2019``,
        theorem 1; ``patsatzi2023``, eq. 2.4) of these bounds; 0 where they do not part."""
        from scipy.special import ndtri

        lower, upper = self.both
        return max(0.0, self.sigma / 2 * float(ndtri(lower) - ndtri(upper)))

    @property
    def said_of_both(self) -> str:
        """The same in words."""
        lower, upper = self.both
        return f"p_A ≥ {lower:.4f} and p_B ≤ {upper:.4f}, each at α/2: radius {self.radius_of_both:.4f}"

    @property
    def predicted(self) -> int:
        """What :func:`predict` answers with these votes: it asks less of them than a radius does."""
        return int(decided(self.votes, self.alpha))

    @property
    def abstained(self) -> bool:
        """Whether the votes did not decide."""
        return self.answer == ABSTAIN

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            **vars(self),
            "answer": None if self.abstained else self.answer,
            "abstained": self.abstained,
            "votes": self.votes.tolist(),
            "both": [*self.both, self.radius_of_both],
            "predicted": None if self.predicted == ABSTAIN else self.predicted,
        }

    @property
    def said(self) -> str:
        """The same in words."""
        votes = f"{self.votes[self.candidate]:,} of {self.votes.sum():,} votes for {self.candidate}"
        if self.abstained:
            return f"no certificate: {votes}, p ≥ {self.p_lower:.4f} ({self.said_of_both})"
        return (
            f"certified radius {self.radius:.4f} (L2, confidence {1 - self.alpha:g}): {votes}, "
            f"p ≥ {self.p_lower:.4f} ({self.said_of_both})"
        )


def certificate(candidate: int, votes: np.ndarray, *, sigma: float, alpha: float) -> Certificate:
    r"""The certificate that votes support, for a candidate chosen without looking at them.

    If the ``votes`` ``(classes,)`` are independent draws of :math:`f(x+\delta)` and the
    candidate does not depend on them, then with probability at least :math:`1-\alpha`: either
    the answer is :data:`ABSTAIN`, or :math:`g(x')` is the answer for every x' with
    :math:`\|x'-x\|_2 <` ``radius``. It holds for a number of votes fixed beforehand: stopping
    when the bound looks good voids it.
    """
    from scipy.special import ndtri

    p_lower = float(clopper_pearson_lower(int(votes[candidate]), int(votes.sum()), alpha))
    if p_lower <= 0.5:
        return Certificate(ABSTAIN, 0.0, candidate, votes, p_lower, sigma, alpha)
    return Certificate(candidate, sigma * float(ndtri(p_lower)), candidate, votes, p_lower, sigma, alpha)


def count_votes(
    classifier: Classifier,
    picture: Tensor,
    *,
    sigma: float,
    samples: int,
    seed: int,
    stream: str,
    chunk: int,
) -> np.ndarray:
    """Votes ``(b, classes)`` of the base classifier under noise, int64.

    Args:
        classifier: the base classifier f.
        picture: ``(b, c, h, w)``.
        sigma: standard deviation of the noise, in the picture's units.
        samples: votes to count.
        seed, stream, chunk: see :func:`core.smoothing.stream.accumulate`.
    """
    votes = Votes()
    finish(accumulate(
        classifier, picture, [votes],
        sigma=sigma, samples=samples, seed=seed, stream=stream, chunk=chunk,
    ))  # fmt: skip
    return votes.counts


def decided(votes: np.ndarray, alpha: float) -> np.ndarray:
    """The class of most ``votes`` ``(..., classes)``, or :data:`ABSTAIN` where a two-sided binomial test at
    level ``alpha`` does not tell it from the second."""
    from scipy.special import bdtr

    second, first = np.moveaxis(np.sort(votes, -1)[..., -2:], -1, 0)
    undecided = 2 * bdtr(second, first + second, 0.5) > alpha
    answers: np.ndarray = np.where(undecided, ABSTAIN, votes.argmax(-1))
    return answers


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
    (selection,) = count_votes(
        classifier, picture, sigma=sigma, samples=n0, seed=seed, stream=SELECTION, chunk=chunk
    )
    candidate, votes = int(selection.argmax()), Votes()
    for _ in accumulate(
        classifier, picture, [votes], sigma=sigma, samples=n, seed=seed, stream=ESTIMATION, chunk=chunk
    ):
        yield certificate(candidate, votes.counts[0], sigma=sigma, alpha=alpha)


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
    votes = count_votes(
        classifier, picture, sigma=sigma, samples=n, seed=seed, stream="prediction", chunk=chunk
    )
    return int(decided(votes, alpha)[0])

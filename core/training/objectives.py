r"""Objectives of training, each a small piece that serves every problem.

The thesis's three (section 4.2): standard, with noise, on attacks; and a denoiser's (section 2.3). The
paper's five (section 4.1): Ord, Jcb, Adv, Smt-Adv, Smt-Grad, of which Ord is standard training and Adv is
training on attacks. Levels are RMS per value in the units of the points, so that
:math:`\varepsilon = \sqrt d \cdot` ``level``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor, nn

from core.attacks.losses import SQUARED_ERROR
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.base.noise import gaussian
from core.base.seeds import derive, derive_many
from core.networks.denoised import Denoised
from core.pictures.units import radius
from core.problems.problem import Estimator
from core.training.jacobian import spectral_norms
from core.training.observation import Observation
from core.training.recipe import Recipe


class Objective:
    """What training minimises: the error of the estimator at the points that :meth:`inputs` chooses."""

    def inputs(self, network: nn.Module, seen: Observation, seed: int) -> Tensor:
        """The points ``(b, c, h, w)`` that the network sees: those of the observation."""
        return seen.point

    def __call__(self, network: nn.Module, seen: Observation, seed: int, step: int) -> Tensor:
        """The scalar loss, with a graph to the weights; all draws come from ``seed``.

        Args:
            network: which a step of the optimiser, number ``step``, is to make better.
            seen: the batch.
            seed: of this step.
            step: 0 for the first.
        """
        points = self.inputs(network, seen, seed)
        return seen.loss.mean(seen.wrap(network)(points), seen.target)


@dataclass(frozen=True)
class Standard(Objective):
    r"""Ord: :math:`\ell(f(y), x)`."""


@dataclass(frozen=True)
class Noisy(Objective):
    r"""Training for smoothing: :math:`\ell(f(y + \delta), x)` with :math:`\delta \sim N(0, \sigma_f^2 I)`.

    Attributes:
        level: :math:`\sigma_f`.
    """

    level: float

    def inputs(self, network: nn.Module, seen: Observation, seed: int) -> Tensor:
        seeds = derive_many(seed, "training-noise", len(seen.point))
        return seen.point + self.level * gaussian(seen.point, seeds)


@dataclass(frozen=True)
class Denoising(Noisy):
    r"""Denoised smoothing: :math:`\|D(y + \delta) - y\|^2` of the denoiser before a network f, which stays
    as it is and is not asked (``salman2020``)."""

    def __call__(self, network: nn.Module, seen: Observation, seed: int, step: int) -> Tensor:
        assert isinstance(network, Denoised)
        return SQUARED_ERROR.mean(network.denoiser(self.inputs(network, seen, seed)), seen.point)


@dataclass(frozen=True)
class Adversarial(Objective):
    r"""Adv: :math:`\ell(f(y + e), x)` (paper, eq. 2) with e from PGD in the L2 ball, for each image alone.

    PGD starts at a random point, takes steps of :math:`\varepsilon/2` and ends with its last iterate,
    against the network in eval mode.

    Attributes:
        level: RMS of the perturbation.
        steps: of PGD.
    """

    level: float
    steps: int

    def attacked(self, network: nn.Module, seen: Observation, seed: int) -> Estimator:
        """What the attack is made on."""
        return seen.wrap(network)

    def inputs(self, network: nn.Module, seen: Observation, seed: int) -> Tensor:
        eps = radius(self.level, seen.point[0].numel())
        starts = derive_many(seed, "training-start", len(seen.point))
        terms = Terms(eps, steps=self.steps, seeds=starts, keep="final", step=0.5, box=seen.box)
        with _evaluating(network, gradients=False):
            error = BaseError(self.attacked(network, seen, seed), seen.target, seen.loss)
            return seen.point + ATTACKS["pgd"].end(error, seen.point, terms).kept


@dataclass(frozen=True)
class SignedStep(Objective):
    r"""The same with one signed step in the :math:`L_\infty` ball (Goodfellow et al. 2015).

    Attributes:
        level: change of each value.
    """

    level: float

    def inputs(self, network: nn.Module, seen: Observation, seed: int) -> Tensor:
        with _evaluating(network, gradients=False):
            error = BaseError(seen.wrap(network), seen.target, seen.loss)
            terms = Terms(self.level, "linf", box=seen.box)
            return seen.point + ATTACKS["fgm"].end(error, seen.point, terms).kept


@dataclass(frozen=True)
class Jacobian(Objective):
    r"""Jcb: :math:`\ell(f(y), x) + \beta \max \|J(y) A\|` (paper, eq. 4), the maximum over some of the batch.

    Attributes:
        beta: weight of the penalty.
        images: how many images of the batch the maximum is over.
        iterations: of the power iteration.
    """

    beta: float
    images: int = 4
    iterations: int = 2

    def __call__(self, network: nn.Module, seen: Observation, seed: int, step: int) -> Tensor:
        few = seen.point[: self.images]
        # Eval mode: batch statistics would couple the images' Jacobians.
        with _evaluating(network):
            norms = spectral_norms(
                seen.wrap(network),
                few,
                iterations=self.iterations,
                seeds=derive_many(seed, "power", len(few)),
            )
        return super().__call__(network, seen, seed, step) + self.beta * norms.max()


@dataclass(frozen=True)
class SmoothedAdversarial(Adversarial):
    r"""Smt-Adv (paper, Algorithm 1): e maximises the error of the *smoothed* estimator, of S draws.

    Attributes:
        sigma: standard deviation of the smoothing noise.
        samples: S; the same draws in every step of one attack.
    """

    sigma: float
    samples: int

    def attacked(self, network: nn.Module, seen: Observation, seed: int) -> Estimator:
        """The smoothed estimator (paper, eq. 9)."""
        noise = self.sigma * draws(seen.point, self.samples, seed)
        estimator = seen.wrap(network)

        def smoothed(point: Tensor) -> Tensor:
            outputs = estimator((point + noise).flatten(0, 1))
            return seen.loss.pooled(outputs.view(self.samples, -1, *outputs.shape[1:]))

        return smoothed


@dataclass(frozen=True)
class SmoothedGradient(Noisy):
    r"""Smt-Grad (paper, Algorithm 2): :math:`E_\delta \nabla \ell(f(y + \delta), x)`, averaged over S draws.

    The noise rises from :math:`\sigma_{max}/T` to :math:`\sigma_{max}` in T steps of the
    optimiser, then begins again.

    Attributes:
        level: :math:`\sigma_{max}`.
        levels: T.
        samples: S.
    """

    levels: int
    samples: int

    def level_at(self, step: int) -> float:
        """The noise of an optimiser step."""
        return self.level * (1 + step % self.levels) / self.levels

    def __call__(self, network: nn.Module, seen: Observation, seed: int, step: int) -> Tensor:
        """See :class:`Objective`; the mean loss, whose gradient is the mean of the gradients."""
        copies = seen.point + self.level_at(step) * draws(seen.point, self.samples, seed)
        outputs = seen.wrap(network)(copies.flatten(0, 1))
        return seen.loss.mean(outputs, seen.target.repeat(self.samples, *[1] * (seen.target.dim() - 1)))


def objective(recipe: Recipe, unit: float, step: int | None = None) -> Objective:
    """The objective of a recipe.

    Args:
        recipe: which one.
        unit: RMS of a level of one, in the units of the points.
        step: of the optimiser, where the level grows or changes; None: with the level of the end.
    """
    level = unit * (recipe.level if step is None else recipe.level_at(step))
    signed = recipe.attack == "sign"
    adversarial = SignedStep(level) if signed else Adversarial(level, recipe.attack_steps)
    pieces: dict[str, Objective] = {
        "standard": Standard(),
        "start": Standard(),
        "ord": Standard(),
        "smoothing": Noisy(level),
        "denoised": Denoising(level),
        "adversarial": adversarial,
        "adv": adversarial,
        "jcb": Jacobian(recipe.beta, recipe.jacobians, recipe.iterations),
        "smt-adv": SmoothedAdversarial(level, recipe.attack_steps, unit * recipe.sigma, recipe.samples),
        "smt-grad": SmoothedGradient(level, recipe.levels, recipe.samples),
    }
    return pieces[recipe.identity.objective]


def draws(like: Tensor, samples: int, seed: int) -> Tensor:
    """Standard normal noise ``(samples, b, c, h, w)``, independent for images and samples."""
    count = len(like)
    noise = gaussian(like, derive_many(derive(seed, "smoothing draws"), "draw", samples * count))
    return noise.view(samples, count, *like.shape[1:])


@contextmanager
def _evaluating(network: nn.Module, *, gradients: bool = True) -> Iterator[None]:
    """Eval mode; without ``gradients`` for weights an attack computes the input's alone."""
    training = network.training
    network.eval().requires_grad_(gradients)
    try:
        yield
    finally:
        network.train(training).requires_grad_(True)

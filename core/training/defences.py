r"""The paper's five objectives of training (section 4.1), each a small piece of one shape.

A defence maps (network, points, target, seed, step) to the scalar to minimise. ``network`` is any
module that maps points ``(b, c, h, w)`` to estimates of the same shape, image by image: a U-Net,
or a :class:`core.problems.reconstruction.Reconstruction`. Levels are RMS per value in the
units of the points, so that :math:`\varepsilon = \sqrt d \cdot` ``epsilon``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from core.base.noise import gaussian
from core.base.seeds import derive, derive_many
from core.training.jacobian import spectral_norms
from core.training.objectives import attacked, mean_squared_error


class Defence(Protocol):
    """An objective of training."""

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """The scalar loss, with a graph to the weights."""


@dataclass(frozen=True)
class Ordinary:
    r"""Ord: :math:`\ell(f(y), x)`."""

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """See :class:`Defence`."""
        return mean_squared_error(network(points), target)


@dataclass(frozen=True)
class Jacobian:
    r"""Jcb: :math:`\ell(f(y), x) + \beta \max \|J(y) A\|` (eq. 4), the maximum over some of the batch.

    Attributes:
        beta: weight of the penalty.
        images: how many images of the batch the maximum is over.
        iterations: of the power iteration.
    """

    beta: float
    images: int = 4
    iterations: int = 2

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """See :class:`Defence`."""
        few = points[: self.images]
        with _evaluating(network):
            norms = spectral_norms(
                network, few, iterations=self.iterations, seeds=derive_many(seed, "power", len(few))
            )
        return mean_squared_error(network(points), target) + self.beta * norms.max()


@dataclass(frozen=True)
class Adversarial:
    r"""Adv: :math:`\ell(f(y_{x+\xi^*}), x)` (eq. 2), :math:`\xi^*` by PGD for each image alone.

    Attributes:
        epsilon: RMS of the perturbation.
        steps: of PGD, of length :math:`\varepsilon/2` along the normalised gradient.
    """

    epsilon: float
    steps: int

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """See :class:`Defence`."""
        worst = attacked(network, points, target, self.epsilon, self.steps, seed)
        return mean_squared_error(network(worst), target)


@dataclass(frozen=True)
class SmoothedAdversarial:
    r"""Smt-Adv (Algorithm 1): :math:`\xi^*` maximises the error of the *mean* of S noisy outputs.

    Attributes:
        epsilon, steps: as for :class:`Adversarial`.
        sigma: standard deviation of the smoothing noise.
        samples: S; the same draws in every step of one attack.
    """

    epsilon: float
    steps: int
    sigma: float
    samples: int

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """See :class:`Defence`."""
        smoothed = averaged(network, points, self.sigma, self.samples, seed)
        worst = attacked(network, points, target, self.epsilon, self.steps, seed, smoothed)
        return mean_squared_error(network(worst), target)


@dataclass(frozen=True)
class SmoothedGradient:
    r"""Smt-Grad (Algorithm 2): :math:`E_\delta \nabla \ell(f(y_{x+\delta}), x)`, averaged over S draws.

    The noise rises from :math:`\sigma_{max}/T` to :math:`\sigma_{max}` in T steps of the
    optimiser, then begins again.

    Attributes:
        sigma: :math:`\sigma_{max}`.
        levels: T.
        samples: S.
    """

    sigma: float
    levels: int
    samples: int

    def level(self, step: int) -> float:
        """The noise of an optimiser step."""
        return self.sigma * (1 + step % self.levels) / self.levels

    def __call__(self, network: nn.Module, points: Tensor, target: Tensor, seed: int, step: int) -> Tensor:
        """See :class:`Defence`; the mean loss, whose gradient is the mean of the gradients."""
        copies = points + self.level(step) * draws(points, self.samples, seed)
        outputs = network(copies.flatten(0, 1)).view_as(copies)
        return mean_squared_error(outputs, target.expand_as(outputs))


def draws(like: Tensor, samples: int, seed: int) -> Tensor:
    """Standard normal noise ``(samples, b, c, h, w)``, independent for images and samples."""
    count = len(like)
    noise = gaussian(like, derive_many(derive(seed, "smoothing draws"), "draw", samples * count))
    return noise.view(samples, count, *like.shape[1:])


def averaged(
    network: nn.Module, points: Tensor, sigma: float, samples: int, seed: int
) -> Callable[[Tensor], Tensor]:
    """The estimator ``z -> mean_k f(z + sigma δ_k)`` with S draws fixed for these points (eq. 9)."""
    noise = sigma * draws(points, samples, seed)

    def estimate(signal: Tensor) -> Tensor:
        copies = signal + noise
        mean: Tensor = network(copies.flatten(0, 1)).view_as(copies).mean(0)
        return mean

    return estimate


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Eval mode with weight gradients: batch statistics would couple the images' Jacobians."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)

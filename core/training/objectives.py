"""What the network sees in training: clean, noisy or attacked measurements (thesis, 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.base.noise import gaussian
from core.base.seeds import derive_many
from core.pictures.units import radius
from core.training.recipes import Recipe

Prepare = Callable[[nn.Module, Tensor, Tensor, int], Tensor]
"""``(network, measurement, target, seed) -> network input``; all ``(b, 3, h, w)`` standardised."""


def prepare_inputs(recipe: Recipe, level: float) -> Prepare:
    """How the recipe's objective turns clean measurements into training inputs.

    Args:
        recipe: whose objective.
        level: ``sigma_f`` or ``eps_rel``; the standard objective has none.
    """
    if recipe.identity.objective == "standard":
        return lambda network, measurement, target, seed: measurement
    if recipe.identity.objective == "smoothing":
        return lambda network, measurement, target, seed: noisy(measurement, level, seed)
    return lambda network, measurement, target, seed: attacked(
        network, measurement, target, level, recipe.attack_steps, seed
    )


def noisy(measurement: Tensor, level: float, seed: int) -> Tensor:
    r"""``y + delta`` with :math:`\delta \sim N(0, \sigma_f^2 I)`, ``sigma_f = level``."""
    return measurement + level * gaussian(measurement, derive_many(seed, "training-noise", len(measurement)))


def attacked(
    network: nn.Module,
    measurement: Tensor,
    target: Tensor,
    level: float,
    steps: int,
    seed: int,
    estimator: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    r"""``y + e`` from PGD-L2 with random start, step :math:`\varepsilon/2` and the final
    iterate, against the network in eval mode; ``eps_rel = level``, the RMS of ``e``.

    ``estimator`` is what is attacked instead of the network by itself; it calls the network.
    """
    eps = radius(level, measurement[0].numel())
    starts = derive_many(seed, "training-start", len(measurement))
    terms = Terms(eps, steps=steps, seeds=starts, keep="final", step=0.5)
    with _frozen(network):
        last = ATTACKS["pgd"].end(BaseError(estimator or network, target), measurement, terms)
    return measurement + last.kept


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Eval mode without weight gradients: the attack needs the input's gradient alone."""
    training = network.training
    network.eval().requires_grad_(False)
    try:
        yield
    finally:
        network.train(training).requires_grad_(True)


def mean_squared_error(output: Tensor, target: Tensor) -> Tensor:
    """The training loss: mean of the squared error in standardised units, a scalar."""
    return torch.nn.functional.mse_loss(output.float(), target)

"""What to train: one recipe for each of the digit networks."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.errors import UserError
from core.problems.names import DigitsIdentity

SIGMAS = (0.25, 0.50, 1.00)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run; two equal recipes give the same network.

    Attributes:
        identity: what is trained.
        level: sigma, or the radius of the attack, in pixel units; 0 for standard training.
        epochs: passes over the 60,000 digits.
        batch: digits per step.
        learning_rate: peak of the cosine schedule of Adam.
        warmup: share of the steps over which learning rate and attack radius grow to their full size.
        attack_steps: of PGD in the loop.
        shift: digits are moved by up to so many pixels, at random.
        seed: of weights, order, noise and attack starts.
    """

    identity: DigitsIdentity
    level: float = 0.0
    epochs: int = 10
    batch: int = 128
    learning_rate: float = 2e-3
    warmup: float = 0.1
    attack_steps: int = 0
    shift: int = 2
    seed: int = 0


def recipe(name: str) -> Recipe:
    """The recipe of a network by name.

    Raises:
        UserError: if the name is not one of :func:`names`.
    """
    found = {known.identity.name: known for known in _RECIPES}
    if name not in found:
        raise UserError(f"There is no recipe for “{name}”: choose from {', '.join(found)}.")
    return found[name]


def names() -> list[str]:
    """The digit networks: standard, two adversarial, three with noise."""
    return [known.identity.name for known in _RECIPES]


_RECIPES = (
    Recipe(DigitsIdentity(objective="standard")),
    Recipe(DigitsIdentity(objective="adversarial", attack="sign"), level=0.2, attack_steps=1),
    Recipe(DigitsIdentity(objective="adversarial", attack="l2"), level=1.5, epochs=8, attack_steps=4),
    *(Recipe(DigitsIdentity(objective="smoothing", level=sigma), level=sigma) for sigma in SIGMAS),
)

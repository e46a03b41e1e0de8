"""All attacks: scenarios, commands, pages, studies and training take them from here, by name."""

from __future__ import annotations

from core.attacks.apgd import APGD
from core.attacks.attack import Attack
from core.attacks.corruptions import BLUR, JPEG, SALT_AND_PEPPER
from core.attacks.fgm import FGM
from core.attacks.noise import NOISE
from core.attacks.pgd import PGD
from core.attacks.spsa import SPSA
from core.attacks.strongest import STRONGEST

ATTACKS: dict[str, Attack] = {}
"""By key, in the order in which they are offered; see :func:`register`."""


def register(attack: Attack) -> None:
    """Offer an attack wherever one can be chosen.

    Raises:
        ValueError: if another one has its key.
    """
    if attack.key in ATTACKS:
        raise ValueError(f"there is an attack called {attack.key} already")
    ATTACKS[attack.key] = attack


def keys(norm: str = "l2") -> tuple[str, ...]:
    """The attacks that keep to a norm, of :data:`core.attacks.terms.NORMS`."""
    return tuple(key for key, attack in ATTACKS.items() if norm in attack.norms)


def titles(norm: str = "l2") -> dict[str, str]:
    """What those are called on pages."""
    return {key: ATTACKS[key].title for key in keys(norm)}


def meanings(norm: str = "l2") -> str:
    """What each of :func:`keys` does, in one sentence."""
    return "; ".join(f"{key}: {ATTACKS[key].meaning}" for key in keys(norm)) + "."


for each in (APGD, PGD, FGM, NOISE, JPEG, BLUR, SALT_AND_PEPPER, SPSA, STRONGEST):
    register(each)

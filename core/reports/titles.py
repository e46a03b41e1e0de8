"""What networks, levels and figures are called in tables, findings and figures, and on the pages."""

from __future__ import annotations

from core.problems.names import ELSEWHERE, Identity
from core.problems.problem import Problem

OBJECTIVES = {
    "ord": ("Ord", "ordinary training"),
    "jcb": ("Jcb", "Jacobian penalty"),
    "adv": ("Adv", "adversarial training"),
    "smt-adv": ("Smt-Adv", "attacks on the smoothed"),
    "smt-grad": ("Smt-Grad", "averaged gradients"),
    "start": ("Start", "common to all five"),
    "standard": ("Standard", "ordinary training"),
    "smoothing": ("Noise", "training with noise"),
    "denoised": ("Denoised", "a denoiser before standard training"),
    "adversarial": ("Attacks", "adversarial training"),
    ELSEWHERE: ("Others", "trained elsewhere"),
}
"""By objective: what networks are called, as by ``sun2024``, and what it is."""

FIVE = {key: title for key, (title, _) in list(OBJECTIVES.items())[:5]}
"""Those that ``sun2024`` compares, in its order."""


LEMMA = "Averaging f(y + δ) over noise of mean zero gives a linear f(y) back: smoothing adds nothing to it."
"""``patsatzi2023``, Lemma A.1.2."""

SYMBOLS = {"eps_rel": "ε_rel", "sigma_g": "σ_g", "eps": "ε", "sigma": "σ"}


def symbol(field: str) -> str:
    """How a scenario's field is written in figures."""
    return SYMBOLS.get(field, field)


def short(network: str) -> str:
    """A network as the paper calls it, or by its way of training and level; one of others by its name.

    >>> short("cs-smt-adv"), short("ip-rs-10.00"), short("ip-std"), short("span-x2-ch48")
    ('Smt-Adv', 'Noise 10', 'Standard', 'span-x2-ch48')
    """
    identity = Identity.parse(network)
    if identity.objective == ELSEWHERE:
        return network
    called = OBJECTIVES[identity.objective][0]
    return f"{called} {identity.level:g}" if identity.level else called


def estimator(problem: Problem, name: str) -> str:
    """A network, or what a problem calls an estimator without weights."""
    return problem.titled(name) if name in problem.baselines(problem.scenario()) else short(name)

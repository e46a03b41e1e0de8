"""From the store to the live view: which scenario a point of a curve is."""

from __future__ import annotations

import pandas as pd

from core.attacks.terms import STRONGEST, STRONGEST_STEPS, THESIS
from core.problems import problem_of
from core.problems.names import Identity
from core.problems.problem import Problem
from core.problems.scenario import DEPLOYED, Scenario


def scenario_at(
    problem: Problem,
    estimator: str,
    setting: float,
    eps: float,
    sigma: float,
    samples: int | None = None,
    attacks: str = THESIS,
) -> Scenario:
    """What the live view shows for one point of a curve, under the attack that the curve was made with.

    Args:
        problem: that was evaluated.
        estimator: a network, or one without weights.
        setting: value of the column ``problem.apart``.
        eps, sigma: attack strength and smoothing noise.
        samples: of the smoothed estimate.
        attacks: of :data:`core.attacks.terms.ATTACKED`.
    """
    company = problem.company(estimator, setting, eps)
    # As of a link that is older than other attacks.
    point = problem.scenario.from_query({"checkpoint": company["checkpoint"]})
    smoothed = problem.smooths_all or company["checkpoint"] == estimator
    company |= {problem.sigma: sigma} if smoothed else {}
    company |= {"samples": samples} if samples and sigma else {}
    if attacks == STRONGEST:
        company |= {"attack": STRONGEST, "attack_on": DEPLOYED, "attack_steps": STRONGEST_STEPS}
    return point.replace(**company, **{problem.eps: eps})


def scenario_with(network: str, chosen: pd.DataFrame) -> Scenario:
    """What the live view shows first for a network, at the default attack.

    Args:
        network: its name.
        chosen: see :func:`core.results.evaluations.choose`; a network that is smoothed gets the noise that is
            best for the one with the nearest level of training, or the default where none was evaluated.
    """
    problem, identity = problem_of(network), Identity.parse(network)
    usual = problem.scenario()
    rows = chosen[(chosen["factor"] == identity.factor) & (chosen["eps"] == usual.eps_level)]
    nearest = rows.iloc[(rows["level"] - identity.level).abs().argsort(kind="stable")[:1]]
    sigma = float(nearest["sigma"].iloc[0]) if len(nearest) else usual.sigma_level
    at = scenario_at(problem, network, identity.factor, usual.eps_level, sigma)
    return at.replace(attack=usual.attack, attack_on=usual.attack_on)

"""What the app opens with: the state that the Lab's story begins with, computed before anybody asks."""

from __future__ import annotations

from core.base.progress import finish
from core.problems import restoring
from core.problems.scenario import BASE
from core.problems.super_resolution import SuperResolutionScenario
from core.zoo import registry
from pages.widgets.page.resources import lab

BEGIN = SuperResolutionScenario(
    compare=("sr-x2-std", "sr-x2-adv-0.02"), eps_rel=0.03, attack_on=BASE, attack="pgd"
)
"""The attack on f alone, which smoothing seems to hold against; the next step is the attack on ĝ itself."""


def warm() -> None:
    """Check the networks and run that state, so that the first visitor need not wait for it."""
    from core.experiment.run import run

    for problem in restoring():
        registry.find(problem=problem, weights=True)
    finish(run(BEGIN, lab()))

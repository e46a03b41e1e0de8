"""What an evaluation of denoising and compressed sensing computes: jobs, and the keys of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.base.options import key_of
from core.experiment.run import Stages
from core.problems import problem_of
from core.problems.scenario import BASE, Scenario

SAMPLES = 50
TABLE_4 = (50, 500, 1000)
"""Numbers of samples: of the paper's tests, and of its Table 4."""

SETTINGS = {"dn": (0.0, 2.0, 10.0, 15.0), "cs": (0.1, 0.2, 0.3, 0.4)}
"""Measurement noise of denoising in grey levels, ratios of compressed sensing."""

FIGURE_1 = {"dn": 10.0, "cs": 0.1}
"""The setting of our Figure 1: there, every smoothing noise is evaluated."""

EPSES = {"dn": (0.0, 5.0, 10.0, 15.0), "cs": (0.0, 1.0, 5.0, 7.0)}
SIGMAS = {
    "dn": (0.0, 3.0, 6.0, 10.0, 14.0, 18.0, 25.0, 35.0),
    "cs": (0.0, 3.0, 8.0, 14.0, 21.0, 35.0, 45.0, 60.0),
}
"""Attack strengths and smoothing noises, grey levels."""

ELSEWHERE = {"dn": (0.0, 10.0, 18.0), "cs": (0.0, 8.0, 21.0)}
"""Smoothing noises in the other settings."""

OF_TABLE_1 = {
    "dn": (2.0, ((5.0, 10.0), (10.0, 14.0), (15.0, 18.0))),
    "cs": (0.1, ((1.0, 3.0), (5.0, 21.0), (7.0, 35.0))),
}
"""Setting, and our ε (grey levels RMS) with the paper's σ for its three radii, which it does not print."""

OF_TABLE_2 = {"dn-ord": (10.0, 10.0, 13.0), "cs-jcb": (0.1, 5.0, 17.0), "dn-smt-grad": (2.0, 10.0, 15.0)}
OF_TABLE_4 = {"dn": (10.0, 10.0, 12.0), "cs": (0.1, 5.0, 19.0)}
"""Setting (σ_b or ratio), ε and σ: of Table 2 on our data sets, and of Table 4."""


Noises = tuple[tuple[float, tuple[int, ...]], ...]
"""Smoothing noises, each with the numbers of samples to report."""

_Wanted = tuple[str, float, float, Noises]


@dataclass(frozen=True)
class Job:
    """One network in one setting under one attack, for several smoothing noises.

    Attributes:
        scenario: its ``image``, ``sigma`` and ``samples`` do not count.
        noises: smoothing noise, and the numbers of samples to report.
    """

    scenario: Scenario
    noises: Noises

    def __str__(self) -> str:
        s = self.scenario
        return f"{s.checkpoint} {s.problem.setting(s)} ε {s.eps_level:g}"

    @property
    def settings(self) -> list[tuple[float, int]]:
        """(σ, S) of the rows of one picture, in order; S is 1 without smoothing."""
        return [
            (sigma, count if sigma > 0 else 1)
            for sigma, samples in self.noises
            for count in (sorted(samples) if sigma > 0 else (1,))
        ]

    def keys(self, pictures: Sequence[tuple[str, str]], where: dict[str, str]) -> list[str]:
        """Keys of the rows: by picture, then by noise."""
        return [
            key_of({**self._decisive(sigma, samples), "image": digest, **where})
            for _, digest in pictures
            for sigma, samples in self.settings
        ]

    def _decisive(self, sigma: float, samples: int) -> dict[str, Any]:
        found = self.scenario.replace(sigma=sigma, samples=samples).decisive()
        for name in ("image", "precision", "compare"):
            del found[name]
        return found


def row_of(scenario: Scenario, stages: Stages) -> dict[str, Any]:
    """The columns of a row that its scenario says."""
    attacked = scenario.eps_level > 0
    return {
        "problem": scenario.problem.name,
        "network": scenario.checkpoint,
        "objective": scenario.identity.objective,
        "sigma_b": getattr(scenario, "sigma_b", 0.0),
        "ratio": getattr(scenario, "ratio", 1.0),
        "side": stages.truth.shape[-1],
        "attack": scenario.attack if attacked else "",
        "attack_steps": scenario.attack_steps if attacked else 0,
        "keep": scenario.keep if attacked else "",
        "eps": scenario.eps_level,
        "epsilon": stages.radius,
        "sigma": scenario.sigma_level,
        "samples": scenario.samples,
        "alpha": scenario.alpha,
        "seed": scenario.seed,
    }


def jobs(
    networks: Sequence[str],
    *,
    epses: Sequence[float] | None = None,
    sigmas: Sequence[float] | None = None,
    settings: Sequence[float] | None = None,
    samples: int = SAMPLES,
    tables: bool = True,
    size: int = 96,
    seed: int = 0,
) -> list[Job]:
    """The jobs of an evaluation: Figure 1's setting, the tables, then the other settings.

    Args:
        networks: of one problem.
        epses, sigmas: grey levels; the grid of this module if None.
        settings: values of σ_b or of the ratio.
        samples: S.
        tables: also the scenarios of Tables 1, 2 and 4, the latter with 50, 500 and 1000 samples.
        size: side of the crops.
        seed: of everything random.
    """
    found: list[Job] = []
    for prefix in dict.fromkeys(name[:2] for name in networks):
        family = [name for name in dict.fromkeys(networks) if name.startswith(prefix)]
        places = settings or SETTINGS[prefix]
        noises = {place: dict.fromkeys(sigmas or _noises(prefix, place)) for place in places}
        grid: list[_Wanted] = [
            (name, place, eps, tuple((sigma, (samples,)) for sigma in noises[place]))
            for place in sorted(places, key=lambda place: place != FIGURE_1[prefix])
            for eps in (epses or EPSES[prefix])
            for name in family
        ]
        first = sum(place == FIGURE_1[prefix] for _, place, *_ in grid)
        wanted = [*grid[:first], *(_of_tables(prefix, family, samples) if tables else ()), *grid[first:]]
        for name, place, eps, noises in wanted:
            scenario = problem_of(name).scenario(
                checkpoint=name, short_side=0, attack="pgd", attack_on=BASE, seed=seed
            )
            measured = {"sigma_b": place} if prefix == "dn" else {"ratio": place}
            found.append(Job(scenario.replace(size=size, eps=eps, **measured), noises))
    return found


def _noises(prefix: str, place: float) -> tuple[float, ...]:
    return (SIGMAS if place == FIGURE_1[prefix] else ELSEWHERE)[prefix]


def _of_tables(prefix: str, family: list[str], samples: int) -> list[_Wanted]:
    """What the tables need beyond the grid."""
    place, eps, sigma = OF_TABLE_4[prefix]
    found: list[_Wanted] = [(name, place, eps, ((sigma, TABLE_4),)) for name in family]
    for name in (name for name in family if name in OF_TABLE_2):
        place, eps, sigma = OF_TABLE_2[name]
        found.append((name, place, eps, ((sigma, (samples,)),)))
    place, pairs = OF_TABLE_1[prefix]
    return found + [
        (name, place, eps, ((sigma, (samples,)),))
        for eps, sigma in pairs
        if sigma not in _noises(prefix, place)
        for name in family
    ]

"""Which rows an evaluation of digits has: attacks and certificates of networks, attacks inside the radii."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from core.attacks.registry import ATTACKS
from core.base.errors import UserError
from core.certificates.classification import ABSTAIN, Certificate
from core.evaluation.digits import DRAWS, STEPS, VOTES, DigitsJob
from core.evaluation.driver import Executor, Finished, carry_out
from core.evaluation.jobs import Target
from core.problems.digits.data import Digits
from core.problems.digits.problem import KINDS
from core.results.evaluations import TABLES
from core.results.store import Store

RADII = {
    "clean": (0.0,),
    "sign": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
    "linf": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
    "l2": (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0),
}
"""Radii of each kind of attack, in pixel units; ``clean`` is none."""


@dataclass(frozen=True)
class DigitsPlan:
    """Which jobs there are on some digits.

    Attributes:
        targets: networks; one trained with noise is attacked in its smoothed form, with that noise.
        on: the digits.
        device, precision: where and how they are computed.
        seed: of everything random.
    """

    targets: Sequence[Target]
    on: Digits
    device: str
    precision: str
    seed: int = 0

    def _job(
        self,
        table: str,
        settings: Sequence[tuple[Target, float]],
        how: tuple[Any, ...],
        said: Mapping[str, Any],
        together: float,
        precision: str = "",
        images: Sequence[int] = (),
    ) -> DigitsJob:
        precision, images = precision or self.precision, images or self.on.numbers.tolist()
        return DigitsJob(
            table=TABLES[table], images=tuple(images), settings=tuple(dict.fromkeys(settings)),
            how=(*how, self.seed, self.device, precision), said=said,
            seed=self.seed, device=self.device, precision=precision, together=together,
        )  # fmt: skip

    def attacked(self) -> list[DigitsJob]:
        """Each network under every kind and radius of :data:`RADII`; what is not smoothed, and takes few
        forwards, in float32."""
        jobs = []
        for target, kind in product(self.targets, RADII):
            sigma, precision = (target.level, "") if target.smoothing else (0.0, "float32")
            steps, votes = ATTACKS[KINDS[kind][0]].taken(STEPS) if kind in KINDS else 0, VOTES if sigma else 0
            for eps in RADII[kind]:
                said = {"attack": kind, "epsilon": eps, "steps": steps, "votes": votes}
                how = (kind, eps, STEPS, DRAWS, VOTES)
                jobs.append(self._job("digits_attacks", [(target, sigma)], how, said, 25, precision))
        return jobs

    def certified(
        self, sigmas: Sequence[float], *, n: int = 10_000, n0: int = 100, alpha: float = 0.001
    ) -> list[DigitsJob]:
        """Each network with every noise."""
        settings, said = [*product(self.targets, sigmas)], {"n0": n0, "n": n, "alpha": alpha}
        return [self._job("digits_certificates", settings, (n0, n, alpha), said, 0.5)]

    def challenged(
        self, store: Store, *, wanted: int, n: int, steps: int = 100, restarts: int = 5
    ) -> list[DigitsJob]:
        """Attacks on the first digits that a store of certificates has certified for a network and its own
        noise, with PGD inside the certified radius, from several starts with noise of their own.

        Raises:
            UserError: if it has none of so many votes.
        """
        jobs = []
        for target in self.targets:
            where = {"digest": target.digest, "sigma": target.level, "n": n, "precision": self.precision}
            same = [(name, "==", value) for name, value in where.items()]
            rows = store.read(["number", "answer", "radius", "alpha"], same)
            rows = rows[rows["answer"] != ABSTAIN].drop_duplicates("number").set_index("number")
            images = [number for number in self.on.numbers.tolist() if number in rows.index][:wanted]
            if not images:
                raise UserError(
                    f"The store has no certificates of {target.name} with σ = {target.level:g} and {n:,} "
                    "votes: run python -m core evaluate --problem digits --data DIR first."
                )
            said, alpha = rows.loc[images, ["answer", "radius"]], float(rows["alpha"].iloc[0])
            found = {
                number: Certificate(answer, radius, answer, np.empty(0), np.nan, target.level, alpha)
                for number, answer, radius in said.itertuples()
            }
            how = {"n": n, "alpha": alpha, "steps": steps, "restarts": restarts}
            jobs.append(
                self._job(
                    "digits_challenges", [(target, target.level)], (*how.values(),),
                    how | {"certificates": found}, 0.1, images=images,
                )
            )  # fmt: skip
        return jobs


def evaluate(
    plan: DigitsPlan, root: Path, executor: Executor, sigmas: Sequence[float], n: int, batch: int
) -> Iterator[Finished]:
    """Attack the networks as they are deployed, and certify them with every noise; rows go to ``root``."""
    for jobs in (plan.attacked(), plan.certified(sigmas, n=n)):
        yield from carry_out(jobs, plan.on, Store(jobs[0].table.name, root), executor, batch)

"""Driving an evaluation: which groups are missing, computing them, choosing sigma_g, merging.

Killed at any point, the next start computes only what is missing. Two processes share one
table: each group is claimed by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from core.evaluation.sweep.grid import Group, Settings, Target, groups
from core.evaluation.sweep.photos import Crops
from core.results import summary as results
from core.results.store import Store

ORDER = ("split", "factor", "objective", "level", "estimator", "eps_rel", "sigma_g", "image")
"""Sort order of the table's file."""


@dataclass(frozen=True)
class Finished:
    """One group done, and the seconds it took; 0 if it was there or another process did it."""

    group: Group
    seconds: float


class Executor(Protocol):
    """Something that computes groups: this process, or a cluster.

    Attributes:
        device: ``cpu``, ``cuda`` or ``mps``: where the groups are computed.
        precision: what ``auto`` means there.
    """

    device: str
    precision: str

    def compute(self, todo: Sequence[tuple[Group, Crops]], store: Store) -> Iterator[Finished]:
        """Compute the groups, put their rows into the store, report each."""

    def close(self) -> None:
        """Give back what the executor holds."""


def plan_validation(targets: Iterable[Target], crops: Crops, settings: Settings, samples: int) -> list[Group]:
    """All smoothing networks on the validation photos, with every smoothing noise of the grid.

    Args:
        targets: the estimators; others than smoothing networks are passed over.
        crops: the validation photos.
        settings: attack strengths, seed and the rest.
        samples: of each smoothed estimate here, where so many are needed.
    """
    settings = replace(settings, samples=samples)
    everywhere = dict.fromkeys(settings.eps_rels, settings.sigma_gs)
    smoothing = [target for target in targets if target.objective == "smoothing"]
    return [
        g for target in smoothing for g in groups(target, "validation", crops.names, settings, everywhere)
    ]


def plan_test(
    targets: Iterable[Target], crops: Crops, settings: Settings, chosen: pd.DataFrame
) -> list[Group]:
    """All estimators on the test photos; smoothing networks also smoothed with the chosen noise.

    Args:
        targets: the estimators.
        crops: the test photos.
        settings: attack strengths, samples, seed and the rest.
        chosen: see :func:`core.results.summary.choose`.
    """
    best = {(row.estimator, row.eps_rel): row.sigma_g for row in chosen.itertuples()}
    planned: list[Group] = []
    for target in targets:
        noises: dict[float, tuple[float, ...]] = {}
        for eps_rel in settings.eps_rels:
            smoothed = best.get((target.name, eps_rel), 0.0)
            noises[eps_rel] = (0.0, smoothed) if smoothed > 0 else (0.0,)
        planned += groups(target, "test", crops.names, settings, noises)
    return planned


def carry_out(planned: Sequence[Group], crops: Crops, store: Store, executor: Executor) -> Iterator[Finished]:
    """Compute what is missing of a plan and merge the table's file at the end.

    What is there already is reported first. Rows of an earlier version of a checkpoint in the
    plan are dropped at the end.
    """
    there = store.keys()
    todo = []
    for group in planned:
        if there.issuperset(group.keys()):
            yield Finished(group, 0.0)
        else:
            todo.append((group, crops))
    yield from executor.compute(todo, store)
    current = {group.target.name: group.target.digest for group in planned}
    store.merge(ORDER, lambda rows: rows["digest"] != rows["estimator"].map(current).fillna(rows["digest"]))


def choose_noises(store: Store, targets: Sequence[Target], settings: Settings) -> pd.DataFrame:
    """The sigma_g of highest SSIM on validation; see :func:`core.results.summary.choose`.

    Only these checkpoints' rows count: of another one that is evaluated anew by another process
    the table may hold both versions for a while.
    """
    rows = results.per_image("validation", store, [target.digest for target in targets])
    chosen = results.choose(rows)
    return chosen[chosen["eps_rel"].isin(settings.eps_rels)]

"""Whether the strongest attack has converged: the same attack with less and with more of a budget.

A photo's rows are those of an evaluation (:mod:`core.evaluation.jobs`), with other ``attack_steps``, in the
table ``attack_budget``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.attacks.terms import STRONGEST
from core.base.errors import UserError
from core.evaluation.driver import Executor, Finished, carry_out
from core.evaluation.jobs import STEPS, Job, Plan, rivals, targets
from core.evaluation.photos import Photos
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results.store import Store

TABLE = "attack_budget"

BUDGETS = (25, 50, 100, 200, 1000)
"""``attack_steps``; ten times those of an evaluation come last."""

SUBJECTS = {
    "sr-x2-std": (),
    "sr-x2-adv-0.10": (),
    "sr-x2-rs-0.10": (),
    "sr-x2-rs-0.20": (0.25,),
    "sr-x2-rs-0.40": (0.5,),
}
"""Networks, and the smoothing noises of those that are smoothed too."""

EPS_REL, APART = 0.05, 20
"""The strength of the attack, and how many photos of a folder are left to the evaluation."""


def photos_apart(data: Path, count: int) -> Photos:
    """Photos of a folder that no evaluation of its first ones has seen.

    Raises:
        UserError: if there are none.
    """
    found = Photos.read(data, APART + count)
    if len(found.photos) <= APART:
        raise UserError(
            f"{data} has {len(found.photos)} photos: the study takes those after the first {APART}."
        )
    return replace(found, photos=found.photos[APART:])


def jobs_of(photos: Photos, executor: Executor, folder: Path | None = None) -> list[Job]:
    """Every subject with every budget, the small ones first."""
    problem = SUPER_RESOLUTION
    chosen = {(name, EPS_REL): sigmas for name, sigmas in SUBJECTS.items()}
    found = []
    for steps in BUDGETS:
        usual: dict[str, Any] = {
            "attack_steps": steps,
            "samples": problem.scenario().samples,
            "precision": executor.precision,
        }
        plan = Plan(
            problem, tuple(targets(problem, list(SUBJECTS), folder)), replace(problem.grid, epses=(EPS_REL,)),
            usual, executor.device, STRONGEST, rivals(problem, folder),
        )  # fmt: skip
        found += plan.test(photos, chosen)
    return found


def study(photos: Photos, store: Store, executor: Executor, folder: Path | None = None) -> Iterator[Finished]:
    """Compute what is missing; killed at any time, it goes on where it was."""
    yield from carry_out(jobs_of(photos, executor, folder), photos, store, executor, batch=1)


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean PSNR over the photos that have all budgets.

    Args:
        rows: of the table :data:`TABLE`.

    Returns:
        One row per ``estimator`` and ``sigma_g`` (0: the network alone): ``images``, a column for each
        budget, and ``more``: decibels that the largest budget takes beyond that of an evaluation.
    """
    by = ["estimator", "sigma_g"]
    wide = rows.pivot_table(index=[*by, "image"], columns="attack_steps", values="psnr").dropna()
    means = wide.groupby(by).mean()
    largest = max(wide.columns, default=0)
    usual: Sequence[float] = means.get(STEPS[STRONGEST], pd.Series(dtype=float))
    means["more"] = usual - means[largest] if largest else pd.Series(dtype=float)
    means.insert(0, "images", wide.groupby(by).size())
    return means.reset_index()

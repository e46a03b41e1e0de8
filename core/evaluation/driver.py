"""Driving an evaluation: which jobs are missing, computing them, choosing the smoothing noise, merging.

Killed at any point, the next start computes only what is missing. Two processes share one
table: each job is claimed by one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

from core.base.errors import UserError
from core.base.progress import PartDone
from core.evaluation.jobs import Plan, chosen_noises
from core.evaluation.photos import Photos
from core.evaluation.work import Data, Work
from core.results.evaluations import choose, per_image
from core.results.store import Store


@dataclass(frozen=True)
class Finished(PartDone):
    """Forwards done of all, and the job that was done last, if it was not there before.

    Attributes:
        job: a batch of photos.
        seconds: that it took; 0 if another process did it.
    """

    job: Work | None = None
    seconds: float = 0.0


class Executor(Protocol):
    """Something that computes jobs: this process, or a cluster.

    Attributes:
        device: ``cpu``, ``cuda`` or ``mps``: where they are computed.
        precision: what ``auto`` means there.
    """

    device: str
    precision: str

    def compute(self, todo: Sequence[Work], photos: Data, store: Store) -> Iterator[tuple[Work, float]]:
        """Compute the jobs, put their rows into the store, report each and its seconds."""

    def close(self) -> None:
        """Give back what the executor holds."""


def carry_out(
    jobs: Sequence[Work], photos: Data, store: Store, executor: Executor, batch: int = 10
) -> Iterator[Finished]:
    """Compute what is missing of some jobs, ``batch`` photos at a time, and merge the table at the end.

    What is there already is reported first. Rows of an earlier version of a checkpoint of these jobs are
    dropped at the end.
    """
    if not jobs:
        return
    there, total = store.keys(), sum(job.forwards for job in jobs)
    # Photo by photo, so that what stands when it is stopped is of every estimator.
    batches = (part for parts in zip_longest(*(job.batches(batch) for job in jobs)) for part in parts if part)
    todo = [missing for part in batches if (missing := part.missing(there))]
    done = total - sum(part.forwards for part in todo)
    if done:
        yield Finished(done, total, "stands already")
    for part, seconds in executor.compute(todo, photos, store):
        done += part.forwards
        yield Finished(done, total, str(part), part, seconds)
    table = jobs[0].table
    current = {target.name: target.digest for job in jobs for target in job.targets}
    store.merge(
        table.order, lambda rows: rows["digest"] != rows[table.estimator].map(current).fillna(rows["digest"])
    )


def evaluate(
    plan: Plan,
    test: Photos,
    held_out: Photos | None,
    store: Store,
    executor: Executor,
    *,
    validation_samples: int,
    batch: int = 10,
) -> Iterator[Finished]:
    """Choose smoothing noises on the held-out photos, where there are any, then compute the test rows.

    Raises:
        UserError: if a test photo is held out too.
    """
    chosen = {}
    if held_out:
        jobs = plan.validation(held_out, validation_samples)
        seen = {digest for _, digest in held_out.names}
        if both := [name for name, digest in test.names if jobs and digest in seen]:
            raise UserError(
                f"{both[0]} is a test photo and a validation photo, but the smoothing noise is chosen on "
                "photos that are not tested: name others with --validation."
            )
        yield from carry_out(jobs, held_out, store, executor, batch)
        # Of a checkpoint that another process evaluates anew the table may hold both versions for a while.
        digests = [target.digest for target in plan.targets]
        rows = per_image(plan.problem, "validation", store.root, digests, plan.attacks)
        chosen = chosen_noises(choose(rows, plan.problem, plan.attacks))
    yield from carry_out(plan.test(test, chosen), test, store, executor, batch)

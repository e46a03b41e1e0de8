"""Computing on the workers of a Dask cluster: one task per job (optional requirement).

A task carries its photos and names its network with its digest; workers need this code and the
same checkpoints, nothing else. Rows come back to the process that asked, which writes them.
When a worker dies, Dask gives its unfinished tasks to another one (three times at most).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.base.cluster import connect
from core.evaluation.rows import rows_of
from core.evaluation.work import Data, Work
from core.results.store import Store
from core.runtime.session import of_worker

TASKS_PER_THREAD = 3
"""Tasks handed to the scheduler for each worker thread: enough that none waits."""


def _resolve(where: tuple[str, int | None, str | None], precision: str) -> tuple[str, str]:
    engine = of_worker(*where).engine
    return engine.device, engine.resolve(precision)


def _task(job: Work, photos: Any, where: tuple[str, int | None, str | None]) -> tuple[pd.DataFrame, float]:
    started = time.perf_counter()
    rows = rows_of(job, photos, of_worker(*where))
    return rows, time.perf_counter() - started


class Cluster:
    """Computes jobs on a cluster's workers; see :class:`core.evaluation.driver.Executor`.

    Args:
        address: of the scheduler.
        device, precision, threads: of each worker; ``auto`` is asked of one of them.
        folder: checkpoints on the workers; their own default if None.
    """

    def __init__(
        self, address: str, device: str, precision: str, threads: int | None, folder: Path | None
    ) -> None:
        self._client = connect(address)
        here = (device, threads, str(folder.resolve()) if folder else None)
        self.device, self.precision = self._client.submit(_resolve, here, precision, pure=False).result()
        self._where = (self.device, threads, here[2])

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()

    def compute(self, todo: Sequence[Work], photos: Data, store: Store) -> Iterator[tuple[Work, float]]:
        """Keep every worker busy, and store each job's rows as they come."""
        from dask.distributed import as_completed

        waiting = iter(todo)
        running: dict[Any, Work] = {}
        arriving = as_completed([], loop=self._client.loop)

        def submit_next() -> None:
            for job in waiting:
                small = job.sent(photos.of(job.wanted))
                future = self._client.submit(_task, job, small, self._where, key=job.name)
                running[future] = job
                arriving.add(future)
                return

        for _ in range(TASKS_PER_THREAD * max(1, sum(self._client.nthreads().values()))):
            submit_next()
        try:
            for future in arriving:
                rows, seconds = future.result()
                job = running.pop(future)
                store.put(job.name, rows)
                yield job, seconds
                submit_next()
        finally:
            self._client.cancel(list(running))

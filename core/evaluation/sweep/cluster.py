"""Computing on the workers of a Dask cluster: one task per group (optional requirement).

A task carries its photos and names its network with its digest; workers need this code and the
same checkpoints, nothing else. Rows come back to the process that asked, which writes them.
When a worker dies, Dask gives its unfinished tasks to another one (three times at most).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.base.cluster import connect
from core.evaluation.sweep.grid import Group
from core.evaluation.sweep.group import compute
from core.evaluation.sweep.photos import Crops
from core.evaluation.sweep.sweep import Finished
from core.results.store import Store
from core.runtime.engine import THREADS, Engine
from core.runtime.session import Lab
from core.zoo import checkpoints

TASKS_PER_THREAD = 3
"""Tasks handed to the scheduler for each worker thread: enough that none waits."""


@lru_cache(maxsize=1)
def _lab(device: str, threads: int | None, folder: str | None) -> Lab:
    """One per worker process."""
    return Lab(Engine(device, threads=threads or THREADS), Path(folder) if folder else checkpoints.FOLDER)


def _resolve(where: tuple[str, int | None, str | None], precision: str) -> tuple[str, str]:
    engine = _lab(*where).engine
    return engine.device, engine.resolve(precision)


def _task(
    group: Group, pictures: np.ndarray, where: tuple[str, int | None, str | None]
) -> tuple[pd.DataFrame, float]:
    started = time.perf_counter()
    rows = compute(group, torch.from_numpy(pictures), _lab(*where))
    return rows, time.perf_counter() - started


class Cluster:
    """Computes groups on a cluster's workers; see :class:`core.evaluation.sweep.sweep.Executor`.

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

    def compute(self, todo: Sequence[tuple[Group, Crops]], store: Store) -> Iterator[Finished]:
        """Keep every worker busy, and store each group's rows as they come."""
        from dask.distributed import as_completed

        waiting = iter(todo)
        running: dict[Any, Group] = {}
        arriving = as_completed([], loop=self._client.loop)

        def submit_next() -> None:
            for group, crops in waiting:
                pictures = crops.of(group.images).numpy()
                future = self._client.submit(_task, group, pictures, self._where, key=group.name)
                running[future] = group
                arriving.add(future)
                return

        for _ in range(TASKS_PER_THREAD * max(1, sum(self._client.nthreads().values()))):
            submit_next()
        try:
            for future in arriving:
                rows, seconds = future.result()
                group = running.pop(future)
                store.put(group.name, rows)
                yield Finished(group, seconds)
                submit_next()
        finally:
            self._client.cancel(list(running))

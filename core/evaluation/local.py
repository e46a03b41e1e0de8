"""Computing jobs in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from core.evaluation.rows import rows_of
from core.evaluation.work import Data, Work
from core.results.store import Store
from core.runtime.session import Lab


class Local:
    """Computes jobs one after the other; see :class:`core.evaluation.driver.Executor`."""

    def __init__(self, lab: Lab, precision: str = "auto") -> None:
        self.lab = lab
        self.device = lab.engine.device
        self.precision = lab.engine.resolve(precision)

    def close(self) -> None:
        """Nothing to leave."""

    def compute(self, todo: Sequence[Work], photos: Data, store: Store) -> Iterator[tuple[Work, float]]:
        """Compute what nobody else has claimed, then wait for the others."""
        by_name = {job.name: job for job in todo}
        for name in store.turns(list(by_name)):
            job = by_name[name]
            if store.holds(name, job.keys):
                yield job, 0.0
                continue
            started = time.perf_counter()
            store.put(name, rows_of(job, photos.of(job.wanted), self.lab))
            yield job, time.perf_counter() - started

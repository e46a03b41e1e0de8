"""Computing groups in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from core.evaluation.sweep.grid import Group
from core.evaluation.sweep.group import compute
from core.evaluation.sweep.photos import Crops
from core.evaluation.sweep.sweep import Finished
from core.results.store import Store
from core.runtime.session import Lab


class Local:
    """Computes groups one after the other; see :class:`core.evaluation.sweep.sweep.Executor`."""

    def __init__(self, lab: Lab, precision: str = "auto") -> None:
        self.lab = lab
        self.device = lab.engine.device
        self.precision = lab.engine.resolve(precision)

    def close(self) -> None:
        """Nothing to leave."""

    def compute(self, todo: Sequence[tuple[Group, Crops]], store: Store) -> Iterator[Finished]:
        """Compute what nobody else has claimed, then wait for the others."""
        by_name = {group.name: (group, crops) for group, crops in todo}
        for name in store.turns(list(by_name)):
            group, crops = by_name[name]
            if store.holds(name, group.keys()):
                yield Finished(group, 0.0)
                continue
            started = time.perf_counter()
            store.put(name, compute(group, crops.of(group.images), self.lab))
            yield Finished(group, time.perf_counter() - started)

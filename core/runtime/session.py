"""What runs share: an engine, loaded networks, and a bounded memory of finished parts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import torch

from core.base.progress import Progress
from core.problems.names import ELSEWHERE
from core.problems.scenario import Scenario
from core.runtime.engine import THREADS, WAITING, Engine, Estimator
from core.zoo import checkpoints, registry

Report = TypeVar("Report")
Result = TypeVar("Result")

MEMORY_BYTES = 256 * 2**20


class Memory:
    """Least-recently-used memory of finished parts, bounded in bytes; safe between threads.

    Keys are tuples of digests and settings, never pictures.
    """

    def __init__(self, limit: int = MEMORY_BYTES) -> None:
        self.limit = limit
        self.bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of ``size`` bytes, forgetting the oldest ones beyond the limit."""
        with self._lock:
            if key in self._entries:
                self.bytes -= self._entries.pop(key)[1]
            self._entries[key] = (value, size)
            self.bytes += size
            while self.bytes > self.limit and len(self._entries) > 1:
                _, (_, freed) = self._entries.popitem(last=False)
                self.bytes -= freed


Work = Callable[..., Generator[Any, None, Any]]
"""A work on a scenario: a function of a lab, the scenario and what else it is told."""


def key_of(work: Work, scenario: Scenario, *told: Any) -> tuple[Hashable, ...]:
    """What is asked for; photos are named by their digests."""
    return (work.__qualname__, scenario, *(getattr(each, "digest", each) for each in told))


@dataclass
class _Asked:
    """A work that somebody does now: how many ask for it, how far it is, and what it came to."""

    doing: threading.Lock = field(default_factory=threading.Lock)
    by: int = 0
    report: Any = None
    found: Any = None


@dataclass
class Lab:
    """An engine, a folder of checkpoints and a memory; one per process serves everybody.

    Networks that are not in ``folder`` are looked for as :mod:`core.zoo.registry` says.

    Attributes:
        elsewhere: carries out the works in place of the engine (:class:`core.runtime.remote.Remote`).
    """

    engine: Engine = field(default_factory=Engine)
    folder: Path = field(default_factory=lambda: checkpoints.FOLDER)
    memory: Memory = field(default_factory=Memory)
    elsewhere: Work | None = None

    def __post_init__(self) -> None:
        self._asked: dict[Hashable, _Asked] = {}
        self._guard = threading.Lock()

    def drive(
        self, work: Callable[..., Generator[Report, None, Result]], scenario: Scenario, *told: Any
    ) -> Generator[Report | Progress, None, Result]:
        """Carry out a work on a scenario, once for all who ask for it at the same time.

        The others are told how far it is, and then have the same result. If the one who does it leaves, the
        next goes on from what is finished, which is in the memory.
        """
        key = key_of(work, scenario, *told)
        with self._guard:
            asked = self._asked.setdefault(key, _Asked())
            asked.by += 1
        try:
            while not asked.doing.acquire(timeout=WAITING):
                yield asked.report or Progress("waiting for the same view", 0.0)
            steps = (self.elsewhere or _here)(self, work, scenario, *told)
            try:
                while asked.found is None:
                    try:
                        asked.report = next(steps)
                    except StopIteration as stop:
                        asked.found = stop.value
                    else:
                        yield asked.report
                found: Result = asked.found
                return found
            finally:
                steps.close()
                asked.doing.release()
        finally:
            with self._guard:
                asked.by -= 1
                if not asked.by:
                    del self._asked[key]

    def network(self, name: str, precision: str) -> tuple[Estimator, str]:
        """A ready network and its checkpoint digest, loaded once per digest.

        Raises:
            UserError: see :func:`core.zoo.registry.load`.
        """
        metadata = registry.describe(name, self.folder)
        if metadata.objective == ELSEWHERE:  # their layers may not know another number format
            precision = "float32"
        key = ("network", metadata.problem, metadata.digest, precision)
        found: Estimator | None = self.memory.get(key)
        if found is None:
            module, _ = registry.load(name, self.folder, self.engine.device)
            found = self.engine.prepare(module, precision)
            # Float32 weights and, at most, a bfloat16 copy, of a file that has float16 ones.
            self.memory.put(key, found, 3 * registry.size(name, self.folder))
        return found, metadata.digest


def _here(lab: Lab, work: Work, *told: Any) -> Generator[Any, None, Any]:
    while True:
        try:
            return (yield from lab.engine.drive(work(lab, *told)))
        except (
            torch.OutOfMemoryError
        ):  # what is finished is in the memory, and no figure depends on the chunk
            lab.engine.halve()
            yield Progress("the device's memory was full, going on with half as many pictures at once", 0.0)


@lru_cache(maxsize=1)
def of_worker(device: str, threads: int | None, folder: str | None) -> Lab:
    """The one of a cluster's worker process."""
    return Lab(Engine(device, threads=threads or THREADS), Path(folder) if folder else checkpoints.FOLDER)

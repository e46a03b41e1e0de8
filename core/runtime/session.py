"""What runs share: an engine, loaded networks, and a bounded memory of finished parts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.problems.names import ELSEWHERE
from core.runtime.engine import Engine, Estimator
from core.zoo import checkpoints, registry

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


@dataclass
class Lab:
    """An engine, a folder of checkpoints and a memory; one per process serves everybody.

    Networks that are not in ``folder`` are looked for as :mod:`core.zoo.registry` says.
    """

    engine: Engine = field(default_factory=Engine)
    folder: Path = field(default_factory=lambda: checkpoints.FOLDER)
    memory: Memory = field(default_factory=Memory)

    def network(self, name: str, precision: str) -> tuple[Estimator, str]:
        """A ready network and its checkpoint digest, loaded once per digest.

        Raises:
            UserError: see :func:`core.zoo.registry.load`.
        """
        path = registry.locate(name, self.folder)
        metadata = registry.describe(name, self.folder)
        if metadata.objective == ELSEWHERE:  # their layers may not know another number format
            precision = "float32"
        key = ("network", metadata.problem, metadata.digest, precision)
        found: Estimator | None = self.memory.get(key)
        if found is None:
            module, _ = registry.load(name, self.folder, self.engine.device)
            found = self.engine.prepare(module, precision)
            # Float32 weights and, at most, a bfloat16 copy, of a file that has float16 ones.
            self.memory.put(key, found, 3 * path.stat().st_size)
        return found, metadata.digest

"""Works on scenarios carried out by a Dask cluster (optional requirement) instead of this process.

Each is one task, whose reports come back while it runs. The photo travels with it; networks are named with
their digests, so workers need this code and the same checkpoints. When a worker dies, Dask gives its tasks to
another one (three times at most). Results are remembered here: which worker has them in memory is chance.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from core.base.cluster import connect
from core.base.errors import UserError
from core.base.progress import Progress, finish
from core.problems.scenario import Scenario
from core.runtime.engine import WAITING
from core.runtime.session import Lab, Work, key_of, of_worker
from core.zoo import registry


class Remote:
    """The cluster whose scheduler has this address, as :attr:`core.runtime.session.Lab.elsewhere`.

    Args:
        address: ``tcp://…``.
        device: of each worker, see :func:`core.runtime.engine.choose_device`.
        folder: checkpoints on the workers; their own default if None.

    Raises:
        UserError: if Dask is not installed, or nothing answers there.
    """

    def __init__(self, address: str, device: str = "auto", folder: str | None = None) -> None:
        self._client, self._where = connect(address), (device, None, folder)
        self._address, self._topic = address, f"lab-{uuid4().hex}"
        self._told: dict[str, SimpleQueue[bytes]] = {}  # by task, in the order of submission
        self._client.subscribe_topic(self._topic, self._hear)

    @staticmethod
    def _unpacked(sent: bytes) -> Any:
        """What a worker packed, by Dask's own means: a cluster's machines trust each other as it does."""
        from distributed.protocol.serialize import deserialize_bytes

        return deserialize_bytes(sent)

    def _hear(self, event: tuple[Any, tuple[str, bytes]]) -> None:
        name, report = event[1]
        if name in self._told:
            self._told[name].put(report)

    def __call__(self, lab: Lab, work: Work, scenario: Scenario, *told: Any) -> Generator[Any, None, Any]:
        """Yield a work's reports as they come, and return its result. Closing it has the worker stop.

        Raises:
            UserError: what the work raises; or if the cluster loses it.
        """
        digests = {name: registry.describe(name, lab.folder).digest for name in scenario.networks}
        key = ("elsewhere", *key_of(work, scenario, *told), *digests.values())
        if (found := lab.memory.get(key)) is None:
            found = yield from self._carried_out(work, digests, scenario, told)
            lab.memory.put(key, found, len(found))
        return self._unpacked(found)

    def _carried_out(self, work: Work, *task: Any) -> Generator[Any, None, bytes]:
        name = f"{work.__name__}-{uuid4().hex}"
        reports = self._told[name] = SimpleQueue()
        future = self._client.submit(_task, self._where, self._topic, work, *task, key=name, pure=False)
        last: Any = None
        try:
            while not future.done():
                with suppress(Empty):
                    last = self._unpacked(reports.get(timeout=WAITING))
                yield last or Progress(self._place(name), 0.0)
            return self._result(future)
        finally:
            future.cancel()
            del self._told[name]

    def _place(self, name: str) -> str:
        before = list(self._told).index(name) + 1 - sum(self._client.nthreads().values())
        return f"{before} before you" if before > 0 else "waiting for a worker"

    def _result(self, future: Any) -> bytes:
        try:
            found: bytes = future.result()
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"The cluster at {self._address} did not carry this out ({type(error).__name__}): see the "
                "scheduler's log, or start the app without LAB_CLUSTER."
            ) from error
        return found


def _task(
    where: tuple[str, int | None, str | None], topic: str, work: Work, digests: dict[str, str],
    scenario: Scenario, told: tuple[Any, ...],
) -> bytes:  # fmt: skip
    """What a worker does: stops at the next report once nobody waits for it any more."""
    from dask.distributed import get_worker
    from distributed.protocol.serialize import serialize_bytes

    lab, worker = of_worker(*where), get_worker()
    name, sent = worker.get_current_task(), 0.0
    for network, digest in digests.items():
        if registry.describe(network, lab.folder).digest != digest:
            raise UserError(f"A worker has another network {network}: copy the same checkpoints to it.")

    def report(progress: Any) -> None:
        nonlocal sent
        task = worker.state.tasks.get(name)
        if task is None or task.state == "cancelled":
            raise InterruptedError("nobody waits for it")
        if time.monotonic() - sent > WAITING:
            sent = time.monotonic()
            worker.log_event(topic, (name, serialize_bytes(progress)))

    with closing(lab.drive(work, scenario, *told)) as steps:
        found: bytes = serialize_bytes(finish(steps, report))
    return found

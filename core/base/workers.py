"""Independent work on workers of one thread each, and never a team of threads for one operation.

OpenMP splits every operation among a team whose threads spin while they wait for each other. As
soon as other programs use the cores, each of the thousands of waits of an attack takes a time
slice: measured on two cores, twenty to forty times as long. Workers of one thread share *separate*
pieces of work (draws, photos, attacks on several networks), so they wait once a piece.

How work is cut never depends on how many workers there are, so neither do results.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import torch

Item = TypeVar("Item")
Report = TypeVar("Report")
Result = TypeVar("Result")

TURN = 0.05
"""Seconds between the reports of :func:`side_by_side`."""

_thread = threading.local()


class Workers:
    """A pool of threads that compute alone; whoever calls from outside waits for them.

    Args:
        count: how many, at least 1.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._pool = ThreadPoolExecutor(self.count, "worker", initializer=self._begin)
        # No other thread of the process makes a team either.
        torch.set_num_threads(1)

    def _begin(self) -> None:
        _thread.workers = self
        torch.set_num_threads(1)

    def do(self, work: Callable[[], Result]) -> Result:
        """Run ``work`` on a worker and return its result, or raise its exception."""
        if _current() is self:
            return work()
        return self._pool.submit(work).result()

    def begin(self, task: _Task[Result]) -> None:
        """Have a worker run the task as soon as one is free, if nobody has begun it by then."""
        self._pool.submit(task.run)


class _Task(Generic[Result]):
    """One call that whoever comes first carries out, in the gradient mode of who made it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work, self._gradients = work, torch.is_grad_enabled()
        self._begun, self._done = threading.Lock(), threading.Event()
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Carry it out; False if somebody has begun it before."""
        if not self._begun.acquire(blocking=False):
            return False
        try:
            with torch.set_grad_enabled(self._gradients):
                self._result = self._work()
        except BaseException as error:
            self._error = error
        self._done.set()
        return True

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def result(self) -> Result:
        """Its result, waited for, or its exception."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result

    def drop(self) -> None:
        """Make sure that it does not run from now on."""
        if self._begun.acquire(blocking=False):
            self._done.set()
        self._done.wait()


def _current() -> Workers | None:
    found: Workers | None = getattr(_thread, "workers", None)
    return found


def stream(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """``map(function, items)``, computed a little ahead by the workers of this thread's pool.

    Who takes the results computes too while the next one is not there. On a thread that is no
    worker nothing is computed ahead. ``function`` has the caller's gradient mode.
    """
    workers = _current()
    if workers is None or workers.count == 1:
        yield from map(function, items)
        return
    coming = iter(items)
    ahead: deque[_Task[Result]] = deque()
    try:
        while True:
            while len(ahead) < 2 * workers.count and (item := next(coming, _END)) is not _END:
                ahead.append(_Task(lambda item=item: function(item)))  # type: ignore[misc]
                workers.begin(ahead[-1])
            if not ahead:
                return
            first = ahead[0]
            while not first.done and any(task.run() for task in ahead):
                pass
            yield first.result()
            ahead.popleft()
    finally:
        for task in ahead:
            task.drop()


_END = object()


def spread(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """``[function(item) for item in items]``, shared as by :func:`stream`."""
    if len(items) == 1:
        return [function(items[0])]
    return list(stream(function, items))


def in_turn(
    walks: Sequence[Generator[Report, None, Result]],
) -> Generator[Report, None, list[Result]]:
    """Take several generators to their ends one after the other; reports and results as of
    :func:`side_by_side`."""
    results = []
    for walk in walks:
        results.append((yield from walk))
    return results


def side_by_side(
    walks: Sequence[Generator[Report, None, Result]],
) -> Generator[Report, None, list[Result]]:
    """Take the steps of several generators together, each walk on one worker at a time.

    Yields every report, and returns the results in the order of ``walks``. Closing it closes them.
    """
    results: dict[int, Result] = {}
    waiting = deque(enumerate(walks))

    def turn(_: int) -> list[Report]:
        """Steps of whichever walk waits, for a while."""
        reports = []
        end = time.monotonic() + TURN
        while waiting and time.monotonic() < end:
            try:
                place, walk = waiting.popleft()
            except IndexError:  # another worker was faster
                break
            try:
                reports.append(next(walk))
            except StopIteration as stop:
                results[place] = stop.value
            else:
                waiting.append((place, walk))
        return reports

    try:
        while waiting:
            workers = _current()
            width = min(len(waiting), workers.count if workers else 1)
            for reports in spread(turn, range(width)):
                yield from reports
    finally:
        for walk in walks:
            walk.close()
    return [results[place] for place in range(len(walks))]

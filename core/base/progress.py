"""Long work that reports how far it is: generators of :class:`Progress`, and a meter for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """What is being done, and how far the whole run is (0 to 1).

    Attributes:
        known: what the run will come to, as far as it can be shown already; None where it cannot.
    """

    stage: str
    fraction: float
    known: Any = None


@dataclass(frozen=True)
class PartDone:
    """Parts done of all of a resumable evaluation or training, and what was done last."""

    done: int
    parts: int
    what: str


def finish(work: Generator[Step, None, Result], report: Callable[[Step], None] | None = None) -> Result:
    """Take all steps of a run, and return its result."""
    while True:
        try:
            step = next(work)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        if report is not None:
            report(step)


def retold(
    work: Generator[Step, None, Result], told: Callable[[Step], Progress]
) -> Generator[Progress, None, Result]:
    """A part of a run, whose steps are reported as the whole run says them."""
    while True:
        try:
            step = next(work)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        yield told(step)


class Meter:
    """The clock of a run's stages and the share of its work that is done.

    Args:
        work: how much there is to do, in any unit.
    """

    def __init__(self, work: float) -> None:
        self.work, self._done, self._furthest = max(work, 1e-9), 0.0, 0.0
        self._seconds = {"attack": 0.0, "smoothing": 0.0, "total": 0.0}

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds spent in attacks, in smoothing and in all, to a tenth of a millisecond."""
        return {name: round(value, 4) for name, value in self._seconds.items()}

    def advance(self, amount: float) -> None:
        """Count work as done, in the unit of ``work``."""
        self._done += amount

    def progress(self, stage: str) -> Progress:
        """How far the run is; ``stage`` says what it does now."""
        return Progress(stage, min(1.0, self._done / self.work))

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Count the time of a block; what a generator's user does between its steps counts too."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] += time.perf_counter() - started

    def stepping(
        self, stage: str, walk: Generator[Step, None, Result] | Iterator[Step]
    ) -> Generator[Step, None, Result]:
        """Take a walk's steps and count their time alone, not what is done between them.

        Progress of walks side by side never goes back.
        """
        while True:
            with self.timing(stage):
                try:
                    step = next(walk)
                except StopIteration as stop:
                    result: Result = stop.value
                    return result
            if isinstance(step, Progress):
                self._furthest = max(self._furthest, step.fraction)
                step = replace(step, fraction=self._furthest)
            yield step

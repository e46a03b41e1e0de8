"""Work shared among workers: order, errors, gradient modes, cancelling, fairness."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest
import torch

from core.base.workers import Workers, side_by_side, spread, stream


@pytest.fixture(params=[1, 2, 4])
def workers(request: pytest.FixtureRequest) -> Workers:
    return Workers(request.param)


def test_results_come_in_order_whoever_is_faster(workers: Workers) -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0.0)
        return number * number

    found = workers.do(lambda: list(stream(slow_first, range(30))))
    assert found == [number * number for number in range(30)]
    assert list(stream(slow_first, range(3))) == [0, 1, 4], "on a thread that is no worker"


def test_work_really_is_shared() -> None:
    """Two workers must be inside at once, or the barrier breaks."""
    both = threading.Barrier(2, timeout=10)
    assert Workers(2).do(lambda: spread(lambda _: both.wait() >= 0, range(2))) == [True, True]


def test_little_is_computed_ahead() -> None:
    """A long stream must not fill the memory with results that nobody has taken yet."""
    begun: list[int] = []

    def take_five() -> None:
        results = stream(lambda number: begun.append(number), range(1000))
        for _ in range(5):
            next(results)
        results.close()

    Workers(2).do(take_five)
    assert len(begun) <= 5 + 4 + 2


def test_an_error_comes_back_and_nothing_runs_on(workers: Workers) -> None:
    done: list[int] = []

    def fail(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        time.sleep(0.001)
        done.append(number)

    with pytest.raises(ValueError, match="three"):
        workers.do(lambda: spread(fail, range(100)))
    count = len(done)
    time.sleep(0.05)
    assert len(done) == count < 20


def test_nested_work_neither_waits_for_ever_nor_mixes_up(workers: Workers) -> None:
    def inner(number: int) -> int:
        return sum(spread(lambda other: number * other, range(6)))

    assert workers.do(lambda: spread(inner, range(9))) == [15 * number for number in range(9)]


def test_the_callers_gradient_mode_holds_on_every_worker() -> None:
    pair = Workers(2)

    def modes() -> list[bool]:
        return spread(lambda _: (time.sleep(0.005), torch.is_grad_enabled())[1], range(8))

    assert set(pair.do(modes)) == {True}
    with torch.no_grad():
        assert set(modes()) == {False}
    assert set(pair.do(lambda: torch.no_grad()(modes)())) == {False}
    assert pair.do(torch.is_grad_enabled), "a worker keeps the mode of its last task"


def _counting(upto: int, closed: list[int]) -> Generator[int, None, str]:
    try:
        yield from range(upto)
        return f"counted to {upto}"
    finally:
        closed.append(upto)


def test_walks_go_side_by_side_and_return_in_order(workers: Workers) -> None:
    closed: list[int] = []

    def drive() -> tuple[list[int], list[str]]:
        reports = []
        walk = side_by_side([_counting(upto, closed) for upto in (3, 0, 5)])
        while True:
            try:
                reports.append(next(walk))
            except StopIteration as stop:
                return reports, stop.value

    reports, results = workers.do(drive)
    assert sorted(reports) == sorted([*range(3), *range(5)])
    assert results == ["counted to 3", "counted to 0", "counted to 5"]


def test_closing_closes_every_walk() -> None:
    closed: list[int] = []

    def begin_and_close() -> None:
        walk = side_by_side([_counting(10**9, closed), _counting(10**9 + 1, closed)])
        next(walk)
        walk.close()

    Workers(2).do(begin_and_close)
    assert sorted(closed) == [10**9, 10**9 + 1]

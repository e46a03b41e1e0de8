"""The order of works that share a device, with a clock of their own steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest

from core.base.progress import Progress, finish
from core.runtime import turns
from core.runtime.engine import Engine
from core.runtime.turns import Turns


def begins(ticket: turns.Ticket) -> bool:
    return ticket.wait(0.0)


def test_the_first_goes_on_until_it_is_done() -> None:
    shared = Turns()
    first, second = shared.arrive(), shared.arrive()
    assert begins(first)
    assert not begins(second)
    first.stepped(0.5)
    assert not begins(second), "the turn is kept between two steps"
    assert begins(first)
    first.stepped(0.5)
    with first:
        pass
    assert begins(second)


def test_short_work_passes_long_work() -> None:
    shared = Turns()
    long = shared.arrive()
    assert begins(long)
    short = shared.arrive()
    long.stepped(turns.SHORT + 1)
    assert begins(short)
    short.stepped(0.1)
    assert not begins(long)


def test_who_does_not_use_a_turn_does_not_hold_it() -> None:
    shared = Turns()
    idle, busy = shared.arrive(), shared.arrive()
    assert begins(idle)
    idle.stepped(0.1)
    started = time.monotonic()
    assert busy.wait(5.0)
    assert turns.GRACE / 2 < time.monotonic() - started < 2.0


def test_as_many_compute_at_once_as_there_is_room_for() -> None:
    shared = Turns(width=2)
    three = [shared.arrive() for _ in range(3)]
    assert [begins(ticket) for ticket in three] == [True, True, False]


def test_everyone_hears_how_many_go_before_and_how_long() -> None:
    shared = Turns()
    with shared.arrive() as done:
        done.wait(0.0)
        done.stepped(2.0)
    first, second, third = (shared.arrive() for _ in range(3))
    assert begins(first)
    first.stepped(0.5)
    assert second.said == "1 before you, about 2 s"
    assert third.said == "2 before you, about 4 s"
    assert Turns().arrive().said == "0 before you"


def test_sessions_that_come_together_end_one_after_the_other() -> None:
    """In turn, step by step, all would end with the last one."""
    engine, ends = Engine("cpu", "float32", threads=1), {}
    reports: dict[int, list[str]] = {}

    def work() -> Generator[Progress, None, None]:
        for _ in range(5):
            time.sleep(0.02)
            yield Progress("working", 0.5)

    def session(number: int) -> None:
        finish(engine.drive(work()), lambda progress: reports.setdefault(number, []).append(progress.stage))
        ends[number] = time.monotonic()

    started = time.monotonic()
    threads = [threading.Thread(target=session, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    taken = sorted(end - started for end in ends.values())
    assert sum(taken) / len(taken) < 0.75 * taken[-1]
    assert any("before you" in stage for stage in reports[5])


def test_a_work_that_is_cancelled_while_it_waits_lets_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "GRACE", 60.0)
    engine = Engine("cpu", "float32", threads=1)
    closed = []

    def work(name: str) -> Generator[Progress, None, str]:
        try:
            yield Progress("working", 0.5)
        finally:
            closed.append(name)
        return name

    first, second = engine.drive(work("first")), engine.drive(work("second"))
    next(first)
    assert "before you" in next(second).stage
    second.close()
    assert finish(first) == "first"
    assert closed == ["first"]

"""Runs of a live view: progress that one can see, and stop by moving a slider; rows made once."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.progress import Progress, finish

Result = TypeVar("Result")
LONG = 15.0
"""Seconds of work that one may want to stop."""


def shown(work: Generator[Progress, None, Result], *, key: str) -> tuple[Result, DeltaGenerator]:
    """Finish a run under a progress bar; the bar's place, free again, comes with the result.

    Args:
        work: the run. A newer script of the session ends this one at its next report.
        key: of the container around the bar, for its style.
    """
    with st.container(key=key):
        place = st.empty()
    drawn, begun, last = 0.0, time.monotonic(), Progress("", 0.0)

    def report(progress: Progress) -> None:
        nonlocal drawn, last
        stop_if_outdated()
        # At most ten times a second, since drawing the bar takes the browser's time, and only what is new:
        # many who wait would take the time of whoever computes.
        if progress != last and time.monotonic() - drawn > 0.1:
            drawn, last, done = time.monotonic(), progress, min(1.0, progress.fraction)
            text = f"{progress.stage.capitalize()} …{left(drawn - begun, done)}"
            place.progress(done, text=text)

    return finish(work, report), place


def left(spent: float, done: float) -> str:
    """About how many seconds of work are left, once there is something to judge by; of many, how to stop it.

    >>> left(3.0, 0.25), left(0.2, 0.5), left(5.0, 0.0)
    (' about 9 s left', '', '')
    >>> left(10.0, 0.25)
    ' about 30 s left; to stop it, change any control'
    """
    if spent <= 1 or done <= 0.05:
        return ""
    seconds = spent * (1 - done) / done
    return f" about {seconds:.0f} s left{'; to stop it, change any control' * (seconds > LONG)}"


def quietly(work: Generator[Progress, None, Result]) -> Result:
    """Finish a run without a bar; a newer script of the session ends it too."""
    return finish(work, lambda progress: stop_if_outdated())


def stop_if_outdated() -> None:
    """Any touch of the session's state is where Streamlit stops an outdated script."""
    st.session_state.get("live_run.step")


def once(key: str, wanted: object, make: Callable[[], Result]) -> Result:
    """What ``make`` gave for ``wanted``; the session keeps the last under ``key``.

    A gesture that changes nothing of it then costs nothing.
    """
    made = st.session_state.get(key)
    if made is None or made[0] != wanted:
        made = (wanted, make())
        st.session_state[key] = made
    result: Result = made[1]
    return result

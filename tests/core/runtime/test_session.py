"""What is asked for by many at once is computed once."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.base.errors import UserError
from core.base.progress import Progress, finish
from core.problems.inpainting import INPAINTING
from core.problems.scenario import Scenario
from core.runtime.engine import Engine
from core.runtime.session import Lab

VIEW = INPAINTING.scenario()


def test_many_who_ask_for_one_view_share_one_computation() -> None:
    lab, begun, others, heard = Lab(Engine("cpu", "float32", threads=1)), [], threading.Semaphore(0), []

    def work(lab: Lab, scenario: Scenario, image: str) -> Generator[Progress, None, object]:
        begun.append(image)
        yield Progress("half", 0.5)
        others.acquire()  # until somebody else was told
        return object()

    def session(image: str) -> object:
        def report(progress: Progress) -> None:
            heard.append(progress.stage)
            if heard.count("half") > 1:
                others.release()

        return finish(lab.drive(work, VIEW, image), report)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(session, ["same"] * 3))
    assert begun == ["same"]
    assert len(set(map(id, found))) == 1
    others.release()
    others.release()
    assert session("another") is not found[0]
    assert begun == ["same", "another"]


def test_if_the_first_leaves_the_next_does_it() -> None:
    lab, begun = Lab(Engine("cpu", "float32", threads=1)), []

    def work(lab: Lab, scenario: Scenario) -> Generator[Progress, None, int]:
        begun.append(threading.get_ident())
        yield Progress("half", 0.5)
        return len(begun)

    first, second = (lab.drive(work, VIEW) for _ in range(2))
    assert next(first).stage == "half"
    assert next(second).stage == "half", "it hears of the first"
    assert len(begun) == 1
    first.close()
    assert finish(second) == 2


def test_out_of_memory_the_work_goes_on_with_half_as_many_pictures_at_once() -> None:
    lab = Lab(Engine("cpu", "float32", threads=1))
    lab.engine.chunk, said = 8, []

    def work(lab: Lab, scenario: Scenario) -> Generator[Progress, None, int]:
        yield Progress("begun", 0.5)
        if lab.engine.chunk > room:
            raise torch.OutOfMemoryError
        return lab.engine.chunk

    room = 3
    assert finish(lab.drive(work, VIEW), lambda progress: said.append(progress.stage)) == 2
    assert sum("memory was full" in stage for stage in said) == 2
    assert finish(lab.drive(work, VIEW.replace(seed=1))) == 2, "later works begin with what fits"
    room = 0
    with pytest.raises(UserError, match="no picture of this size"):
        finish(lab.drive(work, VIEW))

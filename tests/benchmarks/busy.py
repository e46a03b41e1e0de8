"""How much slower a view gets on a machine with other work: ``python -m tests.benchmarks.busy``.

Everything in one run, in turn: the Live lab's default view alone, beside one busy loop a core, and four
sessions at once that each ask for another view; and six attacks, by workers of one thread and by the
usual teams of threads. Read the ratios: seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import torch

from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.progress import finish
from core.base.workers import side_by_side
from core.experiment.run import run
from core.pictures import units
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.runtime.engine import THREADS, Engine
from core.runtime.session import Lab

VIEW = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"))
ATTACKED = ("sr-x2-std", "sr-x2-adv-0.02", "sr-x2-rs-0.10") * 2


def _spin() -> None:
    while True:
        pass


@contextmanager
def _beside(loops: int) -> Iterator[None]:
    """Busy loops of other processes."""
    others = [multiprocessing.get_context("spawn").Process(target=_spin, daemon=True) for _ in range(loops)]
    for other in others:
        other.start()
    try:
        if others:
            time.sleep(2.0)  # until they really spin
        yield
    finally:
        for other in others:
            other.kill()


def _median(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        work()
        if number:
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _attacks(teams: bool) -> Callable[[], object]:
    """Six attacks of ten steps; with teams one after the other, every operation on all cores."""
    engine = Engine("cpu", "float32", threads=1 if teams else THREADS)
    lab = Lab(engine)
    generator = torch.Generator().manual_seed(0)
    y, x = (torch.randn(1, 3, 160, 160, generator=generator) for _ in range(2))
    radius = units.radius(0.02, y.numel())
    objectives = [BaseError(lab.network(name, "float32")[0].fast, x) for name in ATTACKED]

    def walk(objective: BaseError) -> Iterator[Iterate]:
        yield from ATTACKS["pgd"].iterates(objective, y, Terms(radius, seeds=ATTACKS["pgd"].seeds(0)))

    if teams:
        torch.set_num_threads(THREADS)
        return lambda: [list(walk(objective)) for objective in objectives]
    return lambda: engine.do(lambda: list(side_by_side([walk(objective) for objective in objectives])))


def _views(rounds: int) -> dict[str, float]:
    lab, seeds = Lab(Engine("cpu")), count()

    def view() -> object:
        return finish(run(VIEW.replace(seed=next(seeds)), lab))

    def four() -> object:
        with ThreadPoolExecutor(4) as sessions:
            return list(sessions.map(lambda _: view(), range(4)))

    found = {"one": _median(view, rounds), "four": _median(four, max(1, rounds // 2))}
    with _beside(THREADS):
        found["busy"] = _median(view, rounds)
    return found


def _six(teams: bool, rounds: int) -> dict[str, float]:
    work = _attacks(teams)
    idle = _median(work, rounds)
    with _beside(THREADS):
        return {"idle": idle, "busy": _median(work, rounds)}


def main() -> None:
    """Run the parts in processes of their own, since torch's number of threads is the process's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=("views", "workers", "teams"))
    given = parser.parse_args()
    if given.part:
        parts = {
            "views": lambda: _views(given.rounds),
            "workers": lambda: _six(False, given.rounds),
            "teams": lambda: _six(True, given.rounds),
        }
        print(json.dumps(parts[given.part]()))
        return
    words = [sys.executable, "-m", "tests.benchmarks.busy", "--rounds", str(given.rounds), "--part"]
    found = {
        part: json.loads(subprocess.run([*words, part], capture_output=True, text=True, check=True).stdout)
        for part in ("views", "workers", "teams")
    }
    views, workers, teams = found["views"], found["workers"], found["teams"]
    print(f"{os.cpu_count()} cores, {THREADS} workers, torch {torch.__version__}; medians of {given.rounds}")
    print(f"a view alone                 {views['one']:.2f} s")
    print(f"  beside {THREADS} busy loops       {views['busy'] / views['one']:.2f}×")
    print(f"  four sessions at once      {views['four'] / views['one']:.2f}×")
    print(f"six attacks, workers         {workers['idle']:.2f} s idle, {workers['busy']:.2f} s busy")
    print(f"six attacks, teams           {teams['idle']:.2f} s idle, {teams['busy']:.2f} s busy")
    print(f"  workers beside teams       {workers['idle'] / teams['idle']:.2f}× idle, "
          f"{workers['busy'] / teams['busy']:.2f}× busy")  # fmt: skip


if __name__ == "__main__":
    main()

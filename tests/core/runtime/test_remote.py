"""Views that a cluster's workers compute: progress, places, a worker that dies, one whose asker leaves."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from core.base.progress import finish
from core.experiment.run import run
from core.problems.inpainting import INPAINTING
from core.problems.scenario import PhotoScenario
from core.runtime.engine import Engine
from core.runtime.session import Lab

VIEWS = [
    INPAINTING.scenario().replace(
        size=64, seed=seed, samples=3, attack="pgd", attack_steps=1, attack_samples=1, precision="float32"
    )
    for seed in range(10)
]


def test_ten_sessions_have_the_local_results_though_a_worker_dies(cluster: object) -> None:
    from core.runtime.remote import Remote

    here = Lab(Engine("cpu", "float32", threads=1))
    there = Lab(here.engine, elsewhere=Remote(cluster.scheduler_address, "cpu"))
    ended, said = threading.Semaphore(0), set()

    def session(view: PhotoScenario) -> dict[str, object]:
        outcome = finish(run(view, there), lambda progress: said.add(progress.stage))
        ended.release()
        return outcome.to_dict()["metrics"]

    with ThreadPoolExecutor(len(VIEWS)) as pool:
        sessions = [pool.submit(session, view) for view in VIEWS]
        for _ in range(3):
            ended.acquire()
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        found = [each.result() for each in sessions]
    assert found == [finish(run(view, here)).to_dict()["metrics"] for view in VIEWS]
    assert any("before you" in stage for stage in said)
    assert any(stage.startswith(("attacking", "smoothing")) for stage in said)

    long = [run(view.replace(samples=100_000), there) for view in VIEWS[:2]]  # as many as there are workers
    for each in long:
        while not next(each).fraction:
            pass
    for each in long:
        each.close()
    assert finish(run(VIEWS[0].replace(seed=99), there)).scenario.seed == 99

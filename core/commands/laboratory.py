"""What long commands share: engine and networks as the options say, and the bar."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from core.base.progress import PartDone, Progress
    from core.evaluation.driver import Executor
    from core.runtime.session import Lab

Result = TypeVar("Result")


def laboratory(device: str, precision: str, threads: int, folder: Path | None) -> Lab:
    """Engine and networks as the options say."""
    from core.runtime.engine import THREADS, Engine
    from core.runtime.session import Lab as Laboratory
    from core.zoo import checkpoints

    return Laboratory(Engine(device, precision, threads or THREADS), folder or checkpoints.FOLDER)


def executor_of(
    cluster: str | None, device: str, precision: str, threads: int, folder: Path | None
) -> Executor:
    """What computes: the process itself, or the workers of a Dask cluster."""
    from core.evaluation.cluster import Cluster
    from core.evaluation.local import Local

    if cluster is not None:
        return Cluster(cluster, device, precision, threads or None, folder)
    return Local(laboratory(device, "auto", threads, folder), precision)


def drive(
    work: Iterator[PartDone],
    what: str | None = None,
    *,
    unit: str = "part",
    done: int = 0,
    quiet: bool = False,
) -> None:
    """Take all steps of an evaluation or a training, with a progress bar.

    Args:
        work: to do.
        what: it is.
        unit: of its parts.
        done: parts that are done already.
        quiet: no bar.
    """
    from tqdm import tqdm

    with tqdm(desc=what, unit=unit, initial=done, unit_scale=True, disable=quiet) as bar:
        for progress in work:
            if progress.done < bar.n:  # the next stage
                bar.reset()
            bar.total = progress.parts
            bar.set_postfix_str(progress.what)
            bar.update(progress.done - bar.n)


def reported(work: Generator[Progress, None, Result], *, quiet: bool = False) -> Result:
    """Finish a run under a bar that says what it does; none where nobody watches, or if it is to be quiet."""
    from tqdm import tqdm

    from core.base.progress import finish

    with tqdm(
        total=100,
        disable=True if quiet else None,
        leave=False,
        bar_format="{desc:<32}{bar}{percentage:3.0f}%",
    ) as bar:

        def report(progress: Progress) -> None:
            bar.set_description(progress.stage)
            bar.update(round(100 * progress.fraction) - bar.n)

        return finish(work, report)

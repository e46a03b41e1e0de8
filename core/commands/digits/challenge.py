"""``python -m core digits challenge``: attack certified digits inside their certified radius."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.digits.evaluate import Data, Device, Folder, Precision, Seed, Threads
from core.commands.laboratory import drive, laboratory
from core.commands.reports import print_notices


def challenge(
    data: Data,
    network: Annotated[str, typer.Option(help="Base network, smoothed with its own σ.")] = "digits-rs-0.50",
    digits: Annotated[int, typer.Option(min=1, help="Certified digits to attack.")] = 60,
    steps: Annotated[int, typer.Option(min=1, help="Steps of PGD.")] = 100,
    restarts: Annotated[int, typer.Option(min=1, help="Random starts, each with noise of its own.")] = 5,
    n: Annotated[int, typer.Option(min=1, help="Votes of a certificate.")] = 10_000,
    alpha: Annotated[float, typer.Option(min=0, max=1, help="Error probability of a certificate.")] = 0.001,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = None,
    folder: Folder = None,
) -> None:
    """PGD against the smoothed classifier in the ball of each digit's certified radius: none may flip.

    Resumable: kill it, and the same line continues.
    """
    from core.digits import challenge as falsification
    from core.digits import data as mnist
    from core.results import notices
    from core.store import Store

    drive(
        falsification.challenge(
            laboratory(device, precision, threads, folder),
            network,
            mnist.evaluation(data),
            Store(falsification.TABLE),
            wanted=digits,
            n=n,
            alpha=alpha,
            steps=steps,
            restarts=restarts,
            seed=seed,
        )
    )
    print_notices(notices(falsification.TABLE, "network"))

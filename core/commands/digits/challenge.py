"""``python -m core digits challenge``: attack certified digits inside their certified radius."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.digits.evaluate import Alpha, Data, Votes
from core.commands.laboratory import drive, laboratory
from core.commands.options import Device, Folder, Precision, Seed, Threads, like, number
from core.commands.reports import print_notices
from core.experiment.digits.scenario import DigitsScenario


def challenge(
    data: Data,
    network: Annotated[str, typer.Option(help="Base network, smoothed with its own σ.")] = "digits-rs-0.50",
    digits: Annotated[int, number("Certified digits to attack.", 1, 1000)] = 60,
    steps: Annotated[int, like(DigitsScenario, "attack_steps", "Steps of PGD.")] = 100,
    restarts: Annotated[int, number("Random starts, each with noise of its own.", 1, 100)] = 5,
    n: Votes = 10_000,
    alpha: Alpha = 0.001,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = 0,
    folder: Folder = None,
) -> None:
    """PGD against the smoothed classifier in the ball of each digit's certified radius: none may flip.

    Resumable: kill it, and the same line continues.
    """
    from core.evaluation.digits import challenge as falsification
    from core.problems.digits import data as mnist
    from core.results.store import Store
    from core.results.summary import notices

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

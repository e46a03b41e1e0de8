"""``python -m core digits evaluate`` and ``certify``: the test digits, into the results store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.laboratory import drive, laboratory
from core.commands.options import Device, Folder, Precision, Seed, Threads, like, number
from core.commands.reports import print_notices
from core.experiment.digits.scenario import DigitsScenario

Data = Annotated[Path, typer.Option(help="Folder with the four MNIST .gz files.")]
Networks = Annotated[
    list[str] | None, typer.Option("--network", help="Networks by name; all six, if none is named.")
]
Count = Annotated[int, number("Test digits of the seeded evaluation set.", 1, 1000)]
Votes = Annotated[int, like(DigitsScenario, "n")]
Alpha = Annotated[float, like(DigitsScenario, "alpha")]


def evaluate(
    data: Data,
    network: Networks = None,
    digits: Count = 500,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = 0,
    folder: Folder = None,
) -> None:
    """Accuracy clean and under attack (one signed step, L∞ PGD, L2 PGD) over a range of radii.

    Resumable: kill it, and the same line continues.
    """
    from core.evaluation.digits import evaluation
    from core.problems.digits import data as mnist
    from core.results.store import Store
    from core.results.summary import notices
    from core.training import recipes

    work = evaluation.evaluate_attacks(
        laboratory(device, precision, threads, folder),
        network or recipes.DIGITS,
        mnist.evaluation(data, digits),
        Store(evaluation.ATTACKS),
        seed=seed,
    )
    drive(work)
    print_notices(notices(evaluation.ATTACKS, "network"))


def certify(
    data: Data,
    network: Networks = None,
    sigma: Annotated[list[float] | None, number("Noise levels; 0.25, 0.5 and 1, if none.", 0.001, 10)] = None,
    digits: Count = 500,
    n0: Annotated[int, like(DigitsScenario, "n0")] = 100,
    n: Votes = 10_000,
    alpha: Alpha = 0.001,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = 0,
    folder: Folder = None,
) -> None:
    """Certify test digits with every base network and noise level (Cohen et al. 2019).

    Resumable: kill it, and the same line continues.
    """
    from core.evaluation.digits import evaluation
    from core.problems.digits import data as mnist
    from core.results.store import Store
    from core.training import recipes

    work = evaluation.evaluate_certificates(
        laboratory(device, precision, threads, folder),
        network or recipes.DIGITS,
        sigma or list(recipes.DIGIT_SIGMAS),
        mnist.evaluation(data, digits),
        Store(evaluation.CERTIFICATES),
        n0=n0,
        n=n,
        alpha=alpha,
        seed=seed,
    )
    drive(work)

"""``python -m core digits evaluate`` and ``certify``: the test digits, into the results store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.laboratory import drive, laboratory
from core.commands.reports import print_notices

Data = Annotated[Path, typer.Option(help="Folder with the four MNIST .gz files.")]
Networks = Annotated[
    list[str] | None, typer.Option("--network", help="Networks by name; all six, if none is named.")
]
Count = Annotated[int, typer.Option(min=1, max=1000, help="Test digits of the seeded evaluation set.")]
Seed = Annotated[int, typer.Option(help="Of attack starts and noise.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")]
Precision = Annotated[
    str, typer.Option(help="Of smoothed classifiers: float32, bfloat16 or auto, which measures.")
]
Threads = Annotated[int | None, typer.Option(help="CPU threads of the engine.")]
Folder = Annotated[Path | None, typer.Option(help="Folder of checkpoints.")]


def evaluate(
    data: Data,
    network: Networks = None,
    digits: Count = 500,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = None,
    folder: Folder = None,
) -> None:
    """Accuracy clean and under attack (one signed step, L∞ PGD, L2 PGD) over a range of radii.

    Resumable: kill it, and the same line continues.
    """
    from core.digits import data as mnist
    from core.digits import evaluation, recipes
    from core.results import notices
    from core.store import Store

    work = evaluation.evaluate_attacks(
        laboratory(device, precision, threads, folder),
        network or recipes.names(),
        mnist.evaluation(data, digits),
        Store(evaluation.ATTACKS),
        seed=seed,
    )
    drive(work)
    print_notices(notices(evaluation.ATTACKS, "network"))


def certify(
    data: Data,
    network: Networks = None,
    sigma: Annotated[list[float] | None, typer.Option(help="Noise levels; 0.25, 0.5 and 1, if none.")] = None,
    digits: Count = 500,
    n0: Annotated[int, typer.Option(min=1, help="Votes that select the class.")] = 100,
    n: Annotated[int, typer.Option(min=1, help="Votes that bound its probability.")] = 10_000,
    alpha: Annotated[float, typer.Option(min=0, max=1, help="Error probability of a certificate.")] = 0.001,
    seed: Seed = 0,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = None,
    folder: Folder = None,
) -> None:
    """Certify test digits with every base network and noise level (Cohen et al. 2019).

    Resumable: kill it, and the same line continues.
    """
    from core.digits import data as mnist
    from core.digits import evaluation, recipes
    from core.store import Store

    work = evaluation.evaluate_certificates(
        laboratory(device, precision, threads, folder),
        network or recipes.names(),
        sigma or list(recipes.SIGMAS),
        mnist.evaluation(data, digits),
        Store(evaluation.CERTIFICATES),
        n0=n0,
        n=n,
        alpha=alpha,
        seed=seed,
    )
    drive(work)

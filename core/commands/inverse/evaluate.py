"""``python -m core inverse evaluate``: networks on test pictures, into the results store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UserError
from core.commands.laboratory import drive, laboratory
from core.commands.options import (
    Device,
    Folder,
    GreyLevels,
    Limit,
    Precision,
    Results,
    Samples,
    Seed,
    Threads,
    like,
    number,
)
from core.commands.reports import print_notices
from core.problems.denoising import DenoisingScenario

Data = Annotated[Path, typer.Option(help="Folder of test pictures, e.g. bsd68 or set11.")]
Setting = Annotated[list[float] | None, number("Values of σ_b (dn, grey levels) or m/n (cs).", 0, 50)]
Size = Annotated[int, like(DenoisingScenario, "size", "Side of the centre crops; multiples of 33 for cs-….")]


def evaluate(
    networks: Annotated[list[str], typer.Argument(help="Networks by name; dn or cs stands for the five.")],
    data: Data,
    limit: Limit = None,
    eps: GreyLevels = None,
    sigma: Annotated[list[float] | None, like(DenoisingScenario, "sigma")] = None,
    setting: Setting = None,
    samples: Samples = 50,
    tables: Annotated[bool, typer.Option(help="Also the scenarios of the paper's Tables 2 and 4.")] = True,
    size: Size = 96,
    seed: Seed = 0,
    results: Results = None,
    folder: Folder = None,
    device: Device = "auto",
    precision: Precision = "auto",
    threads: Threads = 0,
) -> None:
    """PGD on each network, on f alone where it is smoothed; PSNR, SSIM and discrepancy of both.

    Resumable: kill it, and the same line continues.
    """
    from core.evaluation.inverse.evaluation import Pictures
    from core.evaluation.inverse.evaluation import evaluate as work
    from core.evaluation.inverse.grid import jobs
    from core.results.inverse import TABLE
    from core.results.store import RESULTS, Store
    from core.results.summary import notices

    planned = jobs(
        names(networks), epses=eps, sigmas=sigma, settings=setting, samples=samples, tables=tables,
        size=size, seed=seed,
    )  # fmt: skip
    lab = laboratory(device, precision, threads, folder)
    drive(work(lab, planned, Pictures.read(data, limit), Store(TABLE, results or RESULTS)))
    print_notices(notices(TABLE, "network", results))


def names(words: list[str]) -> list[str]:
    """Networks by name, the word dn or cs standing for the five of a problem.

    Raises:
        UserError: if one is not of these problems.
    """
    from core.problems import problem_of
    from core.problems.linear import LinearInverse
    from core.training.inverse_recipes import OBJECTIVES

    found = []
    for word in words:
        found += [f"{word}-{objective}" for objective in OBJECTIVES] if word in ("dn", "cs") else [word]
    for name in found:
        if not isinstance(problem_of(name), LinearInverse):
            raise UserError(f"{name} does not denoise or sense compressively: take dn-ord or cs-ord.")
    return list(dict.fromkeys(found))

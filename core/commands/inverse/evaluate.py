"""``python -m core inverse evaluate``: networks on test pictures, into the results store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.laboratory import drive, laboratory
from core.commands.reports import print_notices

Data = Annotated[Path, typer.Option(help="Folder of test pictures, e.g. bsd68 or set11.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first pictures by file name.")]
Size = Annotated[int, typer.Option(help="Side of the centre crops; multiples of 33 for cs-….")]
Results = Annotated[Path | None, typer.Option(help="Folder of results.")]
Folder = Annotated[Path | None, typer.Option(help="Folder of checkpoints.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads of the engine.")]


def evaluate(
    networks: Annotated[list[str], typer.Argument(help="Networks by name; dn or cs stands for the five.")],
    data: Data,
    limit: Limit = None,
    eps: Annotated[list[float] | None, typer.Option(help="Attack strengths, grey levels RMS.")] = None,
    sigma: Annotated[list[float] | None, typer.Option(help="Smoothing noises, grey levels.")] = None,
    setting: Annotated[
        list[float] | None, typer.Option(help="Values of σ_b (dn, grey levels) or m/n (cs).")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Samples S of each smoothed estimate.")] = 50,
    tables: Annotated[bool, typer.Option(help="Also the scenarios of the paper's Tables 2 and 4.")] = True,
    size: Size = 96,
    seed: Annotated[int, typer.Option(help="Of measurement noise, attack starts and smoothing.")] = 0,
    results: Results = None,
    folder: Folder = None,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="float32, bfloat16 or auto.")] = "auto",
    threads: Threads = None,
) -> None:
    """PGD-10 on each network itself; PSNR, SSIM and discrepancy, smoothed and not.

    Resumable: kill it, and the same line continues.
    """
    from core.inverse.evaluation import Pictures
    from core.inverse.evaluation import evaluate as work
    from core.inverse.grid import TABLE, jobs
    from core.results import notices
    from core.store import RESULTS, Store

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
    from core.inverse.recipes import OBJECTIVES
    from core.inverse.scenario import identity_of

    found = []
    for word in words:
        found += [f"{word}-{objective}" for objective in OBJECTIVES] if word in ("dn", "cs") else [word]
    for name in found:
        identity_of(name)
    return found

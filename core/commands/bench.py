"""``python -m core bench``: what the engine gains, measured beside the plain way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, Device, Results, Samples, SigmaG, number
from core.commands.reports import print_json


def bench(
    checkpoint: Annotated[str, typer.Option(help="Network to time.")] = "sr-x2-rs-0.10",
    photos: Annotated[
        list[str] | None, typer.Option("--image", help="Bundled photos; all, if none is named.")
    ] = None,
    sigma_g: SigmaG = 0.15,
    samples: Samples = 50,
    rounds: Annotated[int, number("Rounds; plain and engine alternate.", 1, 1000)] = 5,
    training: Annotated[
        bool,
        typer.Option(
            help="Time a batch of the paper's five objectives instead, into the store for its Table 3."
        ),
    ] = False,
    results: Results = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Time k-sample smoothing and PGD: one float32 forward at a time against the engine."""
    if training:
        _training(rounds, results)
        return
    from core.evaluation.benchmark import benchmark
    from core.pictures.images import BUNDLED
    from core.runtime.engine import Engine
    from core.runtime.session import Lab

    result = benchmark(
        Lab(Engine(device)),
        checkpoint,
        photos or list(BUNDLED),
        sigma_g=sigma_g,
        samples=samples,
        rounds=rounds,
    )
    if as_json:
        print_json(result)
        return
    typer.echo(f"{result['device']}, {result['threads']} threads, engine in {result['precision']}")
    for task in ("smoothing", "attack"):
        row = result[task]
        typer.echo(
            f"{task:<10} plain {row['plain_seconds']:.3f} s, engine {row['engine_seconds']:.3f} s: "
            f"{row['ratio']:.1f}× faster (medians of {rounds})"
        )
    differences = result["psnr_differences"]
    worst = max(differences, key=lambda name: abs(differences[name]))
    typer.echo(
        f"smoothed PSNR, engine less plain: largest difference {differences[worst]:+.4f} dB "
        f"({worst}) over {len(differences)} photos"
    )


def _training(rounds: int, results: Path | None) -> None:
    from core.base.files import write_atomically
    from core.evaluation.batches import measured
    from core.reports.tables.paper import SECONDS
    from core.results.store import RESULTS

    found = measured(rounds)
    write_atomically((results or RESULTS) / SECONDS, found.to_csv(index=False, float_format="%.4g").encode())
    typer.echo(found.to_string(index=False, float_format="{:.3f}".format))

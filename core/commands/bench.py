"""``python -m core bench``: what the engine gains, measured beside the plain way."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.options import AsJson, Device, Samples, SigmaG, number
from core.commands.reports import print_json


def bench(
    checkpoint: Annotated[str, typer.Option(help="Network to time.")] = "sr-x2-rs-0.10",
    photos: Annotated[
        list[str] | None, typer.Option("--image", help="Bundled photos; all, if none is named.")
    ] = None,
    sigma_g: SigmaG = 0.15,
    samples: Samples = 50,
    rounds: Annotated[int, number("Rounds; plain and engine alternate.", 1, 1000)] = 5,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Time k-sample smoothing and PGD: one float32 forward at a time against the engine."""
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

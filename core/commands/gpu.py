"""``python -m core gpu``: the prepared course for whoever has a GPU for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, Device, number
from core.commands.reports import print_json


def gpu(
    data: Annotated[Path, typer.Option(help="Folder with photos_train, photos_val and photos_test.")],
    out: Annotated[Path, typer.Option(help="Folder of what it writes: gpu.json, checkpoints, results.")],
    minutes: Annotated[float, number("Time for all of it.", 0.01, 10_000)] = 10.0,
    tiny: Annotated[bool, typer.Option(help="A course of a minute, to try it on a CPU.")] = False,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Tests on the GPU, timings, networks at scale, and the strongest attacks, as far as the time goes.

    Every stage is cut to the time left and goes on at the next start with the same folder.
    """
    from core.evaluation import course

    settings = course.tiny(["sr-x2-std"]) if tiny else course.Settings()
    taken = course.Course(out, data, settings, device)
    for said in taken.take(60 * minutes):
        typer.echo(said, err=True)
    if as_json:
        print_json(taken.found)
        return
    typer.echo(f"{out / 'gpu.json'} written")

"""``python -m core inverse curves``: what the page draws over the smoothing noise, as numbers."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from core.commands.options import AsJson, Results, like, number
from core.commands.reports import print_json, print_notices
from core.problems.denoising import DenoisingScenario


def curves(
    problem: Annotated[str, typer.Option(help="denoising or compressed_sensing.")] = "denoising",
    setting: Annotated[float, number("σ_b in grey levels, or m/n.", 0, 50)] = 10.0,
    eps: Annotated[float, like(DenoisingScenario, "eps")] = 5.0,
    samples: Annotated[int, like(DenoisingScenario, "samples")] = 50,
    discrepancy: Annotated[
        str, typer.Option(help="median, certified_quarter, certified_half, certified_one or as_published.")
    ] = "median",
    quality: Annotated[str, typer.Option(help="psnr, psnr_median, psnr_published or ssim.")] = "psnr",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print means with 95 % intervals over pictures (the paper's Figure 1)."""
    from core.base.errors import UserError
    from core.reports.figures.inverse import TITLES, at
    from core.results.inverse import TABLE, load
    from core.results.summary import notices

    for metric in (discrepancy, quality):
        if metric not in TITLES:
            raise UserError(f"There is no figure “{metric}”: choose one of {', '.join(TITLES)}.")
    panel = at(load(results), problem, setting, eps, samples)
    if panel.empty:
        raise UserError(
            "The store holds no such results: python -m core inverse evaluate dn --data DIR makes them."
        )
    print_notices(notices(TABLE, "network", results))
    figures = [f"{metric}{end}" for metric in (discrepancy, quality) for end in ("", "_low", "_high")]
    table = panel[["objective", "sigma", "images", *figures]].sort_values(["sigma", "objective"])
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    else:
        typer.echo(table.to_string(index=False, float_format="{:.6g}".format))

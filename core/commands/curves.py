"""``python -m core curves``: what the Trade-off page draws, as numbers."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from core.commands.options import AsJson, Results, number
from core.commands.reports import print_json, print_notices

QUALITIES = ("psnr", "ssim", "mse")


def curves(
    factor: Annotated[int, number("Super-resolution factor, 2 or 4.", 2, 4)] = 2,
    quality: Annotated[str, typer.Option(help="psnr, ssim or mse.")] = "psnr",
    network: Annotated[
        str | None,
        typer.Option(help="A smoothing network: its quality on validation photos over the smoothing noise."),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text or csv.")] = "text",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print means with 95 % intervals over photos, every estimator as it would be used."""
    from core.base.errors import UserError
    from core.results import summary as store

    if quality not in QUALITIES or form not in ("text", "csv"):
        raise UserError("Choose --quality psnr, ssim or mse and --format text or csv.")
    if network is not None:
        table = store.load("validation", results)
        table = table[table["estimator"] == network]
    else:
        table = store.deployed(store.load("test", results), store.chosen_sigma_g(results))
        table = table[table["factor"] == factor]
    if table.empty:
        raise UserError("The store holds no such results: python -m core evaluate --data DIR makes them.")
    print_notices([*store.notices(store.TABLE, "estimator", results), store.on_f_alone(results)])
    columns = ["estimator", "eps_rel", "sigma_g", "images", quality, f"{quality}_low", f"{quality}_high"]
    table = table[columns].sort_values(columns[:3], ignore_index=True)
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    elif form == "csv":
        typer.echo(table.to_csv(index=False).rstrip("\n"))
    else:
        typer.echo(table.to_string(index=False, float_format="{:.4f}".format))

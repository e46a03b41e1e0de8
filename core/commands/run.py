"""``python -m core run``: one scenario. Its options are the Scenario's fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import with_options
from core.scenario import Scenario


@with_options(Scenario)
def run(
    scenario: Scenario,
    *,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    folder: Annotated[Path | None, typer.Option(help="Folder of checkpoints.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Attack one photo and print what each estimator makes of it."""
    from tqdm import tqdm

    from core import checkpoints, units
    from core.engine import Engine
    from core.lab import Lab
    from core.run import Progress, finish
    from core.run import run as compute

    lab = Lab(Engine(device), folder or checkpoints.FOLDER)
    with tqdm(
        total=100,
        disable=True if as_json else None,
        leave=False,
        bar_format="{desc:<32}{bar}{percentage:3.0f}%",
    ) as bar:

        def report(progress: Progress) -> None:
            bar.set_description(progress.stage)
            bar.update(round(100 * progress.fraction) - bar.n)

        outcome = finish(compute(scenario, lab), report)
    result = outcome.to_dict()
    if as_json:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    norms = result["norms"]
    typer.echo(
        f"{scenario.image}, {scenario.checkpoint}, {outcome.device} {outcome.precision}; "
        f"ε = {norms['asked']:.4f} asked, {norms['reached']:.4f} reached "
        f"({norms['grey_levels']:.2f} grey levels RMS), "
        f"σ_g = {scenario.sigma_g:g} ({units.grey_levels(scenario.sigma_g):.2f} grey levels)"
    )
    rows = dict(result["metrics"])
    for name, entry in result["compare"].items():
        rows |= {f"{name} clean": entry["clean_base"], f"{name} attacked": entry["adv_base"]}
    typer.echo(f"{'':<26}{'PSNR':>9}{'SSIM':>9}{'MSE':>11}")
    for name, row in rows.items():
        typer.echo(f"{name:<26}{row['psnr']:>6.2f} dB{row['ssim']:>9.4f}{row['mse']:>11.6f}")

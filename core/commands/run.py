"""``python -m core run``: one scenario. Its options are the Scenario's fields."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from core.scenario import Scenario


def _with_scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command(scenario, ...)`` one option per Scenario field instead of ``scenario``."""
    hints = get_type_hints(Scenario)
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "scenario"]
    options = []
    for field in fields(Scenario):
        default: Any = field.default
        repeated = isinstance(default, tuple)
        kind = list[str] if repeated else hints[field.name]
        options.append(
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=list(default) if repeated else default,
                annotation=Annotated[kind, typer.Option(help=field.metadata["help"])],
            )
        )

    def with_options(**given: Any) -> None:
        values = {field.name: given.pop(field.name) for field in fields(Scenario)}
        values["compare"] = tuple(values["compare"])
        command(Scenario(**values), **given)

    with_options.__doc__ = command.__doc__
    with_options.__name__ = command.__name__
    with_options.__signature__ = inspect.Signature([*options, *own])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*options, *own)}
    return with_options


@_with_scenario_options
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

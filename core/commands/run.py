"""``python -m core run``: one scenario. Its options are the fields of the network's kind of scenario."""

from __future__ import annotations

from typing import Any

import typer

from core.base.options import Options
from core.commands.options import AsJson, Device, Folder, with_options_of
from core.commands.reports import print_json
from core.problems import PROBLEMS, problem_of
from core.problems.scenario import Scenario


def _kind(given: dict[str, Any]) -> type[Options]:
    name = given.get("checkpoint")
    return problem_of(name).scenario if name else next(iter(PROBLEMS.values())).scenario


@with_options_of(lambda: [problem.scenario for problem in PROBLEMS.values()], _kind)
def run(
    scenario: Scenario,
    *,
    device: Device = "auto",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack one photo and print what each estimator makes of it.

    The problem follows from the network that --checkpoint names; each has options of its own.
    """
    from tqdm import tqdm

    from core.base.progress import Progress, finish
    from core.experiment.run import run as compute
    from core.runtime.engine import Engine
    from core.runtime.session import Lab
    from core.zoo import checkpoints

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
        print_json(result)
        return
    typer.echo(_heading(scenario, result))
    rows = dict(result["metrics"])
    for name, entry in result["compare"].items():
        rows |= {f"{name} clean": entry["clean_base"], f"{name} attacked": entry["adv_base"]}
        if "adv_smoothed" in entry:
            rows[f"{name} attacked, smoothed"] = entry["adv_smoothed"]
    typer.echo(f"{'':<32}{'PSNR':>9}{'SSIM':>9}{'MSE':>11}")
    for name, row in rows.items():
        typer.echo(f"{name:<32}{row['psnr']:>6.2f} dB{row['ssim']:>9.4f}{row['mse']:>11.6f}")
    for line in _discrepancies(result):
        typer.echo(line)
    for name, notice in result["notices"].items():
        typer.echo(f"{name}: {notice}")


def _heading(scenario: Scenario, result: dict[str, Any]) -> str:
    norms, problem = result["norms"], scenario.problem
    level = f"{scenario.sigma_level:g} ({result['smoothing']['sigma_grey_levels']:.2f} grey levels)"
    return (
        f"{scenario.image}, {scenario.checkpoint}, {problem.setting(scenario)}, {result['device']} "
        f"{result['precision']}; ε = {norms['asked']:.4f} asked, {norms['reached']:.4f} reached "
        f"({norms['grey_levels']:.2f} grey levels RMS), {problem.sigma} = {level}, {scenario.average} of "
        f"{scenario.samples}\n{scenario.attack_said}"
    )


def _discrepancies(result: dict[str, Any]) -> list[str]:
    """One line a network: median and certified discrepancy; none where nothing can be certified."""
    reach = result["smoothing"]["certifiable_grey_levels"]
    lines = [
        f"discrepancy of one noisy output under attack (MSE; certified for ε ≤ {reach:.3f} grey levels RMS "
        "with these samples)"
    ]
    found = {result["scenario"]["checkpoint"]: result["discrepancy"]["attacked"]}
    found |= {
        name: entry["discrepancy"] for name, entry in result["compare"].items() if "discrepancy" in entry
    }
    for name, row in found.items():
        certified = "none" if row["certified"] is None else f"{row['certified']:.3e}"
        published = row["as_published_mixed_units_not_a_bound"]
        shown = "" if published is None else f", as published (mixed units, not a bound) {published:.3e}"
        lines.append(f"{name:<32}median {row['median']:.3e}, certified {certified}{shown}")
    return lines

"""``python -m core curves``: what the Trade-off page draws, and Figure 1 of a problem, as numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.attacks.terms import ATTACKED, THESIS
from core.base.errors import UserError
from core.commands.options import (
    AsJson,
    AttackKind,
    ProblemName,
    Results,
    Samples,
    attack_kind,
    number,
    problem_named,
)
from core.commands.reports import print_json, print_notices
from core.problems.super_resolution import SUPER_RESOLUTION

if TYPE_CHECKING:
    import pandas as pd

    from core.problems.problem import Problem

QUALITIES = ("psnr", "ssim", "mse")


def curves(
    problem: ProblemName = SUPER_RESOLUTION.name,
    factor: Annotated[int, number("Super-resolution factor, 2 or 4.", 2, 4)] = 2,
    network: Annotated[
        str | None,
        typer.Option(help="A smoothing network: its quality on validation photos over the smoothing noise."),
    ] = None,
    setting: Annotated[
        float | None, number("Of other problems: σ_b in grey levels, m/n, share, blur.", 0, 50)
    ] = None,
    eps: Annotated[float, number("Of other problems: attack strength, in their unit.", 0, 255)] = 5.0,
    samples: Samples = 50,
    discrepancy: Annotated[
        str,
        typer.Option(
            help="Of other problems: median, certified_quarter, certified_half, certified_one, as_published."
        ),
    ] = "median",
    quality: Annotated[
        str, typer.Option(help="psnr, ssim or mse; of other problems also psnr_median or psnr_published.")
    ] = "psnr",
    attack: AttackKind = None,
    form: Annotated[str, typer.Option("--format", help="text or csv.")] = "text",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print means with 95 % intervals over photos.

    In super-resolution every estimator as it would be used, over the attack strength; in other problems
    every network over the smoothing noise (the paper's Figure 1).
    """
    from core.results.evaluations import notices, strongest_of
    from core.results.summary import on_f_alone

    if form not in ("text", "csv"):
        raise UserError("Choose --format text or csv.")
    solved = problem_named(problem)
    attack = attack_kind(attack) or (THESIS if solved.classes else strongest_of(solved, results))
    if solved.classes:
        from core.reports.digits import accuracy_under_attack, load

        table, told = accuracy_under_attack(load(results)[0]), notices(solved, results)
    elif solved.grid.selected:
        table = _deployed(solved, factor, network, quality, attack, results)
        told = [*notices(solved, results, attack), *([on_f_alone(results)] if attack == THESIS else [])]
    else:
        table = _over_noise(solved, setting, eps, samples, (discrepancy, quality), results)
        told = [*notices(solved, results), ATTACKED[THESIS]]
    if table.empty:
        raise UserError(
            f"The store holds no such results: python -m core evaluate --problem {problem} --attack {attack} "
            "--data DIR makes them."
        )
    print_notices(told)
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    elif form == "csv":
        typer.echo(table.to_csv(index=False).rstrip("\n"))
    else:
        digits = "{:.4f}" if solved.grid.selected else "{:.6g}"
        typer.echo(table.to_string(index=False, float_format=digits.format))


def _deployed(
    problem: Problem, factor: int, network: str | None, quality: str, attack: str, results: Path | None
) -> pd.DataFrame:
    from core.reports.figures.tradeoff import POINT
    from core.results.evaluations import chosen, load
    from core.results.summary import deployed

    if quality not in QUALITIES:
        raise UserError("Choose --quality psnr, ssim or mse.")
    if network is not None:
        table = load(problem, "validation", results, attack)
        table = table[table["estimator"] == network]
    else:
        table = deployed(load(problem, "test", results, attack), chosen(problem, results, attack, quality))
        table = table[table["factor"] == factor]
    columns = [*POINT, "images", quality, f"{quality}_low", f"{quality}_high"]
    table = table[columns].sort_values(POINT, ignore_index=True)
    return table.rename(columns={"eps": problem.eps, "sigma": problem.sigma})


def _over_noise(
    problem: Problem,
    setting: float | None,
    eps: float,
    samples: int,
    metrics: tuple[str, str],
    results: Path | None,
) -> pd.DataFrame:
    from core.reports.figures.tradeoff import TITLES
    from core.results.evaluations import load
    from core.results.summary import at

    for metric in metrics:
        if metric not in TITLES:
            raise UserError(f"There is no figure “{metric}”: choose one of {', '.join(TITLES)}.")
    if setting is None and problem.grid.settings:
        setting = problem.grid.settings[0]
    told = {} if setting is None else {problem.apart: setting}
    panel = at(load(problem, "test", results), samples, eps=eps, **told)
    panel = panel.rename(columns={"estimator": "network"})
    figures = [f"{metric}{end}" for metric in metrics for end in ("", "_low", "_high")]
    columns = ["objective", "network", "sigma", "images", *figures]
    return panel[columns].sort_values(["sigma", *columns[:2]], ignore_index=True)

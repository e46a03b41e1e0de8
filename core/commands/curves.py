"""``python -m core curves``: what the page Findings draws, as numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.attacks.terms import THESIS
from core.base.errors import UserError, existing
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
    from pathlib import Path

    import pandas as pd

    from core.problems.problem import Problem


def curves(
    problem: ProblemName = SUPER_RESOLUTION.name,
    setting: Annotated[
        float | None,
        number("Factor, σ_b in grey levels, m/n, share or blur.", 0, 50, "--setting", "--factor"),
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            help="Only this one's quality over the smoothing noise, under every attack; in super-resolution "
            "on validation photos."
        ),
    ] = None,
    eps: Annotated[
        float, number("Attack strength under which networks are shown over the smoothing noise.", 0, 255)
    ] = 5.0,
    sigma: Annotated[
        float | None,
        number("Smoothing noise with which they are shown over the attack strength instead.", 0, 255),
    ] = None,
    samples: Samples = 50,
    discrepancy: Annotated[
        str,
        typer.Option(
            help="Of a draw: median, certified_quarter, certified_half, certified_one, as_published."
        ),
    ] = "median",
    quality: Annotated[str, typer.Option(help="psnr, ssim, mse, psnr_median or psnr_published.")] = "psnr",
    attack: AttackKind = None,
    form: Annotated[str, typer.Option("--format", help="text or csv.")] = "text",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print means with 95 % intervals over photos.

    In super-resolution every estimator as it would be used, over the attack strength; in other problems
    every network over the smoothing noise, or over the attack strength with one smoothing noise.
    """
    if form not in ("text", "csv"):
        raise UserError("Choose --format text or csv.")
    solved, attack = problem_named(problem), attack_kind(attack)
    if solved.classes:
        if attack not in (None, THESIS):
            raise UserError(f"{solved.title} have curves of their own kinds of attack: leave --attack out.")
        from core.reports.digits import accuracy_under_attack, load
        from core.results.evaluations import notices

        table, told = accuracy_under_attack(load(results)[0]), notices(solved, results)
        if table.empty:
            raise UserError(
                f"Nothing is evaluated: run python -m core evaluate --problem {problem} --data DIR."
            )
    else:
        where = eps, sigma, samples
        table, told = _of_pictures(solved, setting, network, where, (discrepancy, quality), attack, results)
    print_notices(told)
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
    elif form == "csv":
        typer.echo(table.to_csv(index=False).rstrip("\n"))
    else:
        digits = "{:.4f}" if solved.grid.selected else "{:.6g}"
        typer.echo(table.to_string(index=False, float_format=digits.format))


def _of_pictures(
    problem: Problem,
    setting: float | None,
    network: str | None,
    where: tuple[float, float | None, int],
    shown: tuple[str, str],
    attack: str | None,
    results: Path | None,
) -> tuple[pd.DataFrame, list[str]]:
    """The table to print, and what is to be said with it; ``shown`` are a discrepancy and a quality."""
    from core.results.evaluations import notices, strongest_of, table_of
    from core.results.summary import on_f_alone

    attack = attack or strongest_of(problem, results)
    discrepancy, quality = shown
    metrics = table_of(problem, attack).metrics
    drawn = [] if problem.grid.selected or attack != THESIS else [discrepancy]
    for metric in (*drawn, quality):
        existing("figure", metric, metrics)
    table = _means(problem, setting, network, where, attack, quality, results)
    if table.empty:
        raise UserError(
            f"The store holds no such results: python -m core evaluate --problem {problem.name} --attack "
            f"{attack} --data DIR makes them."
        )
    told = notices(problem, results, attack)
    if problem.grid.selected:
        first = {"estimator": "estimator", "eps": problem.eps, "sigma": problem.sigma}
        told += [on_f_alone(problem.name, results)] if attack == THESIS else []
    elif network is not None or where[1] is not None:
        first = {"estimator": "network", "eps": problem.eps, "sigma": problem.sigma}
    else:
        first = {"sigma": problem.sigma, "objective": "objective", "estimator": "network"}
    table = table.sort_values([*first], ignore_index=True)
    if "objective" in first:  # the order of columns is older than that of rows
        first = {name: first[name] for name in ("objective", "estimator", "sigma")}
    figures = [f"{metric}{end}" for metric in (*drawn, quality) for end in ("", "_low", "_high")]
    return table[[*first, "images", *figures]].rename(columns=first), told


def _means(
    problem: Problem,
    setting: float | None,
    network: str | None,
    where: tuple[float, float | None, int],
    attack: str,
    quality: str,
    results: Path | None,
) -> pd.DataFrame:
    """The rows to print; ``where`` is the attack strength, the smoothing noise instead of it, and samples."""
    from core.results.evaluations import chosen, load
    from core.results.summary import at, deployed

    eps, sigma, samples = where
    selected = problem.grid.selected
    table = load(problem, "validation" if selected and network else "test", results, attack)
    if setting is None and (problem.grid.settings or network is None) and len(table):
        setting = next(iter(problem.grid.settings), table[problem.apart].min())
    told: dict[str, Any] = {problem.apart: setting, "estimator": network}
    table = at(table, **{column: value for column, value in told.items() if value is not None})
    if selected:
        return table if network else deployed(table, chosen(problem, results, attack, quality))
    if network is None and sigma is not None:
        table = table[(table["sigma"] == sigma) | (table["objective"] == problem.without_weights)]
    return at(table, samples) if network or sigma is not None else at(table, samples, eps=eps)

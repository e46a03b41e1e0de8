"""``python -m core evaluate``: networks of a problem on test photos, into the results store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.attacks.terms import THESIS
from core.base.errors import UserError
from core.commands.laboratory import drive, executor_of
from core.commands.options import (
    AsJson,
    AttackKind,
    Cluster,
    Device,
    Folder,
    Limit,
    Precision,
    ProblemName,
    Results,
    Seed,
    Setting,
    Size,
    Threads,
    attack_kind,
    number,
    problem_named,
)
from core.commands.reports import print_json, print_notices
from core.problems.super_resolution import SUPER_RESOLUTION

if TYPE_CHECKING:
    from core.evaluation.driver import Finished
    from core.problems.grid import Grid
    from core.problems.problem import Problem


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of test photos, e.g. photos_test, bsd68 or set11.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Networks of one problem, or its estimators without weights; all by default."),
    ] = None,
    problem: ProblemName = SUPER_RESOLUTION.name,
    limit: Limit = None,
    setting: Setting = None,
    eps: Annotated[
        list[float] | None,
        number("Attack strengths, in the unit of the problem", 0, 255, "--eps", "--eps-rel"),
    ] = None,
    sigma: Annotated[
        list[float] | None, number("Smoothing noises, likewise", 0, 255, "--sigma", "--sigma-g")
    ] = None,
    attack: AttackKind = None,
    steps: Annotated[
        int | None,
        number("Gradient steps: of the strongest attack on a network (100), of the thesis's (10)", 0, 1000),
    ] = None,
    samples: Annotated[
        int | None,
        number("Noisy copies of a smoothed estimate (50), votes of a certificate (10,000).", 1, 10**6),
    ] = None,
    keep: Annotated[str, typer.Option(help="Attack result: best or final iterate.")] = "best",
    seed: Seed = 0,
    size: Size = None,
    tables: Annotated[bool, typer.Option(help="Also what published tables need beyond that.")] = True,
    validation: Annotated[
        Path | None,
        typer.Option(help="Photos to choose the smoothing noise on. Default: photos_val beside DATA."),
    ] = None,
    validation_limit: Limit = None,
    validation_samples: Annotated[
        int, number("Likewise while the noise is chosen, where 16 times as many are needed", 1, 100_000)
    ] = 20,
    batch: Annotated[int, number("Photos per task.", 1, 10_000)] = 10,
    precision: Precision = "auto",
    device: Device = "auto",
    threads: Threads = 0,
    cluster: Cluster = None,
    results: Results = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack and score networks over a whole grid; kill it at any time, the same line continues.

    As the thesis attacks: PGD, ten steps of ε/4, random start, on each network; on f alone where it is
    smoothed. In super-resolution the smoothing noise is first chosen on validation photos, for each attack
    strength: by SSIM, under the strongest attacks by PSNR too. The problem is that of the networks that are
    named. Digits are attacked with every kind and radius and certified; DATA holds the four MNIST
    files.
    """
    from core.evaluation.digit_plan import DigitsPlan
    from core.evaluation.digit_plan import evaluate as evaluate_digits
    from core.evaluation.driver import evaluate as work
    from core.evaluation.jobs import STEPS, Plan, rivals, targets
    from core.evaluation.photos import Photos
    from core.evaluation.timing import Clock
    from core.problems.digits import data as mnist
    from core.results.evaluations import notices, table_of
    from core.results.store import RESULTS, Store

    solved = _problem(names or [], problem)
    if solved.classes:
        _refuse(
            solved, attack=attack, steps=steps, setting=setting, eps=eps, size=size, validation=validation
        )
    attack = attack_kind(attack) or THESIS
    found = tuple(targets(solved, names or [], folder))
    grid = _grid(solved, setting, eps, sigma, tables)
    root, clock = results or RESULTS, Clock()
    with closing(executor_of(cluster, device, precision, threads, folder)) as executor:
        if solved.classes:
            digits = mnist.evaluation(data, limit or 500)
            of_digits = DigitsPlan(found, digits, executor.device, executor.precision, seed)
            sigmas, n = sigma or solved.grid.sigmas, samples or 10_000
            parts = evaluate_digits(of_digits, root, executor, sigmas, n, batch)
        else:
            test, held_out = Photos.read(data, limit), None
            if grid.selected:
                folder_of = validation or data.parent / "photos_val"
                held_out = Photos.read(folder_of, validation_limit, "--validation")
            usual = {"samples": samples or 50, "keep": keep, "seed": seed, "precision": executor.precision}
            usual |= {} if size is None else {"size": size}
            usual["attack_steps"] = steps if steps is not None else STEPS[attack]
            plan = Plan(solved, found, grid, usual, executor.device, attack, rivals(solved, folder))
            store = Store(table_of(solved, attack).name, root)
            parts = work(
                plan, test, held_out, store, executor, validation_samples=validation_samples, batch=batch
            )

        def timed() -> Iterator[Finished]:
            for part in parts:
                clock.add(part)
                yield part

        drive(timed(), "forward", quiet=as_json)
    print_notices(notices(solved, root, attack))
    if as_json:
        print_json(clock.to_records())
        return
    for line in clock.lines():
        typer.echo(line)


def _problem(names: list[str], named: str) -> Problem:
    """The problem of the first network that is named, else the one that is named itself."""
    from core.problems import problem_of

    problem = problem_named(named)
    networks = [name for name in names if name not in problem.baselines(problem.scenario())]
    return problem_of(networks[0]) if networks else problem


def _refuse(problem: Problem, **given: object) -> None:
    """Refuse options that mean nothing for a problem."""
    for name, value in given.items():
        if value is not None:
            raise UserError(f"{problem.title} have no {name} to choose: leave --{name} out.")


def _grid(
    problem: Problem,
    setting: list[float] | None,
    eps: list[float] | None,
    sigma: list[float] | None,
    tables: bool,
) -> Grid:
    """The problem's grid, or what is asked of it."""
    from dataclasses import replace

    grid = problem.grid
    return replace(
        grid,
        settings=tuple(setting or grid.settings),
        epses=tuple(eps or grid.epses),
        sigmas=tuple(sigma or grid.sigmas),
        elsewhere=() if sigma else grid.elsewhere,
        tables=grid.tables if tables else {},
    )

"""``python -m core study``: attack strength and certificates over a folder of photos."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.budget import budget
from core.commands.laboratory import drive, laboratory
from core.commands.options import (
    Alpha,
    AsJson,
    Device,
    Draws,
    Folder,
    Limit,
    Precision,
    Results,
    Samples,
    Seed,
    Steps,
    Studied,
    each_once,
    like,
    number,
)
from core.commands.reports import interval, print_json, print_notices
from core.problems.super_resolution import SuperResolutionScenario

if TYPE_CHECKING:
    import pandas as pd

    from core.evaluation.photos import Photos
    from core.evaluation.studies.plans import Subject
    from core.evaluation.studies.runner import Unit
    from core.runtime.session import Lab

TRANSFER = (("standard", 0.0), ("adversarial", 0.02), ("adversarial", 0.1))
"""Networks that attacks are transferred from by default, where they are there: a fixed list, so
that a newly trained network does not start the study anew."""

Checkpoint = Annotated[str, typer.Option(help="The network that is smoothed.")]
Noise = Annotated[
    float | None, number("Smoothing noise. Default: what the network was trained with.", 0.001, 255)
]


def attacks(
    data: Studied = None,
    checkpoint: Checkpoint = "sr-x2-rs-0.40",
    sigma: Noise = None,
    transfer: Annotated[
        list[str] | None,
        typer.Option(help="Networks to transfer from. Default: std, adv-0.02 and adv-0.10."),
    ] = None,
    limit: Limit = 20,
    eps_rel: Annotated[
        list[float] | None,
        like(
            SuperResolutionScenario, "eps_rel", "Strengths at which everything is tried. Default: 0.02, 0.05."
        ),
    ] = None,
    curve: Annotated[
        list[float] | None,
        like(SuperResolutionScenario, "eps_rel", "Further strengths, few attempts; 0 gives the clean rows."),
    ] = None,
    steps: Steps = 10,
    long: Annotated[
        int, like(SuperResolutionScenario, "attack_steps", "Gradient steps of the longest attacks.")
    ] = 100,
    restarts: Annotated[int, number("Starts of APGD on the smoothed estimate.", 1, 100)] = 3,
    attack_samples: Annotated[
        list[int] | None,
        like(SuperResolutionScenario, "attack_samples", "M of the attacks on it. Default: 1, 4, 16, 64."),
    ] = None,
    samples: Samples = 50,
    seed: Seed = 0,
    precision: Precision = "auto",
    device: Device = "auto",
    results: Results = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack the base network and the smoothed estimate in every way; print the checklist.

    Kill it at any time: the same line continues. Tables: attacks, attack_paths.
    """
    from core.evaluation.studies.attacks import Protocol
    from core.evaluation.studies.plans import ATTACK_TABLES, AttackStudy, attack_units

    standard = AttackStudy()
    study = AttackStudy(
        strengths=tuple(eps_rel or standard.strengths),
        curve=tuple(e for e in curve or standard.curve if e not in (eps_rel or standard.strengths)),
        steps=steps,
        long=long,
        samples=tuple(sorted(set(attack_samples or standard.samples))),
        restarts=restarts,
        protocol=Protocol(samples=samples, seed=seed),
    )
    _study(
        partial(attack_units, study=study), ATTACK_TABLES, _print_attacks, data, limit, checkpoint, sigma,
        transfer, precision, device, results, folder, as_json,
    )  # fmt: skip


def _print_attacks(root: Path, checkpoint: str, sigma: float | None, as_json: bool) -> None:
    import pandas as pd

    from core.evaluation.studies.beside import beside, interpolations
    from core.evaluation.studies.checklist import checklist
    from core.evaluation.studies.strength import finding
    from core.results.store import Store
    from core.results.summary import noticed

    every, paths, certificates = (
        Store(name, root).read() for name in ("attacks", "attack_paths", "certificates")
    )
    rows = _of_defence(every, checkpoint, sigma, "sigma_g", "attacks")
    print_notices(noticed(rows, "made_on"))
    others = every[every["checkpoint"] != checkpoint]
    items = checklist(pd.concat([others, rows]), paths, certificates, checkpoint=checkpoint)
    if as_json:
        print_json([vars(item) for item in items])
        return
    for line in finding(rows).itertuples():
        typer.echo(
            f"ε_rel = {line.eps_rel:g} ({line.grey_levels:.1f} grey levels): thesis's attack on f "
            f"{line.thesis:.2f} dB; best attack made on ĝ takes {line.own:+.2f} dB more "
            f"{interval(line.own_low, line.own_high, '+.2f')}, the strongest of all {line.gap:+.2f} dB "
            f"{interval(line.gap_low, line.gap_high, '+.2f')}, at least as strong on {line.share:.0%} "
            f"of {line.images} photos. That attacks on ĝ are weaker: {line.answer}."
        )
    company = beside(rows, interpolations(rows, root))
    if len(company):
        typer.echo(
            "\nEach under the strongest attack tried on it (interpolation: PGD on itself), mean PSNR in dB, "
            "and ĝ (“smoothed”) less the other, paired over photos:"
        )
        typer.echo(company.to_string(index=False, float_format="%.2f", formatters={"eps_rel": "{:g}".format}))
        typer.echo("")
    for item in items:
        typer.echo(f"{item.status:<11}{item.name}: {item.evidence}")


def certificates(
    data: Studied = None,
    checkpoint: Checkpoint = "sr-x2-rs-0.40",
    sigma: Noise = None,
    limit: Limit = 20,
    samples: Draws = 10_000,
    alpha: Alpha = 0.001,
    steps: Steps = 10,
    seed: Seed = 0,
    precision: Precision = "auto",
    device: Device = "auto",
    results: Results = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Certify every photo over a grid of radii, attack some of them, refute the published number.

    Kill it at any time: the same line continues. Tables: certificates, falsification.
    """
    from core.evaluation.studies.certificates import Plan
    from core.evaluation.studies.plans import CERTIFICATE_TABLES, certificate_units

    plan = Plan(samples=samples, alpha=alpha, steps=steps, seed=seed)
    _study(
        partial(certificate_units, plan=plan), CERTIFICATE_TABLES, _print_certificates, data, limit,
        checkpoint, sigma, [], precision, device, results, folder, as_json,
    )  # fmt: skip


def _print_certificates(root: Path, checkpoint: str, sigma: float | None, as_json: bool) -> None:
    from core.evaluation.studies.reading import certificate_summary, certified_range, falsification_summary
    from core.results.store import Store
    from core.results.summary import noticed

    rows, refuted = (
        _of_defence(Store(name, root).read(), checkpoint, sigma, "sigma", "certificates")
        for name in ("certificates", "falsification")
    )
    print_notices(noticed(rows, "checkpoint"))
    summary, refutation = certificate_summary(rows), falsification_summary(refuted)
    if as_json:
        answer = {"certificates": summary, "falsification": refutation}
        print_json({k: json.loads(v.to_json(orient="records")) for k, v in answer.items()})
        return
    typer.echo("How far each reaches (ε; ε_rel; grey levels RMS):")
    typer.echo(certified_range(rows).to_string(index=False, float_format="%.4g"))
    typer.echo("\nWhere it was attacked (medians over photos; inf: none):")
    attacked = summary[summary["measured"].notna()]
    typer.echo(attacked.to_string(index=False, float_format="%.5g"))
    typer.echo("\nThe published number (mixed units, not a bound) against attacks inside its ball:")
    typer.echo(refutation.to_string(index=False, float_format="%.5g"))


def _of_defence(
    table: pd.DataFrame, checkpoint: str, sigma: float | None, column: str, study: str
) -> pd.DataFrame:
    """Rows of one network smoothed with one noise."""
    from core.base.errors import UserError

    if len(table):
        table = table[table["checkpoint"] == checkpoint]
        table = table if sigma is None else table[table[column] == sigma]
    if table.empty:
        line = f"python -m core study {study} --data DIR"
        raise UserError(f"The store has no such study of {checkpoint}: {line} makes it.")
    if len(table[column].unique()) > 1:
        known = ", ".join(f"{value:g}" for value in sorted(table[column].unique()))
        raise UserError(f"{checkpoint} was studied with several noises: name one with --sigma ({known}).")
    return table


def _study(
    units: Callable[[Lab, Photos, Subject], list[Unit]],
    tables: Mapping[str, Sequence[str]],
    show: Callable[[Path, str, float | None, bool], None],
    data: Path | None,
    limit: int | None,
    checkpoint: str,
    sigma: float | None,
    transfer: Sequence[str] | None,
    precision: str,
    device: str,
    results: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Make what is missing of a study, if photos are named, and show what the store has of it."""
    from core.base.errors import UserError
    from core.evaluation.photos import Photos
    from core.evaluation.studies.plans import Subject
    from core.evaluation.studies.runner import carry_out
    from core.problems import problem_of
    from core.results.store import RESULTS

    root = results or RESULTS
    if data is None:
        show(root, checkpoint, sigma, as_json)
        return
    problem = problem_of(checkpoint)
    identity = problem.identity(checkpoint)
    noise = identity.level if sigma is None else sigma
    if sigma is None and not identity.to_smooth:
        raise UserError(f"{checkpoint} was not trained with noise: name the smoothing noise with --sigma.")
    lab = laboratory(device, "auto", 0, folder)
    if transfer is None:
        wanted = (problem.called(kind, level=level, factor=identity.factor) for kind, level in TRANSFER)
        transfer = [name for name in wanted if (lab.folder / f"{name}.safetensors").exists()]
    others = tuple(name for name in transfer if name != checkpoint)
    photos, subject = Photos.read(data, limit), Subject(checkpoint, noise, others, precision)
    made = lab.engine.do(lambda: units(lab, photos, subject))
    drive(carry_out(made, tables, root, lab.engine), quiet=as_json)
    show(root, checkpoint, noise, as_json)


application = typer.Typer(
    no_args_is_help=True,
    help="Attack strength and certificates over a folder of photos, into the results store.",
)
for command in (attacks, certificates, budget):
    application.command()(each_once(command))

"""``python -m core compare``: networks beside each other on a folder of photos."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UserError
from core.commands.laboratory import laboratory, reported
from core.commands.options import AsJson, Device, Limit, Precision, Samples, Seed, number
from core.commands.reports import interval, print_json
from core.problems import problem_of
from core.problems.super_resolution import SuperResolutionScenario


def compare(
    data: Annotated[Path, typer.Option(help="Folder of photos, e.g. photos_test.")],
    network: Annotated[
        list[str] | None,
        typer.Option(help="Any networks of one problem instead of the three below; the last is smoothed."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for figures.csv, by file, and sheet.png, all pictures.")
    ] = None,
    standard: Annotated[str, typer.Option(help="Network without a defence.")] = "sr-x2-std",
    adversarial: Annotated[str, typer.Option(help="Adversarially trained network.")] = "sr-x2-adv-0.02",
    smoothing: Annotated[str, typer.Option(help="Network to be smoothed.")] = "sr-x2-rs-0.10",
    eps: Annotated[
        float | None,
        number("Strength, in the problem’s unit; by default 0.02 or 5.", 0, 255, "--eps-rel", "--eps"),
    ] = None,
    sigma: Annotated[
        float | None,
        number("Smoothing noise likewise; by default 0.15 or 10.", 0, 255, "--sigma-g", "--sigma"),
    ] = None,
    samples: Samples = 50,
    attack: Annotated[str, typer.Option(help=SuperResolutionScenario.explain("attack"))] = "apgd",
    attack_on: Annotated[str, typer.Option(help=SuperResolutionScenario.explain("attack_on"))] = "deployed",
    seed: Seed = 0,
    precision: Precision = "auto",
    limit: Limit = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Score every estimator clean, under Gaussian noise and under an attack of equal norm.

    Each estimator is attacked as it is deployed; --attack-on base --attack pgd is the thesis's protocol.
    Means over photos with 95 % intervals (Student’s t).
    """
    import pandas as pd

    from core.base.files import write_atomically
    from core.evaluation.comparison import compare_on, findings, summary
    from core.pictures import images, render
    from core.results.summary import noticed

    photos = [photo for _, photo in images.each_once(data, limit)]  # what cannot be read is said at once
    *others, smoothed = network or (standard, adversarial, smoothing)
    problem = problem_of(smoothed)
    if problem.classes:
        raise UserError(f"{smoothed} restores no pictures: take networks such as sr-x2-std or dn-ord.")
    levels = {problem.eps: eps, problem.sigma: sigma}
    scenario = problem.scenario_at(
        checkpoint=smoothed,
        compare=tuple(others),
        samples=samples,
        attack=attack,
        attack_on=attack_on,
        seed=seed,
        precision=precision,
        **{name: level for name, level in levels.items() if level is not None},
    )
    lab = laboratory(device, "auto", 0, None)
    found = reported(compare_on(scenario, lab, photos), quiet=as_json)
    rows = found.rows
    if out is not None:
        sheet = render.contact_sheet([*found.pictures.values()])
        write_atomically(out / "figures.csv", rows.to_csv(index=False).encode())
        write_atomically(out / "sheet.png", render.png(sheet))
    table, claims = summary(rows), [] if network else findings(rows, scenario)
    if as_json:
        answer = {
            "scenario": scenario.to_dict(),
            "photos": len(photos),
            "rows": json.loads(table.to_json(orient="records")),  # an interval over one photo is null
            "notices": noticed(rows, "estimator"),
            "findings": json.loads(pd.DataFrame(claims).to_json(orient="records")),
        }
        print_json(answer)
        return
    eps_grey, sigma_grey = map(problem.space.grey_levels, (scenario.eps_level, scenario.sigma_level))
    typer.echo(
        f"{len(photos)} photos, {problem.eps} = {scenario.eps_level:g} ({eps_grey:.1f} grey levels RMS), "
        f"{problem.sigma} = {scenario.sigma_level:g} ({sigma_grey:.1f} grey levels), k = {samples}, "
        f"seed = {seed}, {lab.engine.device} {lab.engine.resolve(precision)}; means with 95 % intervals. "
        f"Attack: {scenario.attack_said}."
    )
    typer.echo(f"{'estimator':<26}{'input':<8}{'PSNR dB':<23}{'SSIM':<27}{'MSE':<8}")
    for row in table.itertuples():
        psnr = f"{row.psnr:.2f} {interval(row.psnr_low, row.psnr_high, '.2f')}"
        ssim = f"{row.ssim:.4f} {interval(row.ssim_low, row.ssim_high, '.4f')}"
        typer.echo(f"{row.estimator:<26}{row.input:<8}{psnr:<23}{ssim:<27}{row.mse:.6f}")
    for claim in claims:
        typer.echo(
            f"{'yes' if claim['holds'] else 'NO':<4}{claim['claim']}: {claim['margin']:+.2f} dB "
            f"{interval(claim['low'], claim['high'], '+.2f')}, asked {claim['asked']:+.2f} dB"
        )
    for notice in noticed(rows, "estimator"):
        typer.echo(notice)

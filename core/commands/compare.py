"""``python -m core compare``: networks beside each other on a folder of photos."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.commands.laboratory import laboratory
from core.commands.options import AsJson, Device, EpsRel, Limit, Precision, Samples, Seed, SigmaG
from core.commands.reports import interval, print_json
from core.problems.super_resolution import SuperResolutionScenario


def compare(
    data: Annotated[Path, typer.Option(help="Folder of photos, e.g. photos_test.")],
    standard: Annotated[str, typer.Option(help="Network without a defence.")] = "sr-x2-std",
    adversarial: Annotated[str, typer.Option(help="Adversarially trained network.")] = "sr-x2-adv-0.02",
    smoothing: Annotated[str, typer.Option(help="Network to be smoothed.")] = "sr-x2-rs-0.10",
    eps_rel: EpsRel = 0.02,
    sigma_g: SigmaG = 0.15,
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
    from tqdm import tqdm

    from core.evaluation.comparison import compare_on, findings, summary
    from core.pictures import images, units
    from core.results.summary import noticed

    photos = [path for path, _ in images.each_once(data, limit)]  # what cannot be read is said at once
    scenario = SuperResolutionScenario(
        checkpoint=smoothing,
        compare=(standard, adversarial),
        eps_rel=eps_rel,
        sigma_g=sigma_g,
        samples=samples,
        attack=attack,
        attack_on=attack_on,
        seed=seed,
        precision=precision,
    )
    lab = laboratory(device, "auto", 0, None)
    rows = compare_on(scenario, lab, tqdm(photos, unit="photo", disable=as_json))
    table, claims = summary(rows), findings(rows, scenario)
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
    typer.echo(
        f"{len(photos)} photos, eps_rel = {eps_rel:g} ({units.grey_levels(eps_rel):.1f} grey levels RMS), "
        f"sigma_g = {sigma_g:g} ({units.grey_levels(sigma_g):.1f} grey levels), k = {samples}, "
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

"""``python -m core baselines``: networks beside reconstructions without learning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UserError
from core.commands.laboratory import laboratory
from core.commands.options import AsJson, Device, Folder, Limit, Setting, Size, Threads
from core.commands.reports import interval, print_json


def baselines(
    networks: Annotated[list[str], typer.Argument(help="Networks of one problem by name.")],
    data: Annotated[Path, typer.Option(help="Folder of test photos, e.g. bsd68 or set11.")],
    limit: Limit = None,
    setting: Setting = None,
    size: Size = None,
    folder: Folder = None,
    device: Device = "auto",
    threads: Threads = 0,
    as_json: AsJson = False,
) -> None:
    """Clean quality with 95 % intervals, and the margin over the best baseline.

    Denoising: the measurement, total variation, non-local means (scikit-image). Compressed sensing:
    the pseudo-inverse, the best linear estimate, total variation.
    """
    from core.evaluation.baselines import clean_quality, summary
    from core.evaluation.photos import Photos
    from core.problems import problem_of

    problem, answer = problem_of(networks[0]), []
    if problem.classes:
        raise UserError(f"{problem.title} are answered with a class: compare networks of another problem.")
    lab, photos = laboratory(device, "float32", threads, folder), Photos.read(data, limit)
    given = {"checkpoint": networks[0], "short_side": problem.grid.short_side}
    given |= {} if size is None else {"size": size}
    for s in [problem.scenario_at(value, **given) for value in setting or (None,)]:
        table = summary(clean_quality(lab, networks, s, photos))
        answer.append(
            {"setting": problem.setting(s), "dataset": photos.dataset,
             "pictures": len(photos.names), "side": problem.sample(photos.photos[0], s).shape[-1],
             "estimators": json.loads(table.to_json(orient="records"))}
        )  # fmt: skip
    if as_json:
        print_json(answer)
        return
    for part in answer:
        typer.echo(
            f"{part['setting']}, {part['pictures']} pictures of {part['dataset']}, centre "
            f"{part['side']}×{part['side']}"
        )
        for row in part["estimators"]:
            margin = "" if row["margin"] is None else (
                f"  {row['margin']:+.2f} dB {interval(row['margin_low'], row['margin_high'], '+.2f')} over "
                f"{row['over']}"
            )  # fmt: skip
            typer.echo(
                f"{row['estimator']:<16}{row['psnr']:>6.2f} dB "
                f"{interval(row['psnr_low'], row['psnr_high'], '.2f')} {row['ssim']:.4f}{margin}"
            )

"""``python -m core inverse baselines``: networks beside reconstructions without learning."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from core.commands.inverse.evaluate import Data, Setting, Size, names
from core.commands.laboratory import laboratory
from core.commands.options import AsJson, Device, Folder, Limit, Threads
from core.commands.reports import interval, print_json


def baselines(
    networks: Annotated[list[str], typer.Argument(help="Networks by name; dn or cs stands for the five.")],
    data: Data,
    limit: Limit = None,
    setting: Setting = None,
    size: Size = 96,
    folder: Folder = None,
    device: Device = "auto",
    threads: Threads = 0,
    as_json: AsJson = False,
) -> None:
    """Clean quality with 95 % intervals, and the margin over the best baseline.

    Denoising: the measurement, total variation, non-local means (scikit-image). Compressed sensing:
    the pseudo-inverse, the best linear estimate, total variation.
    """
    from core.evaluation.inverse.comparison import clean_quality, summary
    from core.evaluation.inverse.evaluation import Pictures
    from core.problems import problem_of
    from core.problems.linear import LinearInverse

    lab = laboratory(device, "float32", threads, folder)
    pictures = Pictures.read(data, limit)
    answer = []
    wanted = names(networks)
    for prefix in dict.fromkeys(name[:2] for name in wanted):
        some = [name for name in wanted if name.startswith(prefix)]
        for value in setting or [15.0 if prefix == "dn" else 0.25]:
            problem = problem_of(some[0])
            assert isinstance(problem, LinearInverse)
            field = "sigma_b" if prefix == "dn" else "ratio"
            scenario = problem.scenario(checkpoint=some[0], short_side=0).replace(size=size, **{field: value})
            table = summary(clean_quality(lab, some, scenario, pictures))
            answer.append(
                {"setting": problem.setting(scenario), "dataset": pictures.dataset,
                 "pictures": len(pictures.names), "side": problem.side(scenario),
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

"""``python -m core evaluate``: the thesis's evaluation into the results store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from core.commands.reports import print_json, print_notices


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of test photos, e.g. photos_test.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Networks, bilinear or bicubic; all there are if none is named."),
    ] = None,
    validation: Annotated[
        Path | None, typer.Option(help="Photos to choose sigma_g on. Default: photos_val beside DATA.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first test photos by file name.")] = None,
    validation_limit: Annotated[int | None, typer.Option(help="Likewise for validation.")] = None,
    eps_rel: Annotated[list[float] | None, typer.Option(help="Attack strengths; the thesis's seven.")] = None,
    sigma_g: Annotated[list[float] | None, typer.Option(help="Smoothing noises; the thesis's 17.")] = None,
    samples: Annotated[int, typer.Option(help="Samples of the smoothed estimate.")] = 50,
    validation_samples: Annotated[
        int, typer.Option(help="Likewise while sigma_g is chosen, where 16 times as many are needed.")
    ] = 20,
    keep: Annotated[str, typer.Option(help="Attack result: best or final iterate.")] = "best",
    seed: Annotated[int, typer.Option(help="Seed of attack starts and noise.")] = 0,
    batch: Annotated[int, typer.Option(help="Photos per task.")] = 10,
    precision: Annotated[str, typer.Option(help="float32, bfloat16 or auto.")] = "auto",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads of each process.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (tcp://…): its workers compute.")
    ] = None,
    results: Annotated[Path | None, typer.Option(help="Folder of results.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder of checkpoints.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object at the end.")] = False,
) -> None:
    """Attack and score networks over the whole grid; kill it at any time, the same line continues.

    PGD-10 on each network itself, steps of ε/4, random start. For smoothing networks sigma_g is
    first chosen by SSIM on validation photos, for each attack strength.
    """
    from tqdm import tqdm

    from core import results as tidy
    from core.store import RESULTS, Store
    from core.sweep import start
    from core.sweep.grid import EPS_RELS, SIGMA_GS, Settings
    from core.sweep.photos import read_crops
    from core.sweep.sweep import carry_out, choose_noises, plan_test, plan_validation
    from core.sweep.timing import Clock

    targets = start.targets(names or ["all"], checkpoints)
    executor = start.executor(cluster, device, precision, threads, checkpoints)
    settings = Settings(
        eps_rels=tuple(eps_rel or EPS_RELS),
        sigma_gs=tuple(sigma_g or SIGMA_GS),
        samples=samples,
        keep=keep,
        seed=seed,
        precision=executor.precision,
        device=executor.device,
        batch=batch,
    )
    store = Store(tidy.TABLE, results or RESULTS)
    test = read_crops(data, limit)
    held_out = read_crops(validation or data.parent / "photos_val", validation_limit, "--validation")
    clock = Clock()
    with closing(executor):
        for stage in ("validation", "test"):
            if stage == "validation":
                crops, planned = held_out, plan_validation(targets, held_out, settings, validation_samples)
            else:
                chosen = choose_noises(store, targets, settings)
                crops, planned = test, plan_test(targets, test, settings, chosen)
            total = sum(group.forwards for group in planned)
            with tqdm(total=total, desc=stage, unit="forward", unit_scale=True, disable=as_json) as bar:
                for finished in carry_out(planned, crops, store, executor):
                    clock.add(finished)
                    bar.set_postfix_str(finished.group.target.name)
                    bar.update(finished.group.forwards)
    print_notices(tidy.notices(tidy.TABLE, "estimator", store.root))
    if as_json:
        print_json(clock.to_records())
        return
    for line in clock.lines():
        typer.echo(line)

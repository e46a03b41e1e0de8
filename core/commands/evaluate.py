"""``python -m core evaluate``: the thesis's evaluation into the results store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import (
    AsJson,
    Device,
    EpsRels,
    Folder,
    Limit,
    Precision,
    Results,
    Samples,
    Seed,
    Threads,
    like,
    number,
)
from core.commands.reports import print_json, print_notices
from core.experiment.scenario import Scenario


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of test photos, e.g. photos_test.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Networks, bilinear or bicubic; all there are if none is named."),
    ] = None,
    validation: Annotated[
        Path | None, typer.Option(help="Photos to choose sigma_g on. Default: photos_val beside DATA.")
    ] = None,
    limit: Limit = None,
    validation_limit: Limit = None,
    eps_rel: EpsRels = None,
    sigma_g: Annotated[
        list[float] | None, like(Scenario, "sigma_g", "Smoothing noises; the thesis's 17.")
    ] = None,
    samples: Samples = 50,
    validation_samples: Annotated[
        int,
        like(Scenario, "samples", "Likewise while sigma_g is chosen, where 16 times as many are needed."),
    ] = 20,
    keep: Annotated[str, typer.Option(help="Attack result: best or final iterate.")] = "best",
    seed: Seed = 0,
    batch: Annotated[int, number("Photos per task.", 1, 10_000)] = 10,
    precision: Precision = "auto",
    device: Device = "auto",
    threads: Threads = 0,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (tcp://…): its workers compute.")
    ] = None,
    results: Results = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack and score networks over the whole grid; kill it at any time, the same line continues.

    PGD, ten steps of ε/4, random start, on each network; on f alone where it is smoothed. For
    smoothing networks sigma_g is first chosen by SSIM on validation photos, for each attack strength.
    """
    from tqdm import tqdm

    from core.base.errors import UserError
    from core.evaluation.sweep import start
    from core.evaluation.sweep.grid import EPS_RELS, SIGMA_GS, Settings
    from core.evaluation.sweep.photos import read_crops
    from core.evaluation.sweep.sweep import carry_out, choose_noises, plan_test, plan_validation
    from core.evaluation.sweep.timing import Clock
    from core.results import summary as tidy
    from core.results.store import RESULTS, Store

    targets = start.targets(names or ["all"], folder)
    executor = start.executor(cluster, device, precision, threads or None, folder)
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
    planned = plan_validation(targets, held_out, settings, validation_samples)
    seen = {digest for _, digest in held_out.names}
    if both := [name for name, digest in test.names if planned and digest in seen]:
        raise UserError(
            f"{both[0]} is a test photo and a validation photo, but sigma_g is chosen on photos that are not "
            "tested: name others with --validation."
        )
    clock, crops = Clock(), held_out
    with closing(executor):
        for stage in ("validation", "test"):
            if stage == "test":
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

"""``python -m core train``: train networks by their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from core.commands.laboratory import drive
from core.commands.options import Cluster, Device, Folder, Threads, number


def train(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Networks by name (sr-x2-std, dn-ord, digits-rs-0.50 …), or “all” for the thesis's 26, "
            "“paper” for the paper's ten, “digits” for the six of digits."
        ),
    ],
    data: Annotated[
        list[Path],
        typer.Option(
            help="Folder of training photos (searched recursively), may be repeated; for digits-… the one "
            "with the four MNIST .gz files."
        ),
    ],
    validation: Annotated[
        Path | None, typer.Option(help="Folder of validation photos. Default: photos_val beside DATA.")
    ] = None,
    images: Annotated[
        int | None,
        number("160x160 images' worth of pixels (or digits) to see, not the recipe's.", 1, 1_000_000_000),
    ] = None,
    folder: Folder = None,
    device: Device = "auto",
    threads: Threads = 0,
    bfloat16: Annotated[bool, typer.Option(help="Convolutions in bfloat16.")] = True,
    save_every: Annotated[float, number("Seconds between saved states.", 0, 86_400)] = 60.0,
    cluster: Cluster = None,
    again: Annotated[bool, typer.Option(help="Train also what is already there.")] = False,
    download: Annotated[bool, typer.Option(help="Fetch MNIST to DATA first (torchvision).")] = False,
) -> None:
    """Train networks one after the other; kill it at any time, the same line continues.

    A network that goes on from another one (dn-ord from dn-start, sr-x2-rs-0.10 from sr-x2-std) comes
    after it, and the other one is trained too where it is missing.
    """
    import torch

    from core.base.errors import UserError
    from core.problems import PROBLEMS
    from core.problems.digits import data as mnist
    from core.runtime.engine import choose_device
    from core.training import recipes
    from core.training.cluster import train_on_cluster
    from core.training.loop import Trainer
    from core.training.tasks import read, task_of
    from core.zoo import checkpoints

    if threads:
        torch.set_num_threads(threads)
    target = folder or checkpoints.FOLDER
    # On a cluster the workers' devices count, which this machine need not have.
    where = device if cluster else choose_device(device)
    gpu = where in ("cuda", "mps")
    there = {path.stem for path in target.glob("*.safetensors")}
    wanted = dict.fromkeys(name for word in names for name in recipes.GROUPS.get(word, [word]))
    plans = recipes.with_starts([recipes.recipe(name, gpu=gpu) for name in wanted], there, gpu=gpu)
    if download:
        mnist.download(data[0])
    for place in data:
        if not place.is_dir():
            raise UserError(f"{place} is not a folder: name one with --data.")
    if not again:
        for plan in [plan for plan in plans if plan.identity.name in there]:
            typer.echo(f"{plan.identity.name}: already there (--again trains it anew)")
            plans.remove(plan)
    plans = [replace(plan, images=images) for plan in plans] if images else plans
    options: dict[str, Any] = {"device": where, "mixed_precision": bfloat16, "save_every": save_every}

    def say(name: str) -> None:
        metadata = checkpoints.describe(target / f"{name}.safetensors")
        typer.echo(f"{name}: {metadata.images_seen} images seen, validation {metadata.scores}")

    if cluster:
        folders, photos_val = tuple(place.resolve() for place in data), validation and validation.resolve()
        options["threads"] = threads
        for name in train_on_cluster(cluster, plans, folders, photos_val, target.resolve(), options):
            say(name)
        return
    told = None
    for plan in plans:
        trained, held_out = read(plan, tuple(data), validation)
        if trained is not told:
            said = task_of(PROBLEMS[plan.identity.problem]).said.format(len(trained))
            typer.echo(f"{said}, {len(held_out)} for validation")
            told = trained
        trainer = Trainer(plan, trained, held_out, folder=target, **options)
        drive(trainer.run(), plan.identity.name, unit="step", done=trainer.step)
        say(plan.identity.name)

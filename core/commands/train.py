"""``python -m core train``: train networks by their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.metadata import Metadata


def train(
    recipes: Annotated[
        list[str], typer.Argument(help="Networks by name (sr-x2-std …), or “all” for the 26.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of training photos (searched recursively).")],
    validation: Annotated[
        Path | None, typer.Option(help="Folder of validation photos. Default: photos_val beside DATA.")
    ] = None,
    images: Annotated[
        int | None, typer.Option(help="160x160 images' worth of pixels to see, instead of the recipe's.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where checkpoints go.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves it to torch.")] = 0,
    bfloat16: Annotated[bool, typer.Option(help="Convolutions in bfloat16.")] = True,
    save_every: Annotated[float, typer.Option(help="Seconds between saved states.")] = 60.0,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (tcp://…): one network per worker.")
    ] = None,
    again: Annotated[bool, typer.Option(help="Train also what is already there.")] = False,
) -> None:
    """Train networks one after the other; kill it at any time, the same line continues."""
    import torch
    from tqdm import tqdm

    from core import checkpoints
    from core.engine import choose_device
    from core.errors import UserError
    from core.training import recipes as known
    from core.training.loop import Trainer
    from core.training.photos import PhotoFolder

    if threads:
        torch.set_num_threads(threads)
    target = folder or checkpoints.FOLDER
    # On a cluster the workers' devices count, which this machine need not have.
    where = device if cluster else choose_device(device)
    wanted = known.names() if recipes == ["all"] else recipes
    plans = [known.recipe(name, gpu=where in ("cuda", "mps")) for name in wanted]
    if images:
        plans = [replace(plan, images=images) for plan in plans]
    held_out = validation or data.parent / "photos_val"
    for folder_needed in (data, held_out):
        if not folder_needed.is_dir():
            raise UserError(f"{folder_needed} is not a folder: name one with --data and --validation.")
    photos, val_photos = PhotoFolder.read(data), PhotoFolder.read(held_out)
    typer.echo(f"{len(photos.names)} training photos, {len(val_photos.names)} for validation")
    if not again:
        for plan in [plan for plan in plans if (target / f"{plan.identity.name}.safetensors").exists()]:
            typer.echo(f"{plan.identity.name}: already there (--again trains it anew)")
            plans.remove(plan)
    if cluster:
        from core.training.cluster import train_on_cluster

        options = {
            "device": where, "threads": threads, "mixed_precision": bfloat16, "save_every": save_every,
        }  # fmt: skip
        data_there = (data.resolve(), held_out.resolve())
        for name in train_on_cluster(cluster, plans, data_there, photos.digest, target.resolve(), options):
            _say(checkpoints.describe(target / f"{name}.safetensors"))
        return
    for plan in plans:
        trainer = Trainer(
            plan,
            photos,
            val_photos,
            folder=target,
            device=where,
            mixed_precision=bfloat16,
            save_every=save_every,
        )
        with tqdm(total=plan.steps, initial=trainer.step, desc=plan.identity.name, unit="step") as bar:
            for progress in trainer.run():
                bar.set_postfix(loss=f"{progress.loss:.5f}", img_s=f"{progress.images_per_second:.0f}")
                bar.update(progress.step - bar.n)
        _say(checkpoints.describe(target / f"{plan.identity.name}.safetensors"))


def _say(metadata: Metadata) -> None:
    typer.echo(f"{metadata.name}: {metadata.images_seen} images seen, validation {metadata.scores}")

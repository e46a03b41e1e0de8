"""``python -m core train``: train networks by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.options import Device, Folder, Threads, number

if TYPE_CHECKING:
    from core.training.plan import Plan
    from core.training.recipes import Recipe
    from core.zoo.metadata import Metadata


def train(
    recipes: Annotated[
        list[str],
        typer.Argument(
            help="Networks by name (sr-x2-std, dn-ord …), or “all” for the thesis's 26, “paper” for the "
            "paper's ten."
        ),
    ],
    data: Annotated[
        list[Path], typer.Option(help="Folder of training photos (searched recursively); may be repeated.")
    ],
    validation: Annotated[
        Path | None, typer.Option(help="Folder of validation photos. Default: photos_val beside DATA.")
    ] = None,
    images: Annotated[
        int | None,
        number("160x160 images' worth of pixels to see, instead of the recipe's.", 1, 1_000_000_000),
    ] = None,
    folder: Folder = None,
    device: Device = "auto",
    threads: Threads = 0,
    bfloat16: Annotated[bool, typer.Option(help="Convolutions in bfloat16.")] = True,
    save_every: Annotated[float, number("Seconds between saved states.", 0, 86_400)] = 60.0,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (tcp://…): one network per worker.")
    ] = None,
    again: Annotated[bool, typer.Option(help="Train also what is already there.")] = False,
) -> None:
    """Train networks one after the other; kill it at any time, the same line continues.

    dn-… and cs-… go on from dn-start and cs-start, which are trained first where they are missing.
    """
    import torch

    from core.base.errors import UserError
    from core.runtime.engine import choose_device
    from core.training.recipes import Recipe
    from core.zoo import checkpoints

    if threads:
        torch.set_num_threads(threads)
    target = folder or checkpoints.FOLDER
    # On a cluster the workers' devices count, which this machine need not have.
    where = device if cluster else choose_device(device)
    there = {path.stem for path in target.glob("*.safetensors")}
    plans = [replace(p, images=images) if images else p for p in _plans(recipes, where, there)]
    held_out = validation or data[0].parent / "photos_val"
    for option, place in (*(("--data", each) for each in data), ("--validation", held_out)):
        if not place.is_dir():
            raise UserError(f"{place} is not a folder: name one with {option}.")
    if not again:
        for plan in [plan for plan in plans if plan.identity.name in there]:
            typer.echo(f"{plan.identity.name}: already there (--again trains it anew)")
            plans.remove(plan)
    options = {"device": where, "mixed_precision": bfloat16, "save_every": save_every}
    thesis = [plan for plan in plans if isinstance(plan, Recipe)]
    inverse = [plan for plan in plans if not isinstance(plan, Recipe)]
    if cluster:
        if inverse or len(data) > 1:
            raise UserError("A cluster trains the super-resolution networks, from one folder of photos.")
        _on_cluster(cluster, thesis, (data[0], held_out), target, {**options, "threads": threads})
        return
    for some, grey in ((thesis, False), (inverse, True)):
        if some:
            _here(some, data, held_out, target, options, grey=grey)


def _plans(wanted: list[str], device: str, there: set[str]) -> list[Plan]:
    from core.problems.names import Identity, LinearIdentity
    from core.training import inverse_recipes as inverse
    from core.training import recipes as thesis

    names: list[str] = []
    for word in wanted:
        names += {"all": thesis.names(), "paper": inverse.names()}.get(word, [word])
    names = list(dict.fromkeys(names))
    ours = [name for name in names if isinstance(Identity.parse(name), LinearIdentity)]
    plans: list[Plan] = [
        thesis.recipe(name, gpu=device in ("cuda", "mps")) for name in names if name not in ours
    ]
    return plans + [inverse.recipe(name) for name in inverse.with_starts(ours, there)]


def _here(
    plans: Sequence[Plan],
    data: list[Path],
    held_out: Path,
    target: Path,
    options: dict[str, Any],
    *,
    grey: bool,
) -> None:
    from tqdm import tqdm

    from core.training.inverse import InverseTask
    from core.training.inverse_recipes import InverseRecipe
    from core.training.loop import Trainer
    from core.training.photos import PhotoFolder
    from core.zoo import checkpoints

    photos, val_photos = PhotoFolder.read(data, grey=grey), PhotoFolder.read(held_out, grey=grey)
    typer.echo(f"{len(photos.names)} training photos, {len(val_photos.names)} for validation")
    for plan in plans:
        task = InverseTask(plan) if isinstance(plan, InverseRecipe) else None
        trainer = Trainer(plan, photos, val_photos, task=task, folder=target, **options)
        with tqdm(total=plan.steps, initial=trainer.step, desc=plan.identity.name, unit="step") as bar:
            for progress in trainer.run():
                bar.set_postfix(loss=f"{progress.loss:.5f}", img_s=f"{progress.images_per_second:.0f}")
                bar.update(progress.step - bar.n)
        _say(checkpoints.describe(target / f"{plan.identity.name}.safetensors"))


def _on_cluster(
    address: str, plans: Sequence[Recipe], data: tuple[Path, Path], target: Path, options: dict[str, Any]
) -> None:
    from core.training.cluster import train_on_cluster
    from core.training.photos import PhotoFolder
    from core.zoo import checkpoints

    digest = PhotoFolder.read(data[0]).digest
    there = (data[0].resolve(), data[1].resolve())
    for name in train_on_cluster(address, plans, there, digest, target.resolve(), options):
        _say(checkpoints.describe(target / f"{name}.safetensors"))


def _say(metadata: Metadata) -> None:
    typer.echo(f"{metadata.name}: {metadata.images_seen} images seen, validation {metadata.scores}")

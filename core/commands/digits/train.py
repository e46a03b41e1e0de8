"""``python -m core digits train``: the digit networks, minutes each on one core."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import Folder, Threads


def train(
    networks: Annotated[
        list[str], typer.Argument(help="Networks by name (digits-std …), or “all” for the six.")
    ],
    data: Annotated[Path, typer.Option(help="Folder with the four MNIST .gz files.")],
    download: Annotated[bool, typer.Option(help="Fetch the files to DATA first (torchvision).")] = False,
    folder: Folder = None,
    threads: Threads = 0,
    again: Annotated[bool, typer.Option(help="Train also what is already there.")] = False,
) -> None:
    """Train networks one after the other on all 60,000 training digits.

    A network's file appears when it is finished; the same line continues with the next one.
    """
    import torch
    from tqdm import tqdm

    from core.problems.digits import data as mnist
    from core.training import digits_recipes as recipes
    from core.training.digits import train as run
    from core.zoo import checkpoints

    plans = [
        recipes.recipe(name) for name in dict.fromkeys(recipes.names() if networks == ["all"] else networks)
    ]
    if threads:
        torch.set_num_threads(threads)
    target = folder or checkpoints.FOLDER
    if download:
        mnist.download(data)
    digits, validation = mnist.read(data, "train"), mnist.validation(data)
    for plan in plans:
        name = plan.identity.name
        path = target / f"{name}.safetensors"
        if path.exists() and not again:
            typer.echo(f"{name}: already there (--again trains it anew)")
            continue
        with tqdm(desc=name, unit="step") as bar:
            for progress in run(plan, digits, validation, folder=target):
                bar.total = progress.steps
                bar.set_postfix(loss=f"{progress.loss:.4f}")
                bar.update(progress.step - bar.n)
        metadata = checkpoints.describe(path)
        typer.echo(f"{name}: {metadata.images_seen} digits seen, validation {metadata.scores}")

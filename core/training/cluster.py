"""Training a list of networks on a Dask cluster: one task per network.

Workers read the data from the same paths and keep unfinished states in the same folder
of checkpoints, so that on a shared file system a network whose worker died is continued, not
begun again. Finished files come back to the process that asked, which writes them too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from core.base.cluster import connect
from core.base.errors import UserError
from core.base.files import write_atomically
from core.runtime.engine import choose_device
from core.training.loop import Trainer
from core.training.recipe import Recipe
from core.training.tasks import read

Files = dict[str, bytes]
"""What a training leaves in its folder: contents by file name."""


def _train(
    recipe: Recipe,
    folders: tuple[Path, ...],
    validation: Path | None,
    digest: str,
    folder: Path,
    options: dict[str, Any],
    start: Files | None,
) -> Files:
    """Train one network where this runs; ``start`` has the files of the network it starts from."""
    device, threads = choose_device(options["device"]), options["threads"]
    if threads:
        torch.set_num_threads(threads)
    data, held_out = read(recipe, folders, validation)
    if data.digest != digest:
        raise UserError(f"{folders[0]} holds other data on a worker than here: copy the same there.")
    for name, content in (start or {}).items():
        if not (folder / name).exists():
            write_atomically(folder / name, content)
    trainer = Trainer(
        recipe,
        data,
        held_out,
        folder=folder,
        device=device,
        mixed_precision=options["mixed_precision"],
        save_every=options["save_every"],
    )
    for _ in trainer.run():
        pass
    return _files(folder, recipe.identity.name)


def _files(folder: Path, name: str) -> Files:
    found = (folder / f"{name}{suffix}" for suffix in (".safetensors", ".curve.parquet"))
    return {path.name: path.read_bytes() for path in found if path.exists()}


def train_on_cluster(
    address: str,
    plans: Sequence[Recipe],
    folders: tuple[Path, ...],
    validation: Path | None,
    folder: Path,
    options: dict[str, Any],
) -> Iterator[str]:
    """Train the networks, each on one worker, and yield the name of each as it is written here.

    A network that starts from another one waits for it.

    Args:
        address: of the Dask scheduler.
        plans: what to train.
        folders, validation: of the data, as this machine and the workers see them.
        folder: where checkpoints go, here and on the workers.
        options: ``device``, ``threads``, ``mixed_precision``, ``save_every``.

    Raises:
        UserError: if nothing answers at the address, data differ, or a network to start from is
            neither here nor in the plans.
    """
    from dask.distributed import as_completed

    futures: dict[str, Any] = {}
    with connect(address) as client:
        for plan in sorted(plans, key=lambda plan: bool(plan.start)):
            start = futures.get(plan.start) or _files(folder, plan.start) if plan.start else None
            if start == {}:
                raise UserError(f"{plan.start} is needed first: add it to the networks to train.")
            digest = read(plan, folders, validation)[0].digest
            futures[plan.identity.name] = client.submit(
                _train, plan, folders, validation, digest, folder, options, start, pure=False
            )
        names = {future: name for name, future in futures.items()}
        for future in as_completed(list(names), loop=client.loop):
            for name, content in future.result().items():
                write_atomically(folder / name, content)
            yield names[future]

"""From the command line's words to what an evaluation works with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.errors import UserError
from core.evaluation.sweep.cluster import Cluster
from core.evaluation.sweep.grid import Target
from core.evaluation.sweep.local import Local
from core.evaluation.sweep.sweep import Executor
from core.problems.names import BASELINES, Identity, LinearIdentity, SuperResolutionIdentity
from core.problems.super_resolution import FACTORS
from core.runtime.engine import THREADS, Engine
from core.runtime.session import Lab
from core.zoo import checkpoints, registry


def targets(names: Sequence[str], folder: Path | None = None) -> list[Target]:
    """The estimators by name, each once; ``all`` stands for both baselines and every super-resolution
    network, added ones too.

    Raises:
        UserError: if a network is missing or damaged.
    """
    found = []
    if "all" in names:
        good, bad = registry.find(folder, problem=SuperResolutionIdentity.problem)
        if bad:
            raise UserError(bad[0])
        names = [*BASELINES, *(m.name for m in good)]
    for name in names:
        if name in BASELINES:
            found += [Target(name, factor) for factor in FACTORS]
        else:
            identity = Identity.parse(name)
            if isinstance(identity, LinearIdentity):
                raise UserError(f"{name} has its own evaluation: python -m core inverse evaluate --help.")
            factor = SuperResolutionIdentity.parse(name).factor
            found.append(Target(name, factor, registry.describe(name, folder).digest))
    return list(dict.fromkeys(found))


def executor(
    cluster: str | None, device: str, precision: str, threads: int | None, folder: Path | None
) -> Executor:
    """What computes the groups: the process itself, or the workers of a Dask cluster.

    Raises:
        UserError: for an unknown device or precision, or a cluster that does not answer.
    """
    if cluster is not None:
        return Cluster(cluster, device, precision, threads, folder)
    lab = Lab(Engine(device, threads=threads or THREADS), folder or checkpoints.FOLDER)
    return Local(lab, precision)

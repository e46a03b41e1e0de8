"""Trained networks on disk: one ``.safetensors`` file each, float16 weights, metadata inside.

Names say what a network is (:mod:`core.problems.names`). What is said about a network depends on its
problem (:mod:`core.zoo.metadata`). No pickle is ever read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import UserError
from core.base.files import digest, read_bytes, stamp, write_atomically
from core.base.places import shipped
from core.problems import PROBLEMS
from core.problems.names import ELSEWHERE, INVERSE_OBJECTIVES, OBJECTIVES, OWN, Identity
from core.zoo import elsewhere
from core.zoo.metadata import FORMAT, ElsewhereMetadata, Metadata, from_json

if TYPE_CHECKING:
    from torch import nn

FOLDER = Path(os.environ.get("LAB_CHECKPOINTS") or shipped("checkpoints"))
"""Where networks are looked for; the environment variable ``LAB_CHECKPOINTS`` moves it."""

MAX_METADATA = 2**16
"""Characters of JSON in a header."""


def save(network: nn.Module, metadata: Metadata, folder: Path | None = None) -> Path:
    """Write ``<folder>/<name>.safetensors``: float16 weights, all of the metadata.

    The file appears whole or not at all.

    Raises:
        ValueError: if a weight is not finite in float16.
        UserError: if the disk is full or the folder cannot be written.
    """
    import torch
    from safetensors.torch import save as serialise

    tensors = {}
    for key, tensor in network.state_dict().items():
        stored = tensor.detach().cpu().contiguous()
        if stored.is_floating_point():
            stored = stored.half()
            if not torch.isfinite(stored).all():
                raise ValueError(f"{metadata.name}: {key} has values beyond float16")
        tensors[key] = stored
    path = (folder or FOLDER) / f"{metadata.name}.safetensors"
    write_atomically(path, serialise(tensors, in_header(metadata)))
    return path


def in_header(metadata: Metadata) -> dict[str, str]:
    """Metadata as a file carries it: without its own digest, and without what nobody measured."""
    known = {name: value for name, value in asdict(metadata).items() if value == value}
    return {"metadata": json.dumps({**known, "digest": ""})}


def describe(path: Path) -> Metadata:
    """Read a checkpoint's metadata without its weights; ``digest`` is filled in.

    Raises:
        UserError: if the file is missing, unreadable, truncated, renamed or not one of ours.
    """
    found = stamp(path)
    if found is None:
        raise UserError(f"There is no network “{path.stem}” in {path.parent}: see python -m core models.")
    return _describe(path, *found)


@lru_cache(maxsize=256)
def _describe(path: Path, _modified: int, _size: int) -> Metadata:
    metadata = read(path, str(path))
    if path.stem not in (metadata.name, own_name(metadata)):
        raise UserError(f"{path} says inside that it is {metadata.name}: rename it back.")
    return replace(metadata, name=path.stem)


def own_name(metadata: Metadata) -> str:
    """The name that a network from outside has beside the shipped ones: its digest tells it apart."""
    return f"{metadata.name}{OWN}{metadata.digest[:8]}"


def read(path: Path, called: str) -> Metadata:
    """Read the metadata of a file of any name; ``digest`` is filled in.

    Args:
        path: the file.
        called: what messages call it.

    Raises:
        UserError: if the file is unreadable, truncated, not one of ours, or claims to be what no
            network can be.
    """
    content = read_bytes(path)
    said = header(path, content, called)
    try:
        if len(said["metadata"]) > MAX_METADATA:
            raise ValueError("metadata of this size is not ours")
        known = json.loads(said["metadata"])
        json.dumps(known, allow_nan=False, ensure_ascii=False).encode()  # what is shown can be written
        metadata = from_json(known)
        identity = metadata.identity
        name = identity.name
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UserError(
            f"{called} carries no metadata of ours: put a network made by python -m core train in its place, "
            "or delete it."
        ) from error
    if metadata.format != FORMAT:
        raise UserError(
            f"{called} has format {metadata.format}, this version reads {FORMAT}: update the app, or delete "
            "the file."
        )
    if metadata.name != name:
        raise UserError(
            f"{called} says inside that it is {metadata.name[:40]} ({name[:40]}): rename it back."
        )
    if identity.read(name) != identity:
        raise UserError(
            f"{called} says inside that it is {name[:40]}, a name that no network can have: train it "
            "again, or delete it."
        )
    return replace(metadata, digest=digest(content))


def header(path: Path, content: bytes, called: str) -> dict[str, str]:
    """What a safetensors file says beside its weights; ours has all of it under ``metadata``.

    Raises:
        UserError: if it is damaged, or something else.
    """
    from safetensors import SafetensorError, safe_open

    try:
        # safetensors checks here that the header and the file's length agree.
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        # A zip archive (torch.save, .pt2) or a bare pickle begins like this, but so may a sound file.
        if content.startswith((b"PK", b"\x80")):
            raise UserError(
                f"{called} is a pickle or an archive that may hold one, which could run code when opened: "
                "save the weights as .safetensors with python -m core train, or ask whoever runs the server "
                "to add the program (LAB_PROGRAMS)."
            ) from error
        raise UserError(
            f"{called} is damaged or not a safetensors file: copy it again or delete it."
        ) from error


def digest_of(path: Path) -> str:
    """First 16 hexadecimal digits of the file's SHA-256.

    Raises:
        UserError: if it cannot be read.
    """
    return digest(read_bytes(path))


def load(name: str, folder: Path | None = None) -> tuple[nn.Module, Metadata]:
    """Load a network in eval mode with float32 weights, and its metadata.

    Raises:
        UserError: if the file is missing, unreadable, damaged, renamed or of another architecture.
    """
    from safetensors.torch import load as deserialise

    from core.networks import build

    path = (folder or FOLDER) / f"{name}.safetensors"
    metadata = describe(path)
    content = read_bytes(path)
    if isinstance(metadata, ElsewhereMetadata):
        return elsewhere.recognised(deserialise(content), str(path))[0], metadata
    try:
        network = build(metadata.architecture, **metadata.shape)
        network.load_state_dict(deserialise(content))
    except Exception as error:  # whatever a shape raises that the architecture cannot have
        raise UserError(
            f"{path} does not hold the weights of a {metadata.architecture}: copy it again or delete it."
        ) from error
    return network.float().eval(), metadata


def find(
    folder: Path | None = None, *, problem: str | None = None, weights: bool = False
) -> tuple[list[Metadata], list[str]]:
    """All readable checkpoints, sorted, and one sentence for each file that is not readable.

    Args:
        folder: where to look.
        problem: only networks of this problem, and complaints about files named like them or
            like none.
        weights: also check that the weights fit the architecture (loads torch); a file that
            has not changed is checked once.
    """
    good: list[Metadata] = []
    bad: list[str] = []
    for path in sorted((folder or FOLDER).glob("*.safetensors")):
        named = Identity.read(path.stem)
        if path.name.startswith(".") or problem not in (None, named.problem if named else problem):
            continue
        if named and named.problem not in PROBLEMS:  # what it measures with is not installed
            continue
        try:
            metadata = describe(path)
            if weights:
                _check_weights(metadata.name, path.parent, metadata.digest)
            good.append(metadata)
        except UserError as error:
            bad.append(str(error))
    good.sort(key=_order)
    return good, bad


def _order(metadata: Metadata) -> tuple[Any, ...]:
    """By problem; there by factor, with the global skip first."""
    objectives, identity = (*OBJECTIVES.values(), *INVERSE_OBJECTIVES, ELSEWHERE), metadata.identity
    return (
        [*PROBLEMS].index(metadata.problem),
        identity.factor,
        not identity.residual,
        objectives.index(metadata.objective),
        metadata.level,
        metadata.name,
    )


@lru_cache(maxsize=256)
def _check_weights(name: str, folder: Path, _digest: str) -> None:
    load(name, folder)

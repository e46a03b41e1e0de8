"""All networks that a name can mean: shipped, added to the server, and exported programs.

Three folders, one after the other: :data:`core.zoo.checkpoints.FOLDER` (or another that is named),
:func:`core.zoo.uploads.folder` and :func:`core.zoo.programs.folder`. Names never clash between them: what
is not shipped has ``-own-…`` in its name. The networks of super-resolution stand in the problem of the small
picture too, ``sr-x2-std`` as ``lr-x2-std``: see :mod:`core.networks.enlarged`. There also stand published
networks, from packages: see :mod:`core.zoo.published`, and one's own: see :mod:`core.zoo.elsewhere`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UserError
from core.problems.names import ELSEWHERE, OWN, Identity
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo import checkpoints, elsewhere, programs, published, uploads
from core.zoo.metadata import Metadata, SuperResolutionMetadata

if TYPE_CHECKING:
    from torch import nn


def locate(name: str, folder: Path | None = None) -> Path:
    """The file of a network; of a shipped one or one that is registered, where it ought to be.

    Raises:
        UserError: if the name is an added network's and there is none such.
    """
    if _family(name):
        return published.locate(name)
    if name in elsewhere.REGISTERED:
        return uploads.folder() / name
    name = _trained_as(name) or name
    shipped = (folder or checkpoints.FOLDER) / f"{name}.safetensors"
    if OWN not in name:
        return shipped
    places = [shipped, uploads.folder() / f"{name}.safetensors"]
    if trusted := programs.folder():
        places.append(trusted / f"{name}.pt2")
    for path in places:
        if path.exists():
            return path
    raise UserError(
        f"There is no network {name} here any more: add it again on the page Models, or put its file into "
        "the folder that LAB_UPLOADS names."
    )


def describe(name: str, folder: Path | None = None) -> Metadata:
    """A network's metadata by its name.

    Raises:
        UserError: see :func:`locate` and :func:`core.zoo.checkpoints.describe`.
    """
    if _family(name):
        return published.describe(name)
    if name in elsewhere.REGISTERED:
        return elsewhere.REGISTERED[name][1]
    if trained := _trained_as(name):
        return _enlarged(describe(trained, folder))
    path = locate(name, folder)
    return programs.describe(path) if path.suffix == ".pt2" else checkpoints.describe(path)


def load(name: str, folder: Path | None = None, device: str = "cpu") -> tuple[nn.Module, Metadata]:
    """A network by its name, in eval mode; a program is made ready for ``device``.

    Raises:
        UserError: see :func:`locate`, :func:`core.zoo.checkpoints.load`, :func:`core.zoo.programs.load`.
    """
    if _family(name):
        return published.load(name)
    if name in elsewhere.REGISTERED:
        return elsewhere.REGISTERED[name]
    if trained := _trained_as(name):
        from core.networks.enlarged import Enlarged

        network, metadata = load(trained, folder, device)
        return Enlarged(network, metadata.identity.factor), _enlarged(metadata)
    path = locate(name, folder)
    return programs.load(path, device) if path.suffix == ".pt2" else checkpoints.load(name, path.parent)


def find(
    folder: Path | None = None, *, problem: str | None = None, weights: bool = False
) -> tuple[list[Metadata], list[str]]:
    """All networks of all folders: shipped, added, programs, others'; see :func:`core.zoo.checkpoints.find`.

    Ours in the problem of the small picture, the same files again, are found for that problem alone.
    """
    if problem == SMALL_PICTURE.name:
        good, bad = find(folder, problem=SUPER_RESOLUTION.name, weights=weights)
        ours = [_enlarged(metadata) for metadata in good if metadata.architecture == "unet"]
        own, unreadable = checkpoints.find(uploads.folder(), problem=problem, weights=weights)
        return [*ours, *own, *_outside()], bad + unreadable
    good, bad = checkpoints.find(folder, problem=problem, weights=weights)
    added, unreadable = checkpoints.find(uploads.folder(), problem=problem, weights=weights)
    for metadata in added:
        if OWN in metadata.name:
            good.append(metadata)
        else:
            unreadable.append(
                f"{metadata.name}.safetensors in LAB_UPLOADS has a shipped network's name: call it "
                f"{checkpoints.own_name(metadata)}.safetensors."
            )
    bad += unreadable
    if problem in (None, SUPER_RESOLUTION.name):
        opened, unusable = programs.find(opened=weights)
        good += opened
        bad += unusable
    if problem is None:  # ours in the problem of the small picture are the same files again
        good += _outside()
    return good, bad


def _outside() -> list[Metadata]:
    """Published networks, and those that are registered."""
    return [*published.find(), *(metadata for _, metadata in elsewhere.REGISTERED.values())]


def size(name: str, folder: Path | None = None) -> int:
    """Bytes of a network's file; none of one that is registered.

    Raises:
        UserError: see :func:`locate`.
    """
    return 0 if name in elsewhere.REGISTERED else locate(name, folder).stat().st_size


def _family(name: str) -> str:
    identity = Identity.read(name)
    return identity.family if identity else ""


def _trained_as(name: str) -> str:
    """The network of super-resolution that a name in the problem of the small picture means, or ""."""
    identity = Identity.read(name)
    ours = identity and identity.problem == SMALL_PICTURE.name and identity.objective != ELSEWHERE
    return replace(identity, problem=SUPER_RESOLUTION.name).name if identity and ours else ""


def _enlarged(metadata: Metadata) -> Metadata:
    """What is said of such a network, whose own level is none of the small picture's."""
    assert isinstance(metadata, SuperResolutionMetadata)
    name = metadata.name.replace(SUPER_RESOLUTION.prefix, SMALL_PICTURE.prefix, 1)
    return replace(
        metadata, name=name, problem=SMALL_PICTURE.name, val_level_psnr=math.nan, val_level_ssim=math.nan
    )

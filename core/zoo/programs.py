"""Networks of any architecture as ``torch.export`` programs (``.pt2``), from a trusted folder.

A ``.pt2`` archive holds pickles, so opening it may run code. Programs are therefore read only
from the folder that whoever starts the process names in ``LAB_PROGRAMS``, never from elsewhere.

The convention: one input, the standardised measurement ``(b, 3, 160, 160)`` float32 with dynamic
``b``; one output of the same shape, the standardised picture; the output is differentiable by the
input, and no picture's depends on the others of its batch. The file's name says what it is, with a
word of its own at the end: ``sr-x2-rs-0.15-own-mine.pt2`` (sigma_f = 0.15),
``sr-x4-std-own-mine.pt2``.
"""

from __future__ import annotations

import os
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UserError
from core.base.files import stamp
from core.problems.names import Identity
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo.checkpoints import digest_of
from core.zoo.metadata import SuperResolutionMetadata

if TYPE_CHECKING:
    from torch import Tensor, nn

ARCHITECTURE = "torch.export program"
SHAPE = (3, 160, 160)
TOLERANCE = 1e-2
"""By which a picture's answer may change beside other pictures: number formats, never the batch."""


def folder() -> Path | None:
    """The folder that ``LAB_PROGRAMS`` names, or None."""
    named = os.environ.get("LAB_PROGRAMS")
    return Path(named) if named else None


def describe(path: Path) -> SuperResolutionMetadata:
    """What is known of a program without opening it: its name, digest and date.

    What only its author knows (images seen, validation figures) is 0 or not a number.

    Raises:
        UserError: if the file cannot be read or its name does not say what it is.
    """
    found = stamp(path)
    if found is None:
        raise UserError(f"There is no program “{path.stem}” in {path.parent}: see LAB_PROGRAMS.")
    return _describe(path, *found)


@lru_cache(maxsize=256)
def _describe(path: Path, modified: int, _size: int) -> SuperResolutionMetadata:
    digest = digest_of(path)
    identity = Identity.read(path.stem)
    if identity is None or not identity.tag:
        raise UserError(
            f"{path.name} does not say what it is: call it like sr-x2-std-own-mine.pt2 or, trained with "
            "noise, sr-x2-rs-0.15-own-mine.pt2."
        )
    nan = float("nan")
    return SuperResolutionMetadata(
        name=path.stem,
        problem=SUPER_RESOLUTION.name,
        objective=identity.objective,
        level=identity.level,
        architecture=ARCHITECTURE,
        images_seen=0,
        steps=0,
        started_from="",
        recipe={},
        data="not said",
        data_digest="",
        seed=0,
        trained_on="not said",
        date=date.fromtimestamp(modified / 1e9).isoformat(),
        digest=digest,
        factor=identity.factor,
        residual=identity.residual,
        widths=(),
        val_psnr=nan,
        val_ssim=nan,
        val_level_psnr=nan,
        val_level_ssim=nan,
    )


def load(path: Path, device: str = "cpu") -> tuple[nn.Module, SuperResolutionMetadata]:
    """Open a program and try it: forward with one and with three pictures, and that it has a gradient.

    Whether the gradient says anything is seen where it is used: see :mod:`core.attacks.search`.

    Raises:
        UserError: if it cannot be opened or does not keep to the convention.
    """
    import torch
    from torch.export.passes import move_to_device_pass

    from core.networks.program import Program

    metadata = describe(path)
    try:
        opened = torch.export.load(path)
        network = Program((move_to_device_pass(opened, device) if device != "cpu" else opened).module())
    except Exception as error:  # whatever the archive's own code raises
        raise UserError(
            f"{path.name} cannot be opened as a torch.export program: save it with torch.export.save."
        ) from error
    pictures = _pictures().to(device)
    alone = torch.cat([_answer(network, picture, path.name) for picture in torch.split(pictures, 1)])
    if not torch.allclose(_answer(network, pictures, path.name), alone, rtol=TOLERANCE, atol=TOLERANCE):
        raise UserError(
            f"{path.name} answers a picture differently beside others: export it in eval mode, without "
            "operations across the batch, so that every picture is answered as it would be alone."
        )
    return network, metadata


def _pictures() -> Tensor:
    """Three measurements as unlike in brightness and contrast as pictures are."""
    import torch

    noise = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(0))
    return noise * torch.tensor([0.2, 0.5, 1.0]).view(-1, 1, 1, 1) + torch.tensor([-1, 0, 1]).view(
        -1, 1, 1, 1
    )


def _answer(network: nn.Module, pictures: Tensor, called: str) -> Tensor:
    """What a program answers, if it keeps to the convention."""
    import torch

    measurement = pictures.clone().requires_grad_(True)
    try:
        output: Tensor = network(measurement)
        fits = output.shape == measurement.shape and output.dtype == torch.float32
        fits = fits and bool(torch.isfinite(output).all())
        torch.autograd.grad(output.sum(), measurement)
    except Exception as error:
        raise UserError(
            f"{called} fails on {len(pictures)} pictures of 160×160: export it for float32 (b, 3, 160, 160) "
            "with dynamic b and with gradients."
        ) from error
    if not fits:
        raise UserError(
            f"{called} does not answer with finite float32 of the input's shape: export it so that it does."
        )
    return output.detach()


def find(*, opened: bool = False) -> tuple[list[SuperResolutionMetadata], list[str]]:
    """All programs of the folder, and one sentence for each file that cannot be used.

    Args:
        opened: also open and try each; a file that has not changed is tried once.
    """
    good: list[SuperResolutionMetadata] = []
    bad: list[str] = []
    place = folder()
    for path in sorted(place.glob("[!.]*.pt2")) if place else ():
        try:
            metadata = describe(path)
            if opened:
                _try(path, metadata.digest)
            good.append(metadata)
        except UserError as error:
            bad.append(str(error))
    return good, bad


@lru_cache(maxsize=64)
def _try(path: Path, _digest: str) -> None:
    load(path)

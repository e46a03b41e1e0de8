"""Network architectures as plain modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import UserError

if TYPE_CHECKING:
    from torch import nn


def build(architecture: str, *, residual: bool, widths: tuple[int, ...]) -> nn.Module:
    """A network of freshly initialised weights by its architecture's name.

    Raises:
        UserError: if this version does not know the architecture.
    """
    from core.networks.unet import UNet

    if architecture != "unet":
        raise UserError(f"Networks of architecture “{architecture}” are not known to this version.")
    return UNet(residual=residual, widths=widths)

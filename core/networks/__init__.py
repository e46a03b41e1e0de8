"""Network architectures as plain modules.

U-Net: ``ronneberger2015``; DPDNN: ``dong2018``; ISTA-Net++: ``you2021``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.base.errors import UserError

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES: dict[str, str | type[nn.Module]] = {
    "unet": "core.networks.unet.UNet",
    "digit_cnn": "core.networks.digit_cnn.DigitCNN",
    "dpdnn": "core.networks.dpdnn.DPDNN",
    "ista_net_plus": "core.networks.ista_net.ISTANetPlus",
}
"""By the name in a checkpoint's header: a class, or where it is, so that torch is loaded only for it."""


def build(architecture: str, *, denoiser: dict[str, Any] | None = None, **shape: Any) -> nn.Module:
    """A network of freshly initialised weights by its architecture's name.

    Args:
        architecture: one of :data:`ARCHITECTURES`.
        denoiser: shape of a U-Net that stands before it (:mod:`core.networks.denoised`), if one does.
        shape: arguments of its constructor.

    Raises:
        UserError: if this version does not know the architecture.
    """
    if architecture not in ARCHITECTURES:
        raise UserError(f"Networks of architecture “{architecture}” are not known to this version.")
    found = ARCHITECTURES[architecture]
    if isinstance(found, str):
        module, _, name = found.rpartition(".")
        found = getattr(import_module(module), name)
    network: nn.Module = found(**shape)
    if denoiser:
        from core.networks.denoised import compose

        return compose(network, denoiser)
    return network

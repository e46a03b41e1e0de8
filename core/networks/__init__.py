"""Network architectures as plain modules.

U-Net: ``ronneberger2015``; DPDNN: ``dong2018``; ISTA-Net++: ``you2021``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.base.errors import UserError

if TYPE_CHECKING:
    from torch import nn


def build(architecture: str, **shape: Any) -> nn.Module:
    """A network of freshly initialised weights by its architecture's name.

    Args:
        architecture: ``unet``, ``digit_cnn``, ``dpdnn`` or ``ista_net_plus``.
        shape: arguments of its constructor.

    Raises:
        UserError: if this version does not know the architecture.
    """
    from core.networks.digit_cnn import DigitCNN
    from core.networks.dpdnn import DPDNN
    from core.networks.ista_net import ISTANetPlus
    from core.networks.unet import UNet

    known: dict[str, type[nn.Module]] = {
        "unet": UNet, "digit_cnn": DigitCNN, "dpdnn": DPDNN, "ista_net_plus": ISTANetPlus,
    }  # fmt: skip
    if architecture not in known:
        raise UserError(f"Networks of architecture “{architecture}” are not known to this version.")
    return known[architecture](**shape)

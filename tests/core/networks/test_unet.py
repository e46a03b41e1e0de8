from __future__ import annotations

import pytest
import torch

from core.base.errors import UserError
from core.networks import build
from core.networks.unet import UNet


@pytest.mark.parametrize("residual", [True, False])
def test_parameters_are_the_published_count(residual: bool) -> None:
    assert sum(p.numel() for p in UNet(residual=residual).parameters()) == 486_571


def test_residual_network_starts_as_the_identity(generator: torch.Generator) -> None:
    measurement = torch.randn(1, 3, 32, 48, generator=generator)
    assert torch.equal(UNet().eval()(measurement), measurement)


def test_literal_form_has_no_path_around_the_network(generator: torch.Generator) -> None:
    network = UNet(residual=False).eval()
    torch.nn.init.zeros_(network.head.weight)
    output = network(torch.randn(1, 3, 32, 32, generator=generator))
    torch.testing.assert_close(output, network.head.bias.view(1, 3, 1, 1).expand_as(output))


def test_unknown_architecture_is_refused() -> None:
    with pytest.raises(UserError, match="not known"):
        build("transformer", residual=True, widths=(8,))

"""A picture in tiles against the same picture at once: outputs and gradients, at seams and edges."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.networks.unet import UNet
from core.runtime import engine as engines
from core.runtime.engine import Engine
from core.runtime.tiles import Tiled


def network() -> UNet:
    torch.manual_seed(0)
    found = UNet().eval()
    torch.nn.init.normal_(found.head.weight, std=0.5)
    return found


def test_the_halo_is_as_far_as_the_network_sees_and_no_further(generator: torch.Generator) -> None:
    found = network().double()
    x = torch.randn(1, 3, 16, 512, generator=generator, dtype=torch.float64)
    reach = []
    for place in range(256, 272):  # one stride
        point = x.clone().requires_grad_(True)
        found(point)[..., place].sum().backward()
        seen = point.grad.abs().sum((0, 1, 2)).nonzero().flatten()  # type: ignore[union-attr]
        reach.append(max(place - int(seen.min()), int(seen.max()) - place))
    assert found.halo - 16 < max(reach) <= found.halo


@pytest.mark.parametrize("size", [(208, 272), (128, 320)])
def test_tiled_equals_untiled(size: tuple[int, int], generator: torch.Generator) -> None:
    found = network()
    x = torch.randn(1, 3, *size, generator=generator)
    weight = torch.randn(1, 3, *size, generator=generator)

    def both(estimator: object) -> tuple[Tensor, Tensor]:
        point = x.clone().requires_grad_(True)
        output = estimator(point)  # type: ignore[operator]
        (output * weight).sum().backward()
        assert point.grad is not None
        return output.detach(), point.grad

    at_once = both(found)
    in_tiles = both(lambda point: Tiled.apply(point, found, 64, found.halo))
    for one, other in zip(at_once, in_tiles, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-4)
    seam = both(lambda point: Tiled.apply(point, found, 64, 0))
    assert (seam[0] - at_once[0]).abs().max() > 1e-4, "the case must tell a halo that is too small"


def test_an_engine_tiles_what_is_large_and_less_memory_means_smaller_tiles(
    monkeypatch: pytest.MonkeyPatch, generator: torch.Generator
) -> None:
    monkeypatch.setattr(engines, "PLAIN", 160**2)
    small, usual = Engine("cpu", "float32", 1, memory=1024), Engine("cpu", "float32", 1)
    assert small.tile(112) < usual.tile(112)
    calls = []
    found = network()
    found.register_forward_hook(lambda module, given, output: calls.append(given[0].shape))
    monkeypatch.setattr(engines, "fused", lambda each: each)
    monkeypatch.setattr(Engine, "tile", lambda self, halo: 64)
    x = torch.randn(1, 3, 160, 192, generator=generator)
    with torch.no_grad():
        whole = found(x)
        calls.clear()
        torch.testing.assert_close(usual.prepare(found).exact(x), whole, rtol=0, atol=1e-4)
    assert len(calls) == 9

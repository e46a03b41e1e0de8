"""Networks in ncnn's files: layer by layer against torch, and whole ones against ncnn itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.errors import UserError
from core.networks.ncnn import HALF, Network, parameters, read_graph
from core.pictures import images
from core.zoo import published

GRAPH = """7767517
12 13
Input            picture    0 1 data
Split            both       1 2 data a b
MemoryData       mean       0 1 mean 0=1 1=1 2=3
BinaryOp         centred    2 1 a mean c 0=1
Convolution      one        1 1 c d 0=4 1=3 4=1 5=1 6=108 9=2 -23310=1,2.000000e-01
PReLU            slope      1 1 d e 0=4
Convolution      two        1 1 e f 0=12 1=1 5=0 6=48
PixelShuffle     shuffle    1 1 f g 0=2
Interp           enlarged   1 1 b h 0=3 1=2.000000e+00 2=2.000000e+00
Eltwise          sum        2 1 g h i 0=1 -23301=2,2.000000e-01,1.000000e+00
BinaryOp         less       1 1 i j 0=7 1=1 2=1.000000e+00
Swish            gate       1 1 j output
"""


def weights(generator: torch.Generator) -> dict[str, Tensor]:
    shapes = {"mean": (1, 3, 1, 1), "one": (4, 3, 3, 3), "bias": (4,), "slope": (4,), "two": (12, 4, 1, 1)}
    return {name: torch.randn(shape, generator=generator).half().float() for name, shape in shapes.items()}


def written(w: dict[str, Tensor]) -> bytes:
    half, full = np.uint32(HALF).tobytes(), np.uint32(0).tobytes()
    return b"".join([
        w["mean"].numpy().tobytes(), half, w["one"].half().numpy().tobytes(), w["bias"].numpy().tobytes(),
        w["slope"].numpy().tobytes(), full, w["two"].numpy().tobytes(),
    ])  # fmt: skip


def test_a_graph_is_what_torch_makes_of_its_layers(generator: torch.Generator) -> None:
    w, x = weights(generator), torch.rand(2, 3, 9, 7, generator=generator)
    network = Network(read_graph(GRAPH), written(w)).eval()
    features = F.leaky_relu(F.conv2d(x - w["mean"], w["one"], w["bias"], padding=1), 0.2)
    features = F.pixel_shuffle(F.conv2d(F.prelu(features, w["slope"]), w["two"]), 2)
    expected = F.silu(1 - (0.2 * features + F.interpolate(x, scale_factor=2, mode="bicubic")))
    torch.testing.assert_close(network(x), expected)
    assert parameters(read_graph(GRAPH)) == sum(each.numel() for each in network.parameters()) == 164


def test_what_is_not_read_gets_a_sentence(generator: torch.Generator) -> None:
    content = written(weights(generator))
    with pytest.raises(UserError, match=r"take the \.param file"):
        read_graph("7767517\nnothing\nConvolution")
    with pytest.raises(UserError, match="Layers “Softmax”"):
        Network(read_graph(GRAPH.replace("Swish ", "Softmax ")), content)
    with pytest.raises(UserError, match="end too early"):
        Network(read_graph(GRAPH), content[:-4])
    with pytest.raises(UserError, match="not those of the graph"):
        Network(read_graph(GRAPH), content + bytes(4))
    with pytest.raises(UserError, match="unequal borders"):
        Network(read_graph(GRAPH.replace("4=1 5=1", "4=1 15=0 5=1")), content)
    with pytest.raises(UserError, match="quantised"):
        Network(read_graph(GRAPH), content.replace(np.uint32(HALF).tobytes(), np.uint32(7).tobytes(), 1))


@pytest.mark.parametrize("photo", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("name", ["span-x2-ch48", "span-x4-ch48", "animevideo-x2-v3"])
def test_a_published_network_answers_as_ncnn_does(name: str, photo: str) -> None:
    ncnn = pytest.importorskip("ncnn", reason=f"ncnn is missing: {published.INSTALL}")
    if published.missing():
        pytest.skip(published.missing())
    small = images.crop(images.bundled(photo), short_side=192, x=0.5, y=0.5, size=48)
    with torch.no_grad():
        found = published.load(name)[0](small)[0].numpy()
    np.testing.assert_allclose(found, by_ncnn(ncnn, published.locate(name), small), atol=1e-4)


def by_ncnn(ncnn: object, path: Path, small: Tensor) -> np.ndarray:
    net = ncnn.Net()  # type: ignore[attr-defined]
    for option in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic",
                   "use_bf16_storage"):  # fmt: skip
        setattr(net.opt, option, False)
    net.opt.num_threads = 1
    net.load_param(str(path.with_suffix(".param")))
    net.load_model(str(path))
    extractor = net.create_extractor()
    extractor.input("data", ncnn.Mat(np.ascontiguousarray(small[0].numpy())))  # type: ignore[attr-defined]
    return np.array(extractor.extract("output")[1])

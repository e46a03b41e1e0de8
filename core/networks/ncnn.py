"""Networks in ncnn's two files, a graph in text ``.param`` and the weights ``.bin``, as modules in float32.

The layers are those that published networks of super-resolution have. Their parameters are numbered, and what
a file does not say has ncnn's default; see the format's description in ncnn's own documentation,
``operators.md`` and ``param and model file structure``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.base.errors import UserError

MAGIC = "7767517"
HALF = 0x01306B47
"""Marks weights in float16; 0 marks float32, anything else weights that were quantised."""

ARRAY = -23300
"""Keys of lists are this less the parameter's number."""


Said = dict[int, Any]


class Layer(NamedTuple):
    """One line of the graph: ``said`` are the parameters by number."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    said: Said


def read_graph(text: str) -> list[Layer]:
    """The layers of a ``.param`` file, in the order in which they are computed.

    Raises:
        UserError: if the text is none.
    """
    try:
        magic, _, *lines = text.strip().splitlines()
        if magic.strip() != MAGIC:
            raise ValueError(magic)
        return [_layer(line.split()) for line in lines]
    except (ValueError, IndexError) as error:
        raise UserError("This is no graph of ncnn in text form: take the .param file.") from error


def _layer(words: Sequence[str]) -> Layer:
    inputs, outputs = int(words[2]), int(words[3])
    blobs, said = words[4 : 4 + inputs + outputs], Said()
    for word in words[4 + inputs + outputs :]:
        key, _, value = word.partition("=")
        number = int(key)
        if number <= ARRAY:
            said[ARRAY - number] = [float(each) for each in value.split(",")[1:]]
        else:
            said[number] = float(value) if "." in value or "e" in value else int(value)
    return Layer(words[0], tuple(blobs[:inputs]), tuple(blobs[inputs:]), said)


def parameters(graph: Sequence[Layer]) -> int:
    """How many weights a graph's convolutions and activations have."""
    return sum(
        {"Convolution": said.get(6, 0) + said.get(0, 0) * said.get(5, 0), "PReLU": said.get(0, 0)}.get(
            kind, 0
        )
        for kind, _, _, said in graph
    )


class Network(nn.Module):
    """A graph with its weights.

    Args:
        graph: of :func:`read_graph`.
        weights: content of the ``.bin`` file.

    Raises:
        UserError: if a layer is not known here, or the weights are not those of the graph.
    """

    def __init__(self, graph: Sequence[Layer], weights: bytes) -> None:
        super().__init__()
        reader = _Weights(weights)
        (self.picture,) = (name for layer in graph if layer.kind == "Input" for name in layer.outputs)
        layers = [layer for layer in graph if layer.kind != "Input"]
        for layer in layers:
            if layer.kind not in LAYERS:
                raise UserError(
                    f"Layers “{layer.kind}” of ncnn are not read here: this network cannot be used."
                )
        self.steps = nn.ModuleList(LAYERS[layer.kind](layer.said, reader) for layer in layers)
        self.between = [(layer.inputs, layer.outputs) for layer in layers]
        if reader.left:
            raise UserError("The weights are not those of the graph: take both files from one package.")

    def forward(self, picture: Tensor) -> Tensor:
        """Map ``(b, c, h, w)`` to the graph's only output."""
        blobs = {self.picture: picture}
        for step, (inputs, outputs) in zip(self.steps, self.between, strict=True):
            found = step(*(blobs.pop(name) for name in inputs))  # each is asked for once: see Split
            blobs.update(dict.fromkeys(outputs, found))
        (output,) = blobs.values()
        return output


@dataclass
class _Weights:
    """What is left of a ``.bin`` file, read from its front."""

    left: bytes

    def take(self, count: int, dtype: str = "<f4") -> Tensor:
        size = count * np.dtype(dtype).itemsize
        if len(self.left) < size:
            raise UserError("The weights end too early: copy the file again.")
        found, self.left = np.frombuffer(self.left[:size], dtype), self.left[size + -size % 4 :]
        return torch.from_numpy(found.astype(np.float32))

    def take_marked(self, count: int) -> Tensor:
        """Weights behind a mark of their format."""
        (mark,) = np.frombuffer(self.left[:4], "<u4")
        self.left = self.left[4:]
        if mark not in (0, HALF):
            raise UserError("The weights were quantised: take the network in float32 or float16.")
        return self.take(count, "<f2" if mark else "<f4")


class _Function(nn.Module):
    """A layer without weights."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(*inputs)


class _Constant(nn.Module):
    def __init__(self, values: Tensor) -> None:
        super().__init__()
        self.register_buffer("values", values)

    def forward(self) -> Tensor:
        values: Tensor = self.values  # type: ignore[assignment]
        return values


def _convolution(said: Said, weights: _Weights) -> nn.Module:
    outputs, groups = said[0], said.get(7, 1)
    width: int = said[1]
    height: int = said.get(11, width)
    left: int = said.get(4, 0)
    top: int = said.get(14, left)
    stride: int = said.get(3, 1)
    dilation: int = said.get(2, 1)
    if min(left, top) < 0 or (left, top) != (said.get(15, left), said.get(16, top)):
        raise UserError("Convolutions with unequal borders are not read here: this network cannot be used.")
    layer = nn.Conv2d(
        said[6] // (outputs * width * height) * groups, outputs, (height, width),
        stride=(said.get(13, stride), stride), padding=(top, left),
        dilation=(said.get(12, dilation), dilation), groups=groups, bias=bool(said.get(5, 0)),
    )  # fmt: skip
    layer.weight = nn.Parameter(weights.take_marked(said[6]).view(layer.weight.shape))
    if layer.bias is not None:
        layer.bias = nn.Parameter(weights.take(outputs))
    return nn.Sequential(layer, _activation(said.get(9, 0), said.get(10, [])))


def _activation(number: int, numbers: list[float]) -> nn.Module:
    if number > 2:
        raise UserError("This activation after a convolution is not read here: the network cannot be used.")
    return nn.LeakyReLU(numbers[0] if number == 2 else 0.0) if number else nn.Identity()


def _prelu(said: Said, weights: _Weights) -> nn.Module:
    layer = nn.PReLU(said[0])
    layer.weight = nn.Parameter(weights.take(said[0]))
    return layer


def _constant(said: Said, weights: _Weights) -> nn.Module:
    shape = (said.get(2, 1), said.get(1, 1), said.get(0, 1))
    return _Constant(weights.take(int(np.prod(shape))).view(1, *shape))


OPERATIONS: dict[int, Callable[[Any, Any], Tensor]] = {
    0: torch.add,
    1: torch.sub,
    2: torch.mul,
    3: torch.div,
    7: lambda a, b: b - a,
    8: lambda a, b: b / a,
}


def _binary(said: Said, weights: _Weights) -> nn.Module:
    operation = OPERATIONS.get(said.get(0, 0))
    if operation is None:
        raise UserError("An operation of two inputs is not read here: this network cannot be used.")
    return _Function(partial(_with, operation, said.get(2, 0.0)) if said.get(1, 0) else operation)


def _with(operation: Callable[[Any, Any], Tensor], number: float, values: Tensor) -> Tensor:
    return operation(values, number)


def _weighted_sum(said: Said, weights: _Weights) -> nn.Module:
    if said.get(0, 0) != 1:
        raise UserError("Only sums of inputs are read here: this network cannot be used.")
    return _Function(partial(_summed, said.get(1, [])))


def _summed(factors: Sequence[float], *inputs: Tensor) -> Tensor:
    factors = factors or [1.0] * len(inputs)
    weighted = [factor * values for factor, values in zip(factors, inputs, strict=True)]
    return torch.stack(weighted).sum(0)


INTERPOLATIONS = {1: "nearest", 2: "bilinear", 3: "bicubic"}


def _interpolation(said: Said, weights: _Weights) -> nn.Module:
    if said.get(3) or said.get(4) or said.get(6) or said[0] not in INTERPOLATIONS:
        raise UserError("Only interpolation by a factor is read here: this network cannot be used.")
    scale = (said.get(1, 1.0), said.get(2, 1.0))
    return _Function(partial(interpolate, scale_factor=scale, mode=INTERPOLATIONS[said[0]]))


def _joined(said: Said, weights: _Weights) -> nn.Module:
    if said.get(0, 0) != 0:
        raise UserError("Only channels are joined here: this network cannot be used.")
    return _Function(lambda *inputs: torch.cat(inputs, 1))


LAYERS: dict[str, Callable[[Said, _Weights], nn.Module]] = {
    "BinaryOp": _binary,
    "Concat": _joined,
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Eltwise": _weighted_sum,
    "Interp": _interpolation,
    "MemoryData": _constant,
    "PReLU": _prelu,
    "PixelShuffle": lambda said, weights: nn.PixelShuffle(said.get(0, 1)),
    "ReLU": lambda said, weights: nn.LeakyReLU(said.get(0, 0.0)),
    "Sigmoid": lambda said, weights: nn.Sigmoid(),
    "Split": lambda said, weights: nn.Identity(),
    "Swish": lambda said, weights: nn.SiLU(),
}
"""By ncnn's name: a layer of its parameters, which takes its weights from the file."""

"""Networks on pictures of any size: tile by tile, in the memory of a few tiles, exactly.

A tile is computed with a halo as wide as the network can see, so that what is kept of it is what the whole
picture would have given. At the picture's own edges there is no halo: there the network pads as it does.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor

from core.base.workers import spread

Tile = tuple[slice, slice]
"""Rows and columns of a picture."""


def tiles(height: int, width: int, side: int) -> list[Tile]:
    """Squares of ``side`` pixels that cover a picture, smaller ones at its right and lower edges."""
    starts = product(range(0, height, side), range(0, width, side))
    return [(slice(y, min(y + side, height)), slice(x, min(x + side, width))) for y, x in starts]


def _around(tile: Tile, halo: int, height: int, width: int) -> tuple[Tile, Tile]:
    """A tile with its halo, and where the tile lies in that."""
    outer = [slice(max(0, each.start - halo), min(size, each.stop + halo))
             for each, size in zip(tile, (height, width), strict=True)]  # fmt: skip
    inner = [slice(each.start - wide.start, each.stop - wide.start)
             for each, wide in zip(tile, outer, strict=True)]  # fmt: skip
    return (outer[0], outer[1]), (inner[0], inner[1])


class Tiled(torch.autograd.Function):
    """Both passes of a network on a picture; the second computes each tile again: no graph is held."""

    @staticmethod
    def forward(ctx: Any, batch: Tensor, call: Callable[[Tensor], Tensor], side: int, halo: int) -> Tensor:
        """``(b, c, h, w)`` to outputs of that height and width.

        Args:
            batch: pictures.
            call: the network.
            side: of the tiles, a multiple of the network's stride.
            halo: pixels around a tile that its outputs depend on, likewise.
        """
        ctx.save_for_backward(batch)
        ctx.call, ctx.side, ctx.halo = call, side, halo
        height, width = batch.shape[-2:]

        @torch.no_grad()
        def run(tile: Tile) -> Tensor:
            outer, inner = _around(tile, halo, height, width)
            return call(batch[..., outer[0], outer[1]])[..., inner[0], inner[1]].clone()

        cut = tiles(height, width, side)
        found: Tensor | None = None
        for tile, part in zip(cut, spread(run, cut), strict=True):
            if found is None:
                found = part.new_empty(*part.shape[:2], height, width)
            found[..., tile[0], tile[1]] = part
        assert found is not None
        return found

    @staticmethod
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Tensor, None, None, None]:
        """The gradient, to which every tile adds what its halo sees."""
        (batch,) = ctx.saved_tensors
        height, width = batch.shape[-2:]

        @torch.enable_grad()
        def pull_back(tile: Tile) -> Tensor:
            outer, inner = _around(tile, ctx.halo, height, width)
            point = batch[..., outer[0], outer[1]].detach().requires_grad_(True)
            output = ctx.call(point)[..., inner[0], inner[1]]
            gradient: Tensor
            (gradient,) = torch.autograd.grad(output, point, cotangents[0][..., tile[0], tile[1]])
            return gradient

        total, cut = torch.zeros_like(batch), tiles(height, width, ctx.side)
        for tile, gradient in zip(cut, spread(pull_back, cut), strict=True):
            outer, _ = _around(tile, ctx.halo, height, width)
            total[..., outer[0], outer[1]] += gradient
        return total, None, None, None

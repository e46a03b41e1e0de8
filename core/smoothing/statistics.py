"""What is remembered of noisy outputs: statistics that see every draw once and hold none.

All have ``add(outputs)`` for outputs ``(b, m, ...)``: m consecutive draws of each of b images. Sums are
in float64 where the device has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.base.errors import UserError


class Statistic(Protocol):
    """Something that takes in draws."""

    def add(self, outputs: Tensor) -> None:
        """Take in ``(b, m, ...)``: the next m draws."""
        ...


class Mean:
    """The mean ``(b, ...)`` of all draws.

    Sums are of differences from the first draw, so that none cancel (shifted data; ``chan1983``).
    """

    def __init__(self) -> None:
        self.count = 0
        self._origin = self._total = torch.empty(0)

    def add(self, outputs: Tensor) -> None:
        self._add(outputs)

    def _add(self, outputs: Tensor) -> Tensor:
        """Count draws, and return their differences from the first one."""
        if self.count == 0:
            self._origin = outputs[:, 0].clone()
            self._total = torch.zeros_like(self._origin, dtype=_wide(outputs))
        apart = outputs - self._origin.unsqueeze(1)
        self._total += apart.sum(1)
        self.count += apart.shape[1]
        return apart

    @property
    def mean(self) -> Tensor:
        """In float64 where the device has it."""
        return self._origin + self._total / self.count


class Moments(Mean):
    """Mean and variance ``(b, ...)`` of all draws."""

    def __init__(self) -> None:
        super().__init__()
        self._squares = torch.empty(0)

    def add(self, outputs: Tensor) -> None:
        squares = self._add(outputs).square_().sum(1)
        self._squares = self._squares + squares if len(self._squares) else squares.to(self._total)

    @property
    def variance(self) -> Tensor:
        """Unbiased variance of one draw; zero while there is only one. That of the mean is this over
        ``count``."""
        around = self._squares - self._total.square() / self.count
        return (around / max(1, self.count - 1)).clamp_min(0)


class PixelCounts:
    """How often each value of the outputs fell in each bin: order statistics without the draws.

    Bin b of ``1 … bins`` holds the values in ((b−1)/bins, b/bins] of the way from ``low`` to ``high``; one
    more at each end holds those at the limit or beyond. Memory: 4·(bins+2) bytes a value, whatever the
    number of draws.

    Args:
        low, high: limits, numbers or anything that broadcasts with the outputs ``(b, m, ...)``.
        bins: their number.
    """

    def __init__(self, low: float | Tensor = 0.0, high: float | Tensor = 1.0, bins: int = 255) -> None:
        self.low, self.high, self.bins = low, high, bins
        self.count = 0
        self._counts = torch.empty(0)
        self._shape: torch.Size = torch.Size()

    def add(self, outputs: Tensor) -> None:
        """See :class:`Statistic`.

        Raises:
            UserError: if an output is not a number.
        """
        require_numbers(outputs)
        if self.count == 0:
            self._shape = outputs[:, 0].shape
            size = (self._shape.numel(), self.bins + 2)
            self._counts = torch.zeros(size, dtype=torch.int32, device=outputs.device)
        # Exact in float64: a float32 value times 255 fits, so no value is put a bin too low.
        places = (outputs.to(_wide(outputs)) - self.low).mul_(self.bins / (self.high - self.low))
        places = places.ceil().add_(places >= self.bins).clamp_(0, self.bins + 1)
        places = places.long().flatten(2).transpose(1, 2).flatten(0, 1)
        self._counts.scatter_add_(1, places, torch.ones_like(places, dtype=torch.int32))
        self.count += outputs.shape[1]

    @property
    def size(self) -> int:
        """Values that are counted."""
        return len(self._counts)

    def bins_of(self, orders: Sequence[int]) -> Tensor:
        """Bins ``(orders, b, ...)`` of the order-th smallest draws of each value, the smallest being 1."""
        found = self._find(self._counts.cumsum(1, dtype=torch.int32), orders)
        return found.T.reshape(len(orders), *self._shape)

    @property
    def median(self) -> Tensor:
        """The median ``(b, ...)`` of outputs clamped to the limits, within one bin of the exact one.

        An order statistic is placed inside its bin as if the draws there lay evenly; of an even number of
        draws the two in the middle are averaged. With 255 bins the error is below one grey level, and at
        most a third of one RMS over values, which moves a PSNR of 30 dB by less than 0.01 dB.
        """
        orders = ((self.count + 1) // 2, self.count // 2 + 1)
        cumulated = self._counts.cumsum(1, dtype=torch.int32)
        bins = self._find(cumulated, orders)
        there = self._counts.gather(1, bins)
        before = cumulated.gather(1, bins) - there
        inside = (torch.tensor(orders, device=there.device) - before - 0.5).to(_wide(there)) / there
        share = ((bins - 1 + inside) / self.bins).clamp_(0, 1).mean(1).view(self._shape)
        return self.low + share * (self.high - self.low)

    def _find(self, cumulated: Tensor, orders: Sequence[int]) -> Tensor:
        """Bins ``(values, orders)``."""
        wanted = torch.tensor(orders, dtype=cumulated.dtype, device=cumulated.device)
        return torch.searchsorted(cumulated, wanted.expand(len(cumulated), -1).contiguous())


class Discrepancies:
    """Mean squared errors to a reference, one a draw.

    Args:
        reference: ``(b, ...)``, fixed before the draws.
    """

    def __init__(self, reference: Tensor) -> None:
        self.reference = reference
        self._found: list[Tensor] = []

    def add(self, outputs: Tensor) -> None:
        """See :class:`Statistic`.

        Raises:
            UserError: if an output is not a number.
        """
        apart = (outputs - self.reference.unsqueeze(1)).square_()
        errors = apart.sum(tuple(range(2, apart.ndim)), dtype=_wide(apart)) / apart[0, 0].numel()
        self._found.append(require_numbers(errors.cpu().double()))

    @property
    def values(self) -> np.ndarray:
        """``(b, draws)``, float64, in the order of the draws."""
        values: np.ndarray = torch.cat(self._found, 1).numpy()
        return values


class Distances:
    """RMS distances of one image's draws to several centers, all of one shape.

    Args:
        centers: ``(centers, ...)``.
    """

    def __init__(self, centers: Tensor) -> None:
        self.centers = centers
        self._found: list[Tensor] = []

    def add(self, outputs: Tensor) -> None:
        """See :class:`Statistic`; of one image, ``(1, m, ...)``."""
        # About one center, so that squares of distances, not of pictures, cancel in float32.
        origin = self.centers[:1]
        apart = torch.cdist((self.centers - origin).flatten(1), (outputs[0] - origin).flatten(1))
        self._found.append(apart.cpu().double() / math.sqrt(origin.numel()))

    @property
    def values(self) -> np.ndarray:
        """``(centers, draws)``, float64, in the order of the draws."""
        values: np.ndarray = torch.cat(self._found, 1).numpy()
        return values


class First:
    """The first draws themselves.

    Args:
        most: how many of them.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._found: list[Tensor] = []
        self._left = most

    def add(self, outputs: Tensor) -> None:
        if self._left:
            # A copy: a view would hold the whole chunk.
            self._found.append(outputs[:, : self._left].clone())
            self._left -= self._found[-1].shape[1]

    @property
    def draws(self) -> Tensor:
        """``(b, draws, ...)``, at most ``most``."""
        return torch.cat(self._found, 1)


class Votes:
    """How often each class had the highest score."""

    def __init__(self) -> None:
        self._counts = torch.empty(0)

    def add(self, outputs: Tensor) -> None:
        """Take in scores ``(b, m, ..., classes)``.

        Raises:
            UserError: if scores are not numbers: they would all count for one class, and certify it.
        """
        require_numbers(outputs)
        votes = torch.nn.functional.one_hot(outputs.argmax(-1), outputs.shape[-1]).sum(1)
        self._counts = self._counts + votes if len(self._counts) else votes

    @property
    def counts(self) -> np.ndarray:
        """``(b, ..., classes)``, int64."""
        counts: np.ndarray = self._counts.cpu().numpy()
        return counts


class Mapped:
    """Shows other statistics a function of the outputs, worked out once for all of them.

    Args:
        function: of outputs ``(b, m, ...)``, draw by draw.
        statistics: what takes its values in.
    """

    def __init__(self, function: Callable[[Tensor], Tensor], *statistics: Statistic) -> None:
        self.function, self.statistics = function, statistics

    def add(self, outputs: Tensor) -> None:
        values = self.function(outputs)
        for statistic in self.statistics:
            statistic.add(values)


def require_numbers(values: Tensor) -> Tensor:
    """The values, if none of them is nan, nor their sum: that of opposite infinities.

    No comparison with nan is true: it would count as inside some limits and outside others.

    Raises:
        UserError: if one is.
    """
    if values.sum().isnan():
        raise UserError(
            "The network answers with values that are not numbers under this noise: choose another network, "
            "or less noise."
        )
    return values


def _wide(like: Tensor) -> torch.dtype:
    return torch.float32 if like.device.type == "mps" else torch.float64

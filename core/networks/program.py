"""A ``torch.export`` program as a module that an engine can prepare like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from torch import Tensor, nn


class Program(nn.Module):
    """Calls an exported graph, which stays as it was exported.

    The graph is no submodule and has no parameters here: it is already in evaluation form, its
    number format and device are part of it, and torch refuses to copy or switch it.
    """

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self._call: tuple[Callable[[Tensor], Tensor]] = (graph.requires_grad_(False),)

    def forward(self, measurement: Tensor) -> Tensor:
        """Map standardised measurements ``(b, c, h, w)`` to pictures of the same shape."""
        # Exported reshapes rely on the memory layout that they were traced with.
        return self._call[0](measurement.contiguous())

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self

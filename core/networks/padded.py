"""A network that takes pictures of some sizes only, as one that takes any."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad


class Padded(nn.Module):
    """Extends pictures to the right and below by their mirror image, and cuts the answer again.

    Args:
        network: from ``(b, 3, h, w)`` to ``(b, 3, factor h, factor w)``, both in [0, 1].
        factor: of super-resolution.
        multiple, minimum: of the sides that it takes, in pixels.
        square: whether they must be equal.
    """

    def __init__(
        self, network: nn.Module, factor: int, multiple: int = 1, minimum: int = 0, square: bool = False
    ) -> None:
        super().__init__()
        self.network, self.factor, self.square = network, factor, square
        self.multiple, self.minimum = multiple, minimum

    def forward(self, small: Tensor) -> Tensor:
        """Map ``(b, 3, h, w)`` to ``(b, 3, factor h, factor w)``; not clamped."""
        height, width = small.shape[-2:]
        sides = [-(-max(side, self.minimum) // self.multiple) * self.multiple for side in (height, width)]
        rows, columns = [max(sides)] * 2 if self.square else sides
        more = (rows - height, columns - width)
        # A mirror image is at most as large as the picture less its edge.
        mode = "reflect" if more[0] < height and more[1] < width else "replicate"
        # A copy in any case: some networks scale their input in place.
        own = pad(small, (0, more[1], 0, more[0]), mode) if any(more) else small.clone()
        large: Tensor = self.network(own)
        return large[..., : self.factor * height, : self.factor * width]

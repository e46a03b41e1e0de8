"""The path of an attack: its iterates."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Iterate:
    """One point of the attack's path.

    Attributes:
        iteration: 0 for the start, ``steps`` for the last.
        perturbation: ``(b, c, h, w)``, the iterate.
        loss: ``(b,)``, the objective there.
        kept: ``(b, c, h, w)``, what the attack would return if it stopped here: per image the
            iterate of highest loss so far (``keep="best"``) or the last one (``"final"``).
        notices: one sentence per image that a figure of this attack must be shown with, empty
            where there is nothing to say; no entries while there is nothing to say at all.
        attempts: of an attack that is several, which of them ``kept`` comes from, one per image.
    """

    iteration: int
    perturbation: Tensor
    loss: Tensor
    kept: Tensor
    notices: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()

    def notice(self, image: int = 0) -> str:
        """The sentence that a figure of one image must be shown with, or nothing."""
        return self.notices[image] if self.notices else ""

"""The rows that items are judged by, and what every judge of one shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from core.evaluation.studies.attempts import SMOOTHED

SCENE = ["image_digest", "digest", "sigma_g"]
"""One photo and defence."""

CASE = [*SCENE, "eps_rel"]
"""One photo, defence and attack strength."""

ATTEMPT = ["attempt", "attack", "made_on", "attack_samples", "attack_noise", "start", "steps", "chosen"]
"""What tells attempts of a case apart, and whether it is the strongest of them."""


class NotTried(Exception):
    """The rows that an item needs are missing; the message says which."""


@dataclass(frozen=True)
class Rows:
    """The tables that items are judged by; ``paths`` and ``certificates`` may be empty.

    ``every_defence`` is ``attacks`` before one checkpoint was picked, to compare the compute.
    """

    attacks: pd.DataFrame
    paths: pd.DataFrame
    certificates: pd.DataFrame
    every_defence: pd.DataFrame | None = None

    def smoothed(self, noise_set: str = "report", *, box: bool | None = False) -> pd.DataFrame:
        """Rows of the deployed estimate under attacks, averaged over draws of the noise set."""
        found = self.attacks
        found = found[(found["tested_on"] == SMOOTHED) & (found["noise_set"] == noise_set)]
        if box is not None:
            found = found[found["box"] == box]
        keys = [*CASE, *ATTEMPT]
        return found.groupby(keys, as_index=False, dropna=False)[["mse", "psnr", "ssim"]].mean()

    def attacked(self) -> pd.DataFrame:
        """:meth:`smoothed` without the clean rows."""
        return self.smoothed().query("eps_rel > 0")

    def worst(self) -> pd.DataFrame:
        """The chosen attempt of each case."""
        return self.smoothed().query("chosen")

    def against(self, weak: pd.Series) -> pd.Series:
        """Error of the strongest attack over that of a weaker one, by case (only common ones)."""
        strong = self.worst().set_index(CASE)["mse"]
        return (strong / weak).dropna()


Judge = Callable[[Rows], tuple[bool, str]]
"""Whether an item holds, and the evidence in one sentence; raises :class:`NotTried`."""


def need(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """The rows.

    Raises:
        NotTried: if there are none.
    """
    if rows.empty:
        raise NotTried(f"no rows of {what}")
    return rows

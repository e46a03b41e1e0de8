"""What an honest attack evaluation passes: each item judged from a study's rows, by code.

Pure functions of the tables that :mod:`core.evaluation.studies.attacks` and
:mod:`core.evaluation.studies.certificates` write. An item without the rows it needs is *not tried*, which
is never a pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.evaluation.studies.attempts import BASE
from core.evaluation.studies.checklist import effort, protocol, rivals
from core.evaluation.studies.checklist.rows import Judge, NotTried, Rows

__all__ = ["FAILED", "ITEMS", "NOT_TRIED", "PASSED", "Item", "Rows", "checklist", "judge"]

PASSED, FAILED, NOT_TRIED = "passed", "failed", "not tried"

ITEMS: dict[str, Judge] = {
    "ε, σ, d, norm and units recorded": protocol.recorded,
    "‖e‖ ≤ ε": protocol.inside,
    "The deployed estimator is the one attacked": protocol.deployed,
    "Transfer tried, worst per image kept": rivals.transfer,
    "Restarts": effort.restarts,
    "Loss rises with iterations to a plateau": effort.iterations,
    "Error rises with restarts to a plateau": effort.more_restarts,
    "Error rises with samples to a plateau": effort.more_samples,
    "Error monotone in ε": effort.monotone,
    "A huge ε destroys the picture": effort.huge,
    "Beats Gaussian noise of equal norm": rivals.beats("noise", "Gaussian noise"),
    "Beats the one-step gradient method": rivals.beats("fgm", "one step"),
    "Beats the thesis's attack on f": rivals.beats("pgd", "PGD on f", BASE),
    "A gradient-free check agrees": rivals.gradient_free,
    "No gradient masked by clamping": protocol.unclamped,
    "Fresh noise at evaluation": protocol.fresh,
    "Intervals over noise and images": protocol.intervals,
    "Clipped and unclipped reported apart": protocol.boxes,
    "Equal compute for each defence": protocol.equal_compute,
    "Batch norm in evaluation mode": protocol.evaluation_mode,
    "Measured error never above a certified bound": protocol.below_certificates,
}
"""What an honest evaluation of a smoothed estimate passes, each item with its test."""


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Attributes:
        name: what is asked.
        status: ``passed``, ``failed`` or ``not tried``.
        evidence: the figures it was judged by, in one sentence.
    """

    name: str
    status: str
    evidence: str


def checklist(
    attacks: pd.DataFrame,
    paths: pd.DataFrame | None = None,
    certificates: pd.DataFrame | None = None,
    *,
    checkpoint: str | None = None,
) -> list[Item]:
    """Judge every item.

    Args:
        attacks: rows of the table ``attacks``.
        paths: rows of ``attack_paths``.
        certificates: rows of ``certificates``.
        checkpoint: judge this defence; the others' rows only serve to compare the compute.
            Without it all defences are judged together.
    """

    def picked(table: pd.DataFrame | None) -> pd.DataFrame:
        if table is None or table.empty:
            return pd.DataFrame()
        return table if checkpoint is None else table[table["checkpoint"] == checkpoint]

    rows = Rows(picked(attacks), picked(paths), picked(certificates), attacks)
    return [judge(name, rows) for name in ITEMS]


def judge(name: str, rows: Rows) -> Item:
    """Judge one item of :data:`ITEMS`."""
    if rows.attacks.empty:
        return Item(name, NOT_TRIED, "there are no attacks yet")
    try:
        holds, evidence = ITEMS[name](rows)
    except NotTried as missing:
        return Item(name, NOT_TRIED, str(missing))
    return Item(name, PASSED if holds else FAILED, evidence)

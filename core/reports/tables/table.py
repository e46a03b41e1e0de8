"""What a table is, and which of its cells are best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

LOWER_IS_BETTER = ("mse", "discrepancy")


@dataclass(frozen=True)
class Table:
    """One table of a document, ours beside the published.

    Attributes:
        name: its number.
        title: what it shows.
        cells: one row per cell: ``row`` and ``column`` (labels), ``metric``, ``ours``, ``low`` and
            ``high`` (95 % interval over images, nan where there is none), ``published``,
            ``difference``, ``best_ours``, ``best_published``.
        notes: how to read it.
    """

    name: str
    title: str
    cells: pd.DataFrame
    notes: tuple[str, ...]

    def noting(self, more: Sequence[str]) -> Table:
        """The same table with further notes."""
        return replace(self, notes=(*self.notes, *more))


def marked(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with ``difference``, ``best_ours`` and ``best_published``, per column and metric."""
    cells = cells.assign(difference=cells["ours"] - cells["published"])
    lower = cells["metric"].isin(LOWER_IS_BETTER)
    for whose in ("ours", "published"):
        signed = cells[whose].where(~lower, -cells[whose])
        best = signed.groupby([cells["column"], cells["metric"]]).transform("max")
        cells[f"best_{whose}"] = signed.eq(best) & signed.notna()
    return cells

"""What a table is, and which of its cells are best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

LOWER_IS_BETTER = ("mse", "discrepancy")
FIGURES = ("ours", "low", "high", "published")
NONE = float("nan")


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


def labels(text: str, *values: pd.Series) -> list[str]:
    """Names of rows or columns.

    >>> labels("ε = {:g}", pd.Series([0.5, 1.0]))
    ['ε = 0.5', 'ε = 1']
    """
    return [text.format(*each) for each in zip(*values, strict=True)]


def joined(
    ours: pd.DataFrame,
    published: pd.DataFrame,
    on: Sequence[str],
    metrics: Mapping[str, str],
    *,
    best: bool = True,
) -> pd.DataFrame:
    """The cells of a table: ours beside the published.

    Args:
        ours: with the columns ``on`` and those of the metrics, with ``_low`` and ``_high`` where there are
            intervals.
        published: likewise, without intervals; may be empty.
        on: what tells cells apart, ``row`` and ``column`` among it, in the order that they are sorted by.
        metrics: what is shown, to its column in both.
        best: whether the best of each column and metric is marked.

    Returns:
        The columns of :attr:`Table.cells`.
    """
    parts = []
    for metric, column in metrics.items():
        mine = ours[list(on)].assign(
            ours=ours[column], low=ours.get(f"{column}_low", NONE), high=ours.get(f"{column}_high", NONE)
        )
        theirs = published.reindex(columns=[*on, column]).rename(columns={column: "published"})
        parts.append(mine.merge(theirs, on=list(on), how="outer").assign(metric=metric))
    cells = pd.concat(parts, ignore_index=True).sort_values(list(on), kind="stable", ignore_index=True)
    cells = cells[["row", "column", "metric", *FIGURES]].astype(dict.fromkeys(FIGURES, float))
    cells["difference"] = cells["ours"] - cells["published"]
    lower = cells["metric"].isin(LOWER_IS_BETTER)
    for whose in ("ours", "published"):
        signed = cells[whose].where(~lower, -cells[whose])
        highest = signed.groupby([cells["column"], cells["metric"]]).transform("max")
        cells[f"best_{whose}"] = signed.eq(highest) & signed.notna() & best
    return cells

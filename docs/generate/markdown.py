"""Lines of Markdown tables."""

from __future__ import annotations


def table_head(*cells: str) -> list[str]:
    """The first two lines of a table."""
    return [table_row(*cells), f"|{'---|' * len(cells)}"]


def table_row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"

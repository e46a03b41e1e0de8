"""``python -m core tables``: the thesis's tables, ours beside the published ones."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.options import AsJson, Results
from core.commands.reports import print_tables


def tables(
    names: Annotated[
        list[str] | None, typer.Argument(help="4.1 to 4.4, A.1 to A.3; without a name all of them.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="markdown, latex or csv.")] = "markdown",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print tables from the results store: ours, the published, the difference; best in bold."""
    from core.reports.tables.thesis import NAMES, build

    print_tables([build(name, results) for name in names or NAMES], form, as_json=as_json)

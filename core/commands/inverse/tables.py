"""``python -m core inverse tables``: the paper's tables, ours beside the published ones."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from core.commands.inverse.evaluate import Results


def tables(
    names: Annotated[
        list[str] | None, typer.Argument(help="1a, 1b, 2, 4a, 4b; without a name all of them.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="markdown, latex or csv.")] = "markdown",
    results: Results = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print tables from the results store: ours, the published, the difference; best in bold."""
    from core.tables.inverse import NAMES, build
    from core.tables.text import render

    built = [build(name, results) for name in names or NAMES]
    if as_json:
        answer = [{"table": t.name, "title": t.title, "notes": t.notes,
                   "cells": json.loads(t.cells.to_json(orient="records"))} for t in built]  # fmt: skip
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    typer.echo("\n\n".join(render(table, form) for table in built))

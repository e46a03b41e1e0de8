"""How commands print what they worked out: JSON, tables, answered claims, and what must be said of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from core.reports.tables.table import Table


def print_json(answer: Any) -> None:
    """Print one JSON value; a number that is not finite is null, since JSON has none such."""
    typer.echo(json.dumps(_finite(answer), indent=2, ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_notices(notices: Iterable[str]) -> None:
    """Print what figures must be shown with, apart from them, so that JSON and CSV stay what they are."""
    for notice in notices:
        typer.echo(f"note: {notice}", err=True)


def interval(low: float | None, high: float | None, form: str) -> str:
    """Limits in brackets; none over one picture, whose limits are not numbers."""
    if low is None or high is None or math.isnan(low):
        return "[one picture]"
    return f"[{low:{form}}, {high:{form}}]"


def print_tables(tables: Sequence[Table], form: str, *, as_json: bool) -> None:
    """Print tables as Markdown, LaTeX or CSV, or as one JSON object with the cells unrounded.

    Raises:
        UserError: for another form.
    """
    from core.reports.tables.text import render

    if as_json:
        answer = [{"table": t.name, "title": t.title, "notes": t.notes,
                   "cells": json.loads(t.cells.to_json(orient="records"))} for t in tables]  # fmt: skip
        print_json(answer)
        return
    typer.echo("\n\n".join(render(table, form) for table in tables))


def print_answers(
    markdown: str, records: Sequence[dict[str, Any]], output: Path | None, *, as_json: bool
) -> None:
    """Print answered claims as JSON, write them to a file as Markdown, or print that."""
    from core.base.files import write_atomically

    if as_json:
        print_json(records)
        return
    if output is not None:
        write_atomically(output, markdown.encode())
        typer.echo(f"{output} written")
        return
    typer.echo(markdown)

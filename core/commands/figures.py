"""``python -m core figures``: the publications' figures, ours and what was published, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.laboratory import laboratory
from core.commands.options import Folder, Results


def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Of the thesis 1.1 to A.11, of the slides slides-1 …, of the paper paper-1 …"),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Only name them all.")] = False,
    form: Annotated[str, typer.Option("--format", help="pdf, svg or png.")] = "pdf",
    output: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
    results: Results = None,
    folder: Folder = None,
) -> None:
    """Draw figures of the thesis, its slides and README, and the paper: of the store or bundled photos."""
    from core.base.files import write_atomically
    from core.reports.export import saved
    from core.reports.publications import FIGURES, drawn

    if listed or not names:
        for name, figure in FIGURES.items():
            typer.echo(f"{name:<18}{figure.title}{'' if figure.draw else ' (not drawn)'}")
        return
    for name in names:
        made = saved(drawn(name, results, lambda: laboratory("auto", "auto", 0, folder)), form)
        path = output / f"figure-{name}.{form}"
        write_atomically(path, made)
        typer.echo(f"{path}: {FIGURES[name].title}. {FIGURES[name].note}")

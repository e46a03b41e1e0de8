"""``python -m core models``: the networks there are."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.options import AsJson, Folder
from core.commands.reports import print_json


def models(
    folder: Folder = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="A table for a README.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the trained networks; a file that cannot be read gets one sentence."""
    from core.zoo import published, registry

    good, bad = registry.find(folder)
    if as_json:
        said = {"models": [m.to_dict() for m in good], "unreadable": bad, "to_install": published.missing()}
        print_json(said)
        return
    if markdown:
        typer.echo("| network | images seen | validation, clean and at its own level |\n|---|---|---|")
        for m in good:
            typer.echo(f"| {m.name} | {m.images_seen:,} | {m.scores} |")
        return
    typer.echo(
        f"{'name':<26}{'images seen':>12}{'from':>12}{'KiB':>7}  {'digest':<18}"
        "validation, clean and at its level"
    )
    for m in good:
        size = registry.size(m.name, folder) / 1024
        typer.echo(
            f"{m.name:<26}{m.images_seen:>12,}{m.started_from or '-':>12}{size:>7.0f}  {m.digest:<18}"
            f"{m.scores}"
        )
    if sentence := published.missing():
        typer.echo(sentence)
    for sentence in bad:
        typer.echo(f"unreadable: {sentence}", err=True)

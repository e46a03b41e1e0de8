"""The command line's parts; heavy imports stay inside the commands, so that help is instant."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from core import __version__
from core.base.errors import UserError, refusals_explained
from core.commands.baselines import baselines
from core.commands.bench import bench
from core.commands.certify import certify
from core.commands.compare import compare
from core.commands.curves import curves
from core.commands.doctor import PACKAGE, doctor
from core.commands.evaluate import evaluate
from core.commands.figures import figures
from core.commands.findings import findings
from core.commands.gpu import gpu
from core.commands.models import models
from core.commands.options import RENAMED, each_once
from core.commands.run import run
from core.commands.study import application as study
from core.commands.tables import tables
from core.commands.train import train

application = typer.Typer(
    add_completion=Path(sys.argv[0]).stem == PACKAGE,  # a shell completes commands, not ``python -m core``
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"token_normalize_func": lambda name: RENAMED.get(name, name)},
)
for command in (
    *(models, run, compare, certify, train, evaluate, baselines),
    *(curves, tables, figures, findings, bench, gpu, doctor),
):
    application.command()(each_once(command))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Attack and defend image reconstruction networks."""


application.add_typer(study, name="study")


def main() -> None:
    """Run the command line; a mistake of the user's is one sentence and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot write ε shall write “?”
    try:
        with refusals_explained():
            application()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None

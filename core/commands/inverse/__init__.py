"""``python -m core inverse``: denoising and compressed sensing on sets of pictures."""

from __future__ import annotations

import typer

from core.commands.inverse.baselines import baselines
from core.commands.inverse.curves import curves
from core.commands.inverse.evaluate import evaluate
from core.commands.inverse.findings import findings
from core.commands.inverse.tables import tables
from core.commands.options import each_once

application = typer.Typer(
    no_args_is_help=True,
    help="Denoising and compressed sensing: evaluation, baselines, the paper's claims and tables.",
)
for command in (evaluate, baselines, findings, curves, tables):
    application.command()(each_once(command))

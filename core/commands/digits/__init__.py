"""``python -m core digits``: attack and certify classifiers of handwritten digits."""

from __future__ import annotations

import typer

from core.commands.digits.challenge import challenge
from core.commands.digits.evaluate import certify, evaluate
from core.commands.digits.report import report
from core.commands.digits.show import show
from core.commands.options import each_once

application = typer.Typer(
    no_args_is_help=True,
    help="Handwritten digits: standard and adversarial training against certified smoothing.",
)
for command in (show, evaluate, certify, challenge, report):
    application.command()(each_once(command))

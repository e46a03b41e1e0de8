"""``python -m core digits show``: the digits page's numbers for one scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, Device, Folder, with_options
from core.commands.reports import print_json
from core.experiment.digits.scenario import DigitsScenario


@with_options(DigitsScenario)
def show(
    scenario: DigitsScenario,
    *,
    data: Annotated[Path | None, typer.Option(help="Folder of the MNIST files, for test digits.")] = None,
    device: Device = "auto",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack one digit on three classifiers, and certify the smoothed one."""
    from core.experiment.digits.run import finish, run
    from core.runtime.engine import Engine
    from core.runtime.session import Lab
    from core.zoo import checkpoints

    outcome = finish(run(scenario, Lab(Engine(device), folder or checkpoints.FOLDER), data))
    if as_json:
        print_json(outcome.to_dict())
        return
    typer.echo(
        f"{scenario.attack} attack, ε = {scenario.epsilon:g} in pixel units, σ = {scenario.sigma:g}, "
        f"{outcome.device} {outcome.precision}, seed {scenario.seed}"
    )
    assert outcome.smoothed is not None
    assert outcome.certificate is not None
    for answer in (*outcome.answers, outcome.smoothed):
        name = f"smoothed {answer.network}" if answer is outcome.smoothed else answer.network
        typer.echo(
            f"{name:<26}{answer.before} ({answer.clean[answer.before]:.1%}) → {answer.after} "
            f"({answer.attacked.max():.1%}){'  FLIPPED' * answer.flipped}  ‖e‖₂ = {answer.length:.3f}"
        )
    for name, notice in outcome.notices.items():
        typer.echo(f"{name}: {notice}")
    found = outcome.certificate
    votes = f"{found.votes[found.candidate]:,} of {scenario.n:,} votes for {found.candidate}"
    if found.abstained:
        typer.echo(f"no certificate: {votes}, p ≥ {found.p_lower:.4f}")
    else:
        typer.echo(
            f"certified radius {found.radius:.4f} (L2, confidence {1 - found.alpha:g}): {votes}, "
            f"p ≥ {found.p_lower:.4f}"
        )

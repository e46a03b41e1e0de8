"""``python -m core run``: one scenario. Its options are the fields of the network's kind of scenario."""

from __future__ import annotations

from typing import Any

import typer

from core.base.options import Options
from core.commands.laboratory import reported
from core.commands.options import AsJson, Device, Folder, Memory, with_options_of
from core.commands.reports import print_json
from core.problems import PROBLEMS, problem_of
from core.problems.scenario import Scenario


def _kind(given: dict[str, Any]) -> type[Options]:
    name = given.get("checkpoint")
    return problem_of(name).scenario if name else next(iter(PROBLEMS.values())).scenario


@with_options_of(lambda: [problem.scenario for problem in PROBLEMS.values()], _kind)
def run(
    scenario: Scenario,
    *,
    device: Device = "auto",
    memory: Memory = 2048,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack one image and print what each estimator makes of it.

    The problem follows from the network that --checkpoint names; each has options of its own.
    """
    from core.experiment.run import run as compute
    from core.runtime.engine import Engine
    from core.runtime.session import Lab
    from core.zoo import checkpoints

    lab = Lab(Engine(device, memory=memory), folder or checkpoints.FOLDER)
    outcome = reported(compute(scenario, lab), quiet=as_json)
    if as_json:
        print_json(outcome.to_dict())
        return
    for line in outcome.lines():
        typer.echo(line)

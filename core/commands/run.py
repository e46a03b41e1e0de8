"""``python -m core run``: one scenario. Its options are the fields of the network's kind of scenario."""

from __future__ import annotations

from typing import Any

import typer

from core.base.options import Options
from core.commands.options import AsJson, Device, Folder, with_options_of
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
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack one image and print what each estimator makes of it.

    The problem follows from the network that --checkpoint names; each has options of its own.
    """
    from tqdm import tqdm

    from core.base.progress import Progress, finish
    from core.experiment.run import run as compute
    from core.runtime.engine import Engine
    from core.runtime.session import Lab
    from core.zoo import checkpoints

    lab = Lab(Engine(device), folder or checkpoints.FOLDER)
    with tqdm(
        total=100,
        disable=True if as_json else None,
        leave=False,
        bar_format="{desc:<32}{bar}{percentage:3.0f}%",
    ) as bar:

        def report(progress: Progress) -> None:
            bar.set_description(progress.stage)
            bar.update(round(100 * progress.fraction) - bar.n)

        outcome = finish(compute(scenario, lab), report)
    if as_json:
        print_json(outcome.to_dict())
        return
    for line in outcome.lines():
        typer.echo(line)

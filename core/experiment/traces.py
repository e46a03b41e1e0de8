"""How an outcome came about: the attack step by step, the smoothed estimate sample by sample.

A run keeps only results. These compute the path to them again, which costs as much as the part
of the run that they show, so only when somebody wants to see it; then the lab remembers it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.attacks.ball import BALLS
from core.base.progress import Progress
from core.experiment.outcome import Estimate
from core.experiment.run import Stages
from core.pictures import images
from core.problems.scenario import SMOOTHED, PhotoScenario
from core.runtime.session import Lab

STEPS = (*range(21), *range(25, 100, 5))
"""Attack steps that are kept of an attack of up to 100 steps, beside the last and the result; of a
longer one every tenth part is."""

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
"""Numbers of samples after which the smoothed estimate is kept, beside the last."""


@dataclass(frozen=True)
class AttackFrame:
    r"""One iterate of the attack and what a network makes of it.

    Attributes:
        step: gradient steps so far; 0 is the start.
        loss: the attack's objective there (mean squared error in the problem's space).
        norm: :math:`\|e\|` as it is bounded, in the problem's space.
        perturbation: ``(1, c, h, w)`` in the problem's space, on the CPU.
        measurement: ``(1, c, h, w)`` what is measured under attack, as a picture.
        output: the network's scored estimate of it.
    """

    step: int
    loss: float
    norm: float
    perturbation: Tensor
    measurement: Tensor
    output: Estimate


@dataclass(frozen=True)
class AttackFilm:
    """The attack that a network faces.

    Attributes:
        network: whose outputs are shown; ``smoothed`` for the smoothed estimate.
        made_on: see :class:`core.experiment.outcome.Perturbation`.
        frames: some of the iterates, in order.
        losses: objective after every step, 0 to the last.
        result: the step whose iterate is the attack's result.
    """

    network: str
    made_on: str
    frames: tuple[AttackFrame, ...]
    losses: tuple[float, ...]
    result: int


@dataclass(frozen=True)
class AverageFrame:
    """The smoothed estimate of the attacked point after ``count`` samples.

    Attributes:
        count: samples so far.
        estimate: their average.
        deviation: ``(1, c, h, w)`` standard deviation of one sample in [0, 1] units.
    """

    count: int
    estimate: Estimate
    deviation: Tensor


def attack_film(
    scenario: PhotoScenario, network: str, lab: Lab, photo: images.Photo | None = None
) -> Generator[Progress, None, AttackFilm]:
    """The iterates of the attack on one of the scenario's networks.

    Args:
        scenario: what was run.
        network: one of ``scenario.networks``, or ``smoothed``.
        lab: device, networks and memory.
        photo: the photo itself, if it is not one that ``scenario.image`` can open.

    Raises:
        ValueError: if the network takes no part in the scenario.
        UserError: see :func:`core.experiment.run.run`.
    """
    if network not in (*scenario.networks, SMOOTHED):
        raise ValueError(f"{network} takes no part in the scenario")
    return (yield from lab.drive(_attack, scenario, network, photo))


def average_film(
    scenario: PhotoScenario, lab: Lab, photo: images.Photo | None = None
) -> Generator[Progress, None, tuple[AverageFrame, ...]]:
    """The smoothed estimate of the attacked measurement after 1, 2, 5, 10, … and all samples.

    Up to rounding, the last frame is the outcome's ``chosen.attacked``. Arguments and errors
    as for :func:`attack_film`.
    """
    return (yield from lab.drive(_average, scenario, photo))


def _attack(
    lab: Lab, scenario: PhotoScenario, network: str, photo: images.Photo | None
) -> Generator[Progress, None, AttackFilm]:
    stages = Stages(scenario, lab, photo or images.open_photo(scenario.image))
    made_on = stages.made_on(network)
    shown: tuple[object, ...] = (stages.digests.get(network),)
    if network == SMOOTHED:
        shown = (
            stages.digests[scenario.checkpoint],
            scenario.sigma_level,
            scenario.samples,
            scenario.average,
        )
    key = ("attack film", shown, *stages.attack_key(made_on))
    maker = stages.maker(made_on)
    found: AttackFilm | None = lab.memory.get(key)
    if found is not None:
        return replace(found, network=network, made_on=maker)
    frames: dict[int, AttackFrame] = {}
    losses: list[float] = []
    last = stages.attack.taken(scenario.attack_steps)
    result, stride = 0, max(1, last // 10)
    objective = stages.objective(made_on)
    for iterate in stages.attack_walk(made_on):
        step, e = iterate.iteration, iterate.perturbation
        yield Progress(f"attacking {made_on}", step / max(1, last))
        loss = objective.value(stages.point + e) if stages.attack.blind else iterate.loss
        losses.append(loss.item())
        # The result so far is this very iterate: its frame is kept until a better one comes.
        best = torch.equal(iterate.kept, e)
        if best:
            if not _kept(result, last, stride):
                frames.pop(result, None)
            result = step
        if best or _kept(step, last, stride):
            frames[step] = _frame(stages, network, step, losses[-1], e)
    found = AttackFilm(network, maker, tuple(frames.values()), tuple(losses), result)
    lab.memory.put(key, found, 3 * stages.truth.nbytes * len(frames))
    return found


def _kept(step: int, last: int, stride: int) -> bool:
    return step == last or (step in STEPS if last <= 100 else step % stride == 0)


def _frame(stages: Stages, network: str, step: int, loss: float, e: Tensor) -> AttackFrame:
    attacked = stages.point + e
    if network == SMOOTHED:
        checkpoint = stages.scenario.checkpoint
        ((running, _),) = deque(stages.smoothing_walk(checkpoint, attacked), maxlen=1)
        output, _ = stages.averaged(running, checkpoint)
    else:
        with torch.no_grad():
            output = stages.scored(stages.estimators[network].exact(attacked), network)
    norm = BALLS[stages.norm].norms(e).item()
    return AttackFrame(step, loss, norm, e.cpu(), stages.shown(attacked), output)


def _average(
    lab: Lab, scenario: PhotoScenario, photo: images.Photo | None
) -> Generator[Progress, None, tuple[AverageFrame, ...]]:
    stages = Stages(scenario, lab, photo or images.open_photo(scenario.image))
    made_on = stages.made_on(SMOOTHED)
    smoothed = stages.digests[scenario.checkpoint], scenario.sigma_level, scenario.samples, scenario.average
    key = ("average film", *smoothed, *stages.attack_key(made_on))
    found: tuple[AverageFrame, ...] | None = lab.memory.get(key)
    if found is not None:
        return found
    # Usually remembered from the run.
    perturbation = yield from stages.perturbation(made_on)
    attacked = stages.point + perturbation.values.to(stages.point)
    frames = []
    for running, _ in stages.smoothing_walk(scenario.checkpoint, attacked, COUNTS):
        yield Progress("smoothing attacked", running.count / scenario.samples)
        if running.count in COUNTS or running.count == scenario.samples:
            frames.append(AverageFrame(running.count, *stages.averaged(running, scenario.checkpoint)))
    found = tuple(frames)
    lab.memory.put(key, found, 2 * stages.truth.nbytes * len(frames))
    return found

"""One scenario from photo to figures: ``run(scenario, lab)`` reports progress, returns an Outcome.

The way of the data: photo, picture x, observation of it, perturbation e, estimates f(z + e) and g(z + e)
of the attacked point, metrics and discrepancies; for problems of classes see :mod:`core.experiment.answers`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterator
from typing import Any, overload

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.attacks.losses import loss_of
from core.attacks.objectives import BaseError, Objective, gradient_of
from core.base.progress import Progress
from core.base.seeds import derive
from core.base.workers import spread
from core.certificates.confidence import NONE
from core.certificates.reconstructions import Draws
from core.experiment.answers import Answered, Answers
from core.experiment.outcome import (
    Estimate,
    Outcome,
    Pair,
    Perturbation,
    Smoothed,
    Smoothing,
    certificate_ratio,
)
from core.experiment.prepared import Prepared
from core.pictures.images import SIZE
from core.problems.digits.problem import DigitsScenario
from core.problems.scenario import PhotoScenario, Scenario
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.estimate import Average, Running, smooth
from core.smoothing.statistics import Discrepancies, Mapped
from core.smoothing.stream import accumulate, noisy_copies


@overload
def run(scenario: PhotoScenario, lab: Lab, photo: Any = None) -> Generator[Progress, None, Outcome]: ...
@overload
def run(scenario: DigitsScenario, lab: Lab, photo: Any = None) -> Generator[Progress, None, Answered]: ...
@overload
def run(scenario: Scenario, lab: Lab, photo: Any = None) -> Generator[Progress, None, Outcome | Answered]: ...
def run(scenario: Scenario, lab: Lab, photo: Any = None) -> Generator[Progress, None, Outcome | Answered]:
    """Compute a scenario, yielding a report for every attack step and every chunk of samples.

    Closing the generator cancels the run; what was finished stays in the lab's memory. Drive it
    to its end with :func:`core.base.progress.finish`.

    Args:
        scenario: what to compute.
        lab: device, networks and memory.
        photo: the photo itself, if it is not one that ``scenario.image`` can open.

    Raises:
        UserError: if the photo or a checkpoint cannot be used.
    """
    return (yield from lab.drive(_compute, scenario, photo))


def _compute(lab: Lab, scenario: Scenario, photo: Any) -> Generator[Progress, None, Outcome | Answered]:
    kind = Answers if scenario.problem.classes else Stages
    return (yield from kind(scenario, lab, photo or scenario.problem.open(scenario)).outcome())


class Stages(Prepared):
    """The stages of a run of a problem whose networks restore pictures."""

    scenario: PhotoScenario

    def outcome(self) -> Generator[Progress, None, Outcome]:
        """Everything of the scenario."""
        scenario, names = self.scenario, [*self.estimators]
        with self.meter.timing("total"):
            if self.large:
                yield self.meter.progress(f"about {self._seconds_ahead():.0f} s")
            made = yield from self._perturbations()
            each = map if self.large else spread
            found = each(lambda name: self._pair(name, made[self.made_on(name)]), names)
            pairs = dict(zip(names, found, strict=True))
            smoothed = {}
            for called, name in self.of_smoothed.items():
                made_on = self.made_on(called)
                smoothed[name] = yield from self._smoothed(name, made[made_on], made_on)
        received = {name: pair.perturbation for name, pair in pairs.items()}
        received |= {called: smoothed[name].perturbation for called, name in self.of_smoothed.items()}
        return Outcome(
            scenario=scenario,
            photo_digest=self.photo.digest,
            device=self.lab.engine.device,
            precision=self.precision,
            truth=self.truth,
            point=self.point.cpu(),
            networks={name: pairs[name] for name in scenario.networks},
            baselines={name: pairs[name] for name in self.baselines},
            smoothed=smoothed,
            averaged={name: self._averaged(name, pairs[name]) for name in self.baselines},
            received={name: self.shown(self.point + e.values.to(self.point)) for name, e in received.items()},
            digests=self.digests,
            seconds=self.meter.seconds,
        )

    def _seconds_ahead(self) -> float:
        """How long the run of a large picture takes, from a gradient on a corner of it."""
        engine, fast = self.lab.engine, self.estimators[self.scenario.checkpoint].fast
        corner = self.point[..., :SIZE, :SIZE]
        for _ in range(2):
            started = time.perf_counter()
            gradient_of(fast, corner, torch.ones_like(corner))
            seconds = time.perf_counter() - started
        return seconds * engine.effort(self.point) * self.meter.work / engine.workers.count

    # -- stages ----------------------------------------------------------------------------

    def objective(self, made_on: str) -> Objective:
        s, target = self.scenario, self.observation.target
        loss = loss_of(s.attack_loss, self.problem.space)
        if made_on not in self.of_smoothed:
            return BaseError(self.estimators[made_on].fast, target, loss)
        return SmoothedError(
            self.estimators[self.of_smoothed[made_on]].fast, target, self.sigma, s.attack_samples,
            seed=derive(s.seed, "attack noise"), chunk=self.chunk, loss=loss, average=_average(s.average),
        )  # fmt: skip

    def attack_key(self, made_on: str) -> tuple[object, ...]:
        s = self.scenario
        smoothed = (s.average,) if made_on in self.of_smoothed else ()
        return (*super().attack_key(made_on), *smoothed, s.attack_loss, s.norm, s.attack_region)

    def _pair(self, name: str, perturbation: Perturbation) -> Pair:
        """The named estimator's clean and attacked estimate."""
        exact = self.estimators[name].exact
        who = (self.digests.get(name, name), *self.scene)
        e = perturbation.values.to(self.point)
        clean = self._estimate(name, ("clean", *who), lambda: exact(self.point))
        attacked = self._estimate(
            name, ("attacked", *who, *self.attack_key(self.made_on(name))), lambda: exact(self.point + e)
        )
        return Pair(clean, attacked, perturbation)

    def _averaged(self, name: str, pair: Pair) -> Estimate:
        """A baseline smoothed around its attacked point, which makes no other estimate of a linear one."""
        s = self.scenario
        if self.sigma == 0:
            return pair.attacked
        attacked = self.point + pair.perturbation.values.to(self.point)
        key = ("g", name, *self.scene, s.sigma_level, s.samples, *self.attack_key(self.made_on(name)))
        return self._estimate(
            name, key,
            lambda: smooth(
                self.estimators[name].exact, attacked,
                sigma=self.sigma, samples=s.samples, seed=s.seed, chunk=self.chunk,
            ),
        )  # fmt: skip

    def _smoothed(
        self, name: str, perturbation: Perturbation, made_on: str
    ) -> Generator[Progress, None, Smoothed]:
        attacked, key = self.point + perturbation.values.to(self.point), self.attack_key(made_on)
        around_clean = yield from self._smoothing(name, "clean", self.point, ("clean",))
        around_attacked = yield from self._smoothing(name, "attacked", attacked, key)
        published = self._draw(name, attacked, around_attacked.draws, around_attacked.as_published, key)
        return Smoothed(perturbation, around_clean, around_attacked, published)

    def _smoothing(
        self, name: str, what: str, point: Tensor, input_key: tuple[object, ...]
    ) -> Generator[Progress, None, Smoothing]:
        """The draws, remembered without ε and α, and what is worked out of them for this ε and α."""
        s, key = self.scenario, self._draws_key(name, input_key)
        found: tuple[Estimate, Tensor, Draws] | None = self.lab.memory.get(key)
        if found is None:
            count = 0
            for step in self.meter.stepping("smoothing", self.smoothing_walk(name, point)):
                running, draws = step
                self.meter.advance((running.count - count) / 3)
                yield self.meter.progress(f"smoothing {what}")
                count = running.count
            found = *self.averaged(running, name), draws()
            self.lab.memory.put(key, found, 2 * self.truth.nbytes + found[2].discrepancies.nbytes)
        else:
            self.meter.advance(s.samples / 3)
        estimate, deviation, drawn = found
        median = self._draw(name, point, drawn, drawn.median, input_key)
        assert median is not None
        return Smoothing(
            estimate=estimate,
            deviation=deviation,
            draws=drawn,
            median=median,
            bound=drawn.bounds([certificate_ratio(s, self.dimension)], s.alpha)[0],
            as_published=self.as_published(drawn),
        )

    def as_published(self, draws: Draws) -> float:
        """The published number (sun2024), **not a bound**; ``inf`` for problems it was not published for."""
        s = self.scenario
        return draws.as_published(s.eps_level, s.alpha) if self.problem.published else NONE

    def _draws_key(self, name: str, input_key: tuple[object, ...]) -> tuple[object, ...]:
        """All that the draws around an input depend on."""
        s = self.scenario
        return ("g", self.digests[name], *self.scene, s.sigma_level, s.samples, s.average, *input_key)

    def smoothing_walk(
        self, name: str, point: Tensor, stops: Collection[int] = (), average: str = ""
    ) -> Iterator[tuple[Running, Callable[[], Draws]]]:
        """The smoothed estimate of a point as its draws come in, and the discrepancies so far.

        Its ``average`` is the scenario's unless another one is named.
        """
        s, estimator = self.scenario, self.estimators[name]
        picture = self.problem.space.picture
        with torch.no_grad():
            reference = picture(estimator.exact(point))
        kind = _average(average or s.average)
        running, apart = Running(kind, self._box()), Discrepancies(reference)
        steps = accumulate(
            # Without noise there is one forward, which can be exact.
            estimator.fast if self.sigma > 0 else estimator.exact,
            point,
            [running, Mapped(picture, apart)],
            sigma=self.sigma,
            samples=s.samples,
            seed=s.seed,
            chunk=self.chunk,
            stops=stops,
        )
        for count in steps:
            running.count = count
            yield running, lambda: Draws(apart.values[0], self.sigma)

    def averaged(self, running: Running, name: str) -> tuple[Estimate, Tensor]:
        """A running estimate as a scored picture, and the spread of one draw."""
        deviation = self.problem.space.spread(running.variance.sqrt())
        return self.scored(running.estimate, name), deviation.cpu()

    def _draw(
        self, name: str, point: Tensor, draws: Draws, value: float, input_key: tuple[object, ...]
    ) -> Estimate | None:
        """The draw that has this discrepancy, as a scored picture; None where there is none."""
        number = draws.place(value)
        if number is None:
            return None
        key = (*self._draws_key(name, input_key), number)
        return self._estimate(name, key, lambda: self.draw(name, point, number))

    def draw(self, name: str, point: Tensor, number: int) -> Tensor:
        """One of a network's draws around a point, computed once more."""
        if self.sigma == 0:
            return self.estimators[name].exact(point)
        numbers = range(number, number + 1)
        (noisy,) = noisy_copies(point, numbers, sigma=self.sigma, seed=self.scenario.seed)
        return self.estimators[name].fast(noisy)

    def _estimate(self, name: str, key: tuple[object, ...], compute: Callable[[], Tensor]) -> Estimate:
        found: Estimate | None = self.lab.memory.get(key)
        if found is None:
            with torch.no_grad():
                found = self.scored(compute(), name)
            self.lab.memory.put(key, found, found.picture.nbytes)
        return found

    def scored(self, output: Tensor, name: str) -> Estimate:
        """The named estimator's output as a picture with its quality."""
        picture = self.problem.space.picture(output).cpu()
        return Estimate(picture, self.problem.quality(picture, self.truth, self.scenario, name))

    def shown(self, point: Tensor) -> Tensor:
        """What is measured of a point, as a picture on the CPU; a smaller one is shown pixel by pixel in the
        size of the truth."""
        return interpolate(self.problem.shown(self.observation, point).cpu(), self.truth.shape[-2:])


def _average(name: str) -> Average:
    return "median" if name == "median" else "mean"

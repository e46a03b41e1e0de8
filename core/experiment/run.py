"""One scenario from photo to figures: ``run(scenario, lab)`` reports progress, returns an Outcome.

The way of the data: photo, picture x, observation of it, perturbation e, estimates f(z + e) and g(z + e)
of the attacked point, metrics and discrepancies. Whatever a part depends on is its key in the lab's
memory, so that moving one slider computes again only what that slider changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import fields

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.losses import loss_of
from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.progress import Meter, Progress, finish
from core.base.seeds import derive
from core.base.workers import side_by_side, spread
from core.certificates.confidence import NONE
from core.certificates.reconstructions import Draws
from core.experiment.outcome import (
    Estimate,
    Outcome,
    Pair,
    Perturbation,
    Smoothed,
    Smoothing,
    certificate_ratio,
)
from core.pictures import images, metrics
from core.problems.scenario import SELF, SMOOTHED, Scenario
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.estimate import Average, Running
from core.smoothing.statistics import Discrepancies, Mapped
from core.smoothing.stream import accumulate, noisy_copies

COMMON = {declared.name for declared in fields(Scenario)}
"""Fields that all scenarios have; what a problem adds decides how it measures."""


def run(
    scenario: Scenario, lab: Lab, photo: images.Photo | None = None
) -> Generator[Progress, None, Outcome]:
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
    return (yield from lab.engine.drive(_compute(scenario, lab, photo)))


def _compute(scenario: Scenario, lab: Lab, photo: images.Photo | None) -> Generator[Progress, None, Outcome]:
    return (yield from Stages(scenario, lab, photo or images.open_photo(scenario.image)).outcome())


def smoothed_name(scenario: Scenario, network: str) -> str:
    """What the smoothed estimate of a network is called among those that a perturbation is made on."""
    return SMOOTHED if network == scenario.checkpoint else f"{SMOOTHED} {network}"


class Stages:
    """The stages of one run, sharing its observation, keys and clock.

    Build and use it on the engine's workers (:meth:`core.runtime.engine.Engine.drive`).

    Args:
        scenario, lab, photo: see :func:`run`.
        networks: the only ones that are needed; all of the scenario's if None.
    """

    def __init__(
        self, scenario: Scenario, lab: Lab, photo: images.Photo, networks: Sequence[str] | None = None
    ) -> None:
        self.scenario, self.lab, self.photo = scenario, lab, photo
        self.attack = ATTACKS[scenario.attack]
        self.problem, engine = scenario.problem, lab.engine
        self.precision = engine.resolve(scenario.precision)
        self.truth = self.problem.sample(photo, scenario)
        self.observation = self.problem.observe(
            self.truth.to(engine.device), scenario, [derive(scenario.seed, "measurement")]
        )
        self.point = self.observation.point
        self.estimators: dict[str, Estimator] = {}
        self.digests: dict[str, str] = {}
        for name in scenario.networks if networks is None else networks:
            network, self.digests[name] = lab.network(name, self.precision)
            self.estimators[name] = engine.behind(network, self.observation.wrap)
        self.baselines = self.problem.baselines(scenario)
        for name, baseline in self.baselines.items():
            self.estimators[name] = engine.behind(engine.prepare(baseline), self.observation.wrap)
        self.of_smoothed = {smoothed_name(scenario, name): name for name in scenario.smoothed}
        self.radius = self.problem.space.radius(scenario.eps_level, self.point[0].numel())
        self.sigma = self.problem.space.noise(scenario.sigma_level)
        self.chunk = engine.chunk_for(self.point, self.problem.cost)
        measured = tuple(
            getattr(scenario, declared.name)
            for declared in fields(scenario)
            if declared.name not in {*COMMON, self.problem.eps, self.problem.sigma}
        )
        self.scene = (
            self.problem.name, photo.digest, scenario.short_side, scenario.crop_x, scenario.crop_y,
            scenario.factor, measured, scenario.seed, engine.device, self.precision,
        )  # fmt: skip
        attacks = sum(self._steps() * self._copies(maker) for maker in self.makers)
        self.meter = Meter(attacks + len(self.of_smoothed) * 2 * scenario.samples / 3)

    def outcome(self) -> Generator[Progress, None, Outcome]:
        """Everything of the scenario."""
        scenario, names = self.scenario, [*self.estimators]
        with self.meter.timing("total"):
            made = yield from self._perturbations()
            found = spread(lambda name: self._pair(name, made[self.made_on(name)]), names)
            pairs = dict(zip(names, found, strict=True))
            smoothed = {}
            for called, name in self.of_smoothed.items():
                made_on = self.made_on(called)
                smoothed[name] = yield from self._smoothed(name, made[made_on], made_on)
        received = {name: pairs[name].perturbation for name in scenario.networks}
        received |= {called: smoothed[name].perturbation for called, name in self.of_smoothed.items()}
        return Outcome(
            scenario=scenario,
            photo_digest=self.photo.digest,
            device=self.lab.engine.device,
            precision=self.precision,
            truth=self.truth,
            point=self.point.cpu(),
            measured=self.shown(self.point),
            networks={name: pairs[name] for name in scenario.networks},
            baselines={name: pairs[name] for name in self.baselines},
            smoothed=smoothed,
            received={name: self.shown(self.point + e.values.to(self.point)) for name, e in received.items()},
            digests=self.digests,
            seconds=self.meter.seconds,
        )

    # -- stages ----------------------------------------------------------------------------

    def made_on(self, name: str) -> str:
        """The estimator whose attack the named one (or a :func:`smoothed_name`) faces."""
        if name in self.baselines:
            return name
        if self.scenario.attacked != SELF:
            return self.scenario.attacked
        return name if self.scenario.attacks_smoothed else self.of_smoothed.get(name, name)

    @property
    def makers(self) -> tuple[str, ...]:
        """Everyone that a perturbation is made on, once; the longest work first."""
        return tuple(dict.fromkeys(self.made_on(name) for name in (*self.of_smoothed, *self.estimators)))

    def attack_key(self, made_on: str) -> tuple[object, ...]:
        """All that the perturbation made on an estimator depends on."""
        s = self.scenario
        maker: object = s.attack if self.attack.blind else self.digests.get(made_on, made_on)
        if made_on in self.of_smoothed:
            maker = (self.digests[self.of_smoothed[made_on]], s.sigma_level, s.attack_samples)
        beside = tuple(self.digests.values()) if self.attack.gathers and made_on in self.of_smoothed else ()
        how = s.attack, s.attack_loss, s.eps_level, s.attack_steps, s.keep, s.box
        return ("e", maker, *beside, *self.scene, *how)

    def _perturbations(self) -> Generator[Progress, None, dict[str, Perturbation]]:
        """What each maker's attack found, remembered or made, all of them side by side."""
        walks = [self.perturbation(maker) for maker in self.makers]
        found: list[Perturbation] = yield from self.meter.stepping("attack", side_by_side(walks))
        return dict(zip(self.makers, found, strict=True))

    def perturbation(self, made_on: str) -> Generator[Progress, None, Perturbation]:
        """The attack's result on the named estimator, remembered or made."""
        key = self.attack_key(made_on)
        found: Perturbation | None = self.lab.memory.get(key)
        if found is None:
            found = yield from self._attack(made_on)
            self.lab.memory.put(key, found, found.values.nbytes)
        else:
            self.meter.advance(self._steps() * self._copies(made_on))
        return found

    def _steps(self) -> int:
        return self.attack.taken(self.scenario.attack_steps) + 1

    def _copies(self, made_on: str) -> int:
        return self.scenario.attack_samples if made_on in self.of_smoothed else 1

    def _attack(self, made_on: str) -> Generator[Progress, None, Perturbation]:
        losses = []
        for iterate in self.attack_walk(made_on):
            self.meter.advance(self._copies(made_on))
            yield self.meter.progress(f"attacking {made_on}{' without gradients' * bool(iterate.notices)}")
            losses.append(iterate.loss.item())
        blind = self.attack.blind
        return Perturbation(
            made_on=self.attack.key if blind else made_on,
            values=iterate.kept.cpu(),
            asked=self.radius,
            reached=ball.norms(iterate.kept).item(),
            losses=() if blind else tuple(losses),
            notice=iterate.notice(),
            attempt=iterate.attempts[0] if iterate.attempts else "",
        )

    def attack_walk(self, made_on: str) -> Iterator[Iterate]:
        """The attack's iterates on the named estimator."""
        s = self.scenario
        terms = Terms(
            self.radius, steps=s.attack_steps, seeds=self.attack.seeds(s.seed), keep=s.keep,
            box=self._terms_box(), others=self._others(made_on),
        )  # fmt: skip
        return self.attack.iterates(self.objective(made_on), self.point, terms)

    def _others(self, made_on: str) -> dict[str, Tensor]:
        """What the attack on a smoothed estimate is given to try: what was found on each network."""
        if not self.attack.gathers or made_on not in self.of_smoothed:
            return {}
        network = self.of_smoothed[made_on]
        found = {
            name: finish(self.perturbation(name)).values for name in dict.fromkeys((network, *self.digests))
        }
        thesis = ATTACKS["pgd"]
        terms = Terms(self.radius, seeds=thesis.seeds(self.scenario.seed), box=self._terms_box())
        return found | {"pgd": thesis.end(self.objective(network), self.point, terms).kept}

    def objective(self, made_on: str) -> Objective:
        """What the attack on an estimator raises. Draws of ĝ are fixed and not those of the estimate."""
        s, target = self.scenario, self.observation.target
        loss = loss_of(s.attack_loss, self.problem.space)
        if made_on not in self.of_smoothed:
            return BaseError(self.estimators[made_on].fast, target, loss)
        return SmoothedError(
            self.estimators[self.of_smoothed[made_on]].fast, target, self.sigma, s.attack_samples,
            seed=derive(s.seed, "attack noise"), chunk=self.chunk, loss=loss,
        )  # fmt: skip

    def _terms_box(self) -> tuple[Tensor, Tensor] | None:
        return self._box() if self.scenario.box else None

    def _box(self) -> tuple[Tensor, Tensor]:
        black = torch.zeros_like(self.point)
        return self.problem.space.encode(black), self.problem.space.encode(black + 1)

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
            bound=drawn.bounds([certificate_ratio(s, self.point.numel())], s.alpha)[0],
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
        kind: Average = "median" if (average or s.average) == "median" else "mean"
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
        return Estimate(picture, metrics.quality(picture, self.truth, name)[0])

    def shown(self, point: Tensor) -> Tensor:
        """What is measured of a point, as a picture on the CPU."""
        return self.problem.shown(self.observation, point).cpu()

"""One scenario from photo to figures: ``run(scenario, lab)`` reports progress, returns an Outcome.

The way of the data: photo, measurement y, perturbation e, estimates f(y + e) and g(y + e),
metrics. Whatever a part depends on is its key in the lab's memory, so that moving one slider
computes again only what that slider changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.progress import Meter, Progress
from core.base.seeds import derive
from core.base.workers import side_by_side, spread
from core.experiment.outcome import Estimate, Outcome, Pair, Perturbation, Smoothed
from core.experiment.scenario import SELF, SMOOTHED, Scenario
from core.pictures import images, metrics, units
from core.problems.super_resolution import SuperResolution, baseline
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.estimate import Running, smoothed_estimate
from core.zoo.names import BASELINES


def run(
    scenario: Scenario, lab: Lab, photo: images.Photo | None = None
) -> Generator[Progress, None, Outcome]:
    """Compute a scenario, yielding a report for every attack step and every chunk of samples.

    Closing the generator cancels the run; what was finished stays in the lab's memory.

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


class Stages:
    """The stages of one run, sharing its measurement, keys and clock.

    Build and use it on the engine's workers (:meth:`core.runtime.engine.Engine.drive`).
    """

    def __init__(self, scenario: Scenario, lab: Lab, photo: images.Photo) -> None:
        self.scenario, self.lab, self.photo = scenario, lab, photo
        self.attack = ATTACKS[scenario.attack]
        self.problem = SuperResolution(scenario.factor)
        self.precision = lab.engine.resolve(scenario.precision)
        self.estimators: dict[str, Estimator] = {}
        self.digests: dict[str, str] = {}
        for name in scenario.networks:
            self.estimators[name], self.digests[name] = lab.network(name, self.precision)
        for name in BASELINES:
            self.estimators[name] = lab.engine.prepare(baseline(name, scenario.factor), "float32")
        self.truth = images.crop(photo, short_side=scenario.short_side, x=scenario.crop_x, y=scenario.crop_y)
        self.target = units.standardise(self.truth).to(lab.engine.device)
        self.measurement = self.problem.measure(self.truth).to(lab.engine.device)
        self.radius = units.radius(scenario.eps_rel, self.measurement[0].numel())
        self.scene = (
            photo.digest, scenario.short_side, scenario.crop_x, scenario.crop_y,
            scenario.factor, lab.engine.device, self.precision,
        )  # fmt: skip
        self.meter = Meter(
            sum(self._steps() * self._copies(maker) for maker in self.makers) + 2 * scenario.samples / 3
        )

    def outcome(self) -> Generator[Progress, None, Outcome]:
        """Everything of the scenario."""
        scenario, names = self.scenario, [*self.estimators]
        with self.meter.timing("total"):
            made = yield from self._perturbations()
            pairs = dict(
                zip(
                    names, spread(lambda name: self._pair(name, made[self.made_on(name)]), names), strict=True
                )
            )
            e = made[self.made_on(SMOOTHED)]
            attacked = self.measurement + e.values.to(self.measurement)
            clean_smoothed = yield from self._smoothed("clean", self.measurement, ("clean",))
            attacked_smoothed = yield from self._smoothed(
                "attacked", attacked, self.attack_key(self.made_on(SMOOTHED))
            )
        return Outcome(
            scenario=scenario,
            photo_digest=self.photo.digest,
            device=self.lab.engine.device,
            precision=self.precision,
            dimension=self.measurement[0].numel(),
            truth=self.truth,
            measurement=self.measurement.cpu(),
            networks={name: pairs[name] for name in scenario.networks},
            baselines={name: pairs[name] for name in BASELINES},
            smoothed=Pair(clean_smoothed.estimate, attacked_smoothed.estimate, e),
            clean_smoothed=clean_smoothed,
            attacked_smoothed=attacked_smoothed,
            digests=self.digests,
            seconds=self.meter.seconds,
        )

    # -- stages ----------------------------------------------------------------------------

    def made_on(self, name: str) -> str:
        """The estimator whose attack the named one (or :data:`SMOOTHED`) faces."""
        if name in BASELINES:
            return name
        if self.scenario.attacked != SELF:
            return self.scenario.attacked
        return self.scenario.checkpoint if name == SMOOTHED and not self.scenario.attacks_smoothed else name

    @property
    def makers(self) -> tuple[str, ...]:
        """Everyone that a perturbation is made on, once; the longest work first."""
        return tuple(dict.fromkeys(self.made_on(name) for name in (SMOOTHED, *self.estimators)))

    def attack_key(self, made_on: str) -> tuple[object, ...]:
        """All that the perturbation made on an estimator depends on."""
        s = self.scenario
        maker: object = s.attack if self.attack.blind else self.digests.get(made_on, made_on)
        if made_on == SMOOTHED:
            maker = (self.digests[s.checkpoint], s.sigma_g, s.attack_samples)
        return ("e", maker, *self.scene, s.attack, s.eps_rel, s.attack_steps, s.keep, s.box, s.seed)

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
        return self.scenario.attack_samples if made_on == SMOOTHED else 1

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
        )

    def attack_walk(self, made_on: str) -> Iterator[Iterate]:
        """The attack's iterates on the named estimator."""
        s = self.scenario
        terms = Terms(
            self.radius, steps=s.attack_steps, seeds=self.attack.seeds(s.seed), keep=s.keep,
            box=self._box() if s.box else None,
        )  # fmt: skip
        return self.attack.iterates(self.objective(made_on), self.measurement, terms)

    def objective(self, made_on: str) -> Objective:
        """What the attack on an estimator raises. Draws of ĝ are fixed and not those of the estimate."""
        s = self.scenario
        if made_on != SMOOTHED:
            return BaseError(self.estimators[made_on].fast, self.target)
        return SmoothedError(
            self.estimators[s.checkpoint].fast, self.target, s.sigma_g, s.attack_samples,
            seed=derive(s.seed, "attack noise"), chunk=self.lab.engine.chunk,
        )  # fmt: skip

    def _box(self) -> tuple[Tensor, Tensor]:
        corners = torch.zeros_like(self.measurement), torch.ones_like(self.measurement)
        return units.standardise(corners[0]), units.standardise(corners[1])

    def _pair(self, name: str, perturbation: Perturbation) -> Pair:
        """The named estimator's clean and attacked estimate."""
        estimator = self.estimators[name]
        who = (self.digests.get(name, name), *self.scene)
        e = perturbation.values.to(self.measurement)
        clean = self._estimate(name, ("clean", *who), lambda: estimator.exact(self.measurement))
        attacked = self._estimate(
            name,
            ("attacked", *who, *self.attack_key(self.made_on(name))),
            lambda: estimator.exact(self.measurement + e),
        )
        return Pair(clean, attacked, perturbation)

    def _smoothed(
        self, what: str, measurement: Tensor, input_key: tuple[object, ...]
    ) -> Generator[Progress, None, Smoothed]:
        s = self.scenario
        key = ("g", self.digests[s.checkpoint], *self.scene, s.sigma_g, s.samples, s.seed, *input_key)
        found: Smoothed | None = self.lab.memory.get(key)
        if found is not None:
            self.meter.advance(s.samples / 3)
            return found
        count = 0
        for running in self.meter.stepping("smoothing", self.smoothing_walk(measurement)):
            self.meter.advance((running.count - count) / 3)
            yield self.meter.progress(f"smoothing {what}")
            count = running.count
        found = self.smoothed(running)
        self.lab.memory.put(key, found, 2 * self.truth.nbytes)
        return found

    def smoothing_walk(self, measurement: Tensor, stops: Collection[int] = ()) -> Iterator[Running]:
        """The smoothed estimate of a measurement as its samples come in."""
        s = self.scenario
        estimator = self.estimators[s.checkpoint]
        return smoothed_estimate(
            # Without noise there is one forward, which can be exact.
            estimator.fast if s.sigma_g > 0 else estimator.exact,
            measurement,
            sigma=s.sigma_g,
            samples=s.samples,
            seed=s.seed,
            chunk=self.lab.engine.chunk,
            stops=stops,
        )

    def smoothed(self, running: Running) -> Smoothed:
        """A running estimate as a scored picture and its spread."""
        spread = running.variance.sqrt() * running.variance.new_tensor(units.PHOTO_STD).view(-1, 1, 1)
        return Smoothed(self.scored(running.mean, self.scenario.checkpoint), spread.cpu())

    def _estimate(self, name: str, key: tuple[object, ...], compute: Callable[[], Tensor]) -> Estimate:
        found: Estimate | None = self.lab.memory.get(key)
        if found is None:
            with torch.no_grad():
                found = self.scored(compute(), name)
            self.lab.memory.put(key, found, found.picture.nbytes)
        return found

    def scored(self, standardised: Tensor, name: str) -> Estimate:
        """The named estimator's output as a picture with its quality."""
        picture = units.to_picture(standardised).cpu()
        return Estimate(picture, metrics.quality(picture, self.truth, name)[0])

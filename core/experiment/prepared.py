"""One scenario made ready: what is observed, the networks in front of it, and the attacks on them.

Whatever a part depends on is its key in the lab's memory, so that moving one slider computes again only
what that slider changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from core.attacks.ball import BALLS
from core.attacks.objectives import Objective
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.attacks.walk import Iterate
from core.base.progress import Meter, Progress, finish
from core.base.seeds import derive
from core.base.workers import in_turn, side_by_side
from core.experiment.outcome import Perturbation
from core.problems.scenario import SELF, Scenario, smoothed_name
from core.runtime.engine import PLAIN, Estimator
from core.runtime.session import Lab

Found = TypeVar("Found")

COMMON = {declared.name for declared in fields(Scenario)}
"""Fields that all scenarios have; what a problem adds decides how it measures."""


class Prepared(ABC):
    """What all kinds of runs share: observation, networks, perturbations, keys and clock.

    Build and use it on the engine's workers (:meth:`core.runtime.engine.Engine.drive`).

    Args:
        scenario, lab, photo: see :func:`core.experiment.run.run`.
        networks: the only ones that are needed; all of the scenario's if None.
    """

    def __init__(
        self, scenario: Scenario, lab: Lab, photo: Any, networks: Sequence[str] | None = None
    ) -> None:
        self.scenario, self.lab, self.photo = scenario, lab, photo
        self.attack, self.norm = scenario.how
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
        self.large = self.point.shape[-2] * self.point.shape[-1] > PLAIN
        self.dimension = scenario.dimension(self.point, self.truth)
        self.radius = self.problem.radius(scenario.eps_level, self.dimension, self.norm)
        self.sigma = self.problem.space.noise(scenario.sigma_level)
        self.chunk = engine.chunk_for(self.point, self.problem.cost)
        self.scene = (
            self.problem.name, photo.digest, scenario.factor, self._measured(), scenario.seed, engine.device,
            self.precision,
        )  # fmt: skip
        attacks = sum(self._steps() * self._copies(name) for names in self._rounds() for name in names)
        self.meter = Meter(attacks + len(self.of_smoothed) * 2 * scenario.samples / 3)

    def _measured(self) -> tuple[Any, ...]:
        """The fields that decide how the photo is measured."""
        s, apart = self.scenario, {*COMMON, *self.scenario.unobserved, self.problem.eps, self.problem.sigma}
        return tuple(getattr(s, declared.name) for declared in fields(s) if declared.name not in apart)

    def remembered(self, key: tuple[object, ...], compute: Callable[[], Found], size: int) -> Found:
        """What stands in memory under the key, or is computed now and put there as ``size`` bytes."""
        found: Found | None = self.lab.memory.get(key)
        if found is None:
            found = compute()
            self.lab.memory.put(key, found, size)
        return found

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
        return ("e", maker, *beside, *self.scene, s.attack, s.eps_level, s.attack_steps, s.keep, s.box)

    def _perturbations(self) -> Generator[Progress, None, dict[str, Perturbation]]:
        """What each maker's attack found, remembered or made, side by side; an attack that tries what others
        found comes after them. On a large picture, whose tiles are shared among the workers, one by one."""
        found: dict[str, Perturbation] = {}
        for names in self._rounds():
            walks = [self.perturbation(name) for name in names]
            work = in_turn(walks) if self.large else side_by_side(walks)
            values: list[Perturbation] = yield from self.meter.stepping("attack", work)
            found |= dict(zip(names, values, strict=True))
        return found

    def _rounds(self) -> list[list[str]]:
        smoothed = [name for name in self.makers if name in self.of_smoothed]
        if not (smoothed and self.attack.gathers):
            return [list(self.makers)]
        first = dict.fromkeys((*self.digests, *self.makers))
        return [[name for name in first if name not in smoothed], smoothed]

    def perturbation(self, made_on: str) -> Generator[Progress, None, Perturbation]:
        """The attack's result on the named estimator, remembered or made.

        What is remembered of an estimator may have been made where it had another name.
        """
        key = self.attack_key(made_on)
        found: Perturbation | None = self.lab.memory.get(key)
        if found is None:
            found = yield from self._attack(made_on)
            self.lab.memory.put(key, found, found.values.nbytes)
        else:
            self.meter.advance(self._steps() * self._copies(made_on))
        return replace(found, made_on=self.maker(made_on))

    def maker(self, made_on: str) -> str:
        """What a perturbation says it was made on: the attack itself, if that asks no estimator."""
        return self.attack.key if self.attack.blind else made_on

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
        return Perturbation(
            made_on=self.maker(made_on),
            values=iterate.kept.cpu(),
            asked=self.radius,
            reached=BALLS[self.norm].norms(iterate.kept).item(),
            losses=() if self.attack.blind else tuple(losses),
            notice=iterate.notice(),
            attempt=iterate.attempts[0] if iterate.attempts else "",
        )

    def attack_walk(self, made_on: str) -> Iterator[Iterate]:
        """The attack's iterates on the named estimator."""
        s = self.scenario
        seeds, others = self.attack.seeds(s.seed), self._others(made_on)
        terms = replace(self._terms(seeds), steps=s.attack_steps, keep=s.keep, others=others)
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
        terms = self._terms(thesis.seeds(self.scenario.seed))
        return found | {"pgd": thesis.end(self.objective(network), self.point, terms).kept}

    def _terms(self, seeds: Sequence[int]) -> Terms:
        """What an attack may do: how much, and where."""
        s, ends = self.scenario, self._box()
        return Terms(
            self.radius, self.norm, seeds=seeds, box=ends if s.box else None,
            mask=s.mask(self.point, self.truth), ends=ends,
        )  # fmt: skip

    @abstractmethod
    def objective(self, made_on: str) -> Objective:
        """What the attack on an estimator raises. Draws of ĝ are fixed and not those of the estimate."""

    def _box(self) -> tuple[Tensor, Tensor]:
        """Black and white in the problem's space; of one value a channel, for points and outputs alike."""
        black = torch.zeros_like(self.point[..., :1, :1])
        return self.problem.space.encode(black), self.problem.space.encode(black + 1)

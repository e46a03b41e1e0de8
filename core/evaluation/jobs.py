"""What an evaluation of any problem computes: jobs, and the keys of their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from core.attacks.terms import STRONGEST, STRONGEST_SSIM, STRONGEST_STEPS, THESIS
from core.base.errors import UserError
from core.base.options import key_of
from core.evaluation.photos import Photos
from core.evaluation.work import Work
from core.pictures.images import Photo, resized
from core.problems.grid import Grid
from core.problems.names import INVERSE_OBJECTIVES, Identity
from core.problems.problem import Problem
from core.problems.scenario import BASE, DEPLOYED, PhotoScenario
from core.results.evaluations import Table, table_of
from core.zoo import registry

Noises = tuple[tuple[float, tuple[int, ...]], ...]
"""Smoothing noises, each with the numbers of samples to report in rising order."""

TRIED, TRIED_STEPS = (1.0, 1.25, 1.5, 2.0), 30
"""Of smoothing noises that are tried under the strongest attack: shares of the noise of the training, and
``attack_steps``."""

STEPS = {THESIS: 10, STRONGEST: STRONGEST_STEPS, STRONGEST_SSIM: STRONGEST_STEPS}
"""``attack_steps`` of an evaluation's test rows, by the kind of attack."""


@dataclass(frozen=True)
class Target:
    """An estimator to evaluate.

    Attributes:
        name: of a network, or of an estimator without weights.
        checkpoint: the network itself, or the one that says how the other one's input is measured.
        digest: of the network's file; empty for an estimator without weights.
    """

    name: str
    checkpoint: str
    digest: str = ""

    @property
    def smoothing(self) -> bool:
        """Whether it is a network that was made to be smoothed."""
        return bool(self.digest) and Identity.parse(self.name).to_smooth

    @property
    def level(self) -> float:
        """Of its training, as far as its name says it."""
        return Identity.parse(self.name).level

    def require(self, digest: str) -> None:
        """Raise a UserError if this is not the digest of its file, here where rows are computed."""
        if digest != self.digest:
            raise UserError(
                f"{self.name} is {digest} here and {self.digest} where the evaluation was started: copy the "
                "same checkpoints to every machine."
            )


def targets(problem: Problem, names: Sequence[str] = (), folder: Path | None = None) -> list[Target]:
    """Estimators by name, each once; all networks there are, and what the grid has beside, without names.

    Raises:
        UserError: if a network is missing, damaged, or of another problem.
    """
    baselines = list(problem.baselines(problem.scenario()))
    if not names:
        good, bad = registry.find(folder, problem=problem.name)
        if bad:
            raise UserError(bad[0])
        start, *_ = INVERSE_OBJECTIVES
        names = [*(baselines if problem.grid.beside else ()),
                 *(m.name for m in good if Identity.parse(m.name).objective != start)]  # fmt: skip
    found = []
    for name in names:
        if name in baselines:
            beside = problem.grid.beside or (problem.scenario().checkpoint,)
            found += [Target(name, checkpoint) for checkpoint in beside]
        else:
            problem.scenario(checkpoint=name)
            found.append(Target(name, name, registry.describe(name, folder).digest))
    return list(dict.fromkeys(found))


def rivals(problem: Problem, folder: Path | None = None) -> tuple[str, ...]:
    """The adversarially trained networks of a problem, by name."""
    found, _ = registry.find(folder, problem=problem.name)
    return tuple(m.name for m in found if Identity.parse(m.name).objective in ("adversarial", "adv"))


@dataclass(frozen=True)
class Job(Work):
    """One estimator in one setting under one attack, for several smoothing noises, on some photos.

    Attributes:
        scenario: its ``image``, smoothing noise and ``samples`` do not count.
        noises: smoothing noise, and the numbers of samples to report; 0 is the estimator itself.
        images: (file name, digest) of each photo.
        dataset: name of the photos' folder.
        split: ``validation`` or ``test``.
        device: where it is computed.
    """

    several = "noises"

    target: Target
    scenario: PhotoScenario
    noises: Noises
    images: tuple[tuple[str, str], ...]
    dataset: str
    split: str
    device: str

    def __str__(self) -> str:
        s = self.scenario
        return f"{self.target.name} {s.problem.setting(s)} ε {s.eps_level:g}"

    @cached_property
    def table(self) -> Table:
        s = self.scenario
        attacks = (
            {"mse": STRONGEST, "ssim": STRONGEST_SSIM}[s.attack_loss] if s.attack == STRONGEST else THESIS
        )
        return table_of(s.problem, attacks)

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.target,)

    @property
    def kind(self) -> tuple[str, str, str]:
        return self.split, self.target.name, self.scenario.problem.setting(self.scenario)

    @property
    def wanted(self) -> list[str]:
        """See :class:`Work`; by digest."""
        return [digest for _, digest in self.images]

    def sent(self, photos: Sequence[Photo]) -> list[Photo]:
        """See :class:`Work`; shrunk as they will be."""
        return [replace(photo, pixels=resized(photo, self.scenario.short_side)) for photo in photos]

    @cached_property
    def scenarios(self) -> tuple[PhotoScenario, ...]:
        """One for each row of a photo, in order; without smoothing there is one sample."""
        return tuple(
            self.scenario.replace(**{self.scenario.problem.sigma: sigma, "samples": samples})
            for sigma, counts in self.noises
            for samples in (counts if sigma > 0 else (1,))
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of its rows: by photo, then by smoothing noise and number of samples."""
        where = {"digest": self.target.digest, "device": self.device, "precision": self.scenario.precision}
        rows = [{**s.of_row(self.target.name), **where} for s in self.scenarios]
        return tuple(key_of({**row, "image": digest}) for _, digest in self.images for row in rows)

    @cached_property
    def name(self) -> str:
        """Unique and readable: of its part in the store."""
        return f"{self.target.name}-{self.split}-{key_of({'keys': list(self.keys)})[:12]}"

    @property
    def forwards(self) -> int:
        """Smoothing samples times photos: what most of its time goes to."""
        return len(self.images) * sum(max(counts) if sigma > 0 else 1 for sigma, counts in self.noises)


@dataclass(frozen=True)
class Plan:
    """An evaluation of some estimators of one problem under one kind of attack.

    Attributes:
        grid: of the problem, or narrower.
        usual: fields that all scenarios share: ``samples``, ``keep``, ``seed``, ``precision``, …
        device: where it is computed.
        attacks: of :data:`core.attacks.terms.ATTACKED`: who is attacked with what.
        rivals: adversarially trained networks, whose perturbations the strongest attack on a smoothed
            estimate tries too: of those for the same measurement the one of nearest level.

    Raises:
        UserError: if a level or a field is out of its range.
    """

    problem: Problem
    targets: tuple[Target, ...]
    grid: Grid
    usual: Mapping[str, Any]
    device: str
    attacks: str = THESIS
    rivals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for sigma in self._levels("sigma"):
            self.problem.scenario_at(**{self.problem.sigma: sigma})

    def validation(self, photos: Photos, samples: int) -> list[Job]:
        """Networks trained with noise with every smoothing noise; nothing if noises are not selected.

        Under the strongest attack, which is dear, noises are tried that stand to that of the training about
        as :data:`TRIED`, with :data:`TRIED_STEPS` steps.
        """
        chosen = [target for target in self.targets if target.smoothing] if self.grid.selected else []
        fewer = {} if self.attacks == THESIS else {"attack_steps": TRIED_STEPS}
        return [
            self._job(
                target, setting, eps, tuple((sigma, (samples,)) for sigma in self._tried(target)), photos,
                "validation", **fewer,
            )
            for target, setting, eps in product(chosen, self._settings, self._levels("eps"))
        ]  # fmt: skip

    def _tried(self, target: Target) -> tuple[float, ...]:
        levels = self._levels("sigma")
        if self.attacks == THESIS:
            return levels
        trained = Identity.parse(target.name).level
        near = (min(levels, key=lambda sigma: abs(sigma - share * trained)) for share in TRIED)
        return tuple(sorted({sigma for sigma in near if sigma > 0}))

    def test(self, photos: Photos, chosen: Mapping[tuple[str, float], Collection[float]]) -> list[Job]:
        """Every estimator with the smoothing noises of the grid and its tables, where ``grid.selected`` with
        those that are chosen for its name and attack strength."""
        samples: int = self.usual["samples"]
        wanted: dict[tuple[Target, float | None, float], dict[float, set[int]]] = {
            (target, setting, eps): {
                sigma: {samples}
                for sigma in self._noises(target, setting, chosen.get((target.name, eps), ()))
            }
            for setting, eps, target in product(self._settings, self._levels("eps"), self.targets)
        }
        points = [point for table in self.grid.tables.values() for point in table]
        for target, point in product(self.targets, points):
            if target.digest and point.network in ("", target.name):
                noises = wanted.setdefault((target, point.setting, point.eps), {})
                noises.setdefault(point.sigma, set()).update(point.samples or (samples,))
        return [
            self._job(*point, tuple((sigma, tuple(sorted(n))) for sigma, n in noises.items()), photos, "test")
            for point, noises in wanted.items()
        ]

    @property
    def _settings(self) -> tuple[float | None, ...]:
        return self.grid.settings or (None,)

    def _levels(self, name: str) -> tuple[float, ...]:
        """Of ``eps`` or ``sigma``: the grid's, or none and the scenario's usual one."""
        usual: float = getattr(self.problem.scenario(), f"{name}_level")
        found: tuple[float, ...] = getattr(self.grid, "epses" if name == "eps" else "sigmas")
        return tuple(dict.fromkeys(found or (0.0, usual)))

    def _noises(self, target: Target, setting: float | None, chosen: Collection[float]) -> tuple[float, ...]:
        if not target.digest:
            return (0.0,)
        if self.grid.selected:
            return (0.0, *chosen)
        if self.grid.elsewhere and setting not in self.problem.grid.settings[:1]:
            return self.grid.elsewhere
        return self._levels("sigma")

    def _job(
        self,
        target: Target,
        setting: float | None,
        eps: float,
        noises: Noises,
        photos: Photos,
        split: str,
        **more: Any,
    ) -> Job:
        attack: dict[str, Any] = {"attack": "pgd", "attack_on": BASE}
        if self.attacks != THESIS:
            attack = {"attack": STRONGEST, "attack_on": DEPLOYED, "compare": self._rivals(target, eps)}
        if self.attacks == STRONGEST_SSIM:
            attack["attack_loss"] = "ssim"
        named = {"checkpoint": target.checkpoint, self.problem.eps: eps, "short_side": self.grid.short_side}
        scenario = self.problem.scenario_at(setting, **{**attack, **named, **self.usual, **more})
        return Job(target, scenario, noises, photos.names, photos.dataset, split, self.device)

    def _rivals(self, target: Target, eps: float) -> tuple[str, ...]:
        """Who beside a network that may be smoothed is attacked for it."""
        if not target.smoothing or eps == 0:
            return ()
        mine = Identity.parse(target.name)
        found = [name for name in self.rivals if Identity.parse(name).factor == mine.factor]
        return tuple(sorted(found, key=lambda name: abs(Identity.parse(name).level - eps))[:1])


def chosen_noises(chosen: pd.DataFrame) -> dict[tuple[str, float], tuple[float, ...]]:
    """By network and attack strength, from rows of :func:`core.results.evaluations.choose`, each once."""
    found: dict[tuple[str, float], tuple[float, ...]] = {}
    for name, eps, sigma in zip(chosen["estimator"], chosen["eps"], chosen["sigma"], strict=True):
        found[name, eps] = tuple(sorted({*found.get((name, eps), ()), sigma}))
    return found

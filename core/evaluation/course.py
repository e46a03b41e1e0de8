"""One prepared course for whoever has a GPU for a while: tests, timings, training, strong evaluation.

Every stage takes its share of the time left, goes on where an earlier start was cut off, and writes what it
found at once: into ``gpu.json`` of the folder, networks and tables beside it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import STRONGEST, STRONGEST_STEPS, Terms
from core.base.errors import UserError
from core.base.files import write_atomically
from core.base.progress import finish
from core.evaluation.driver import carry_out
from core.evaluation.jobs import Plan, rivals, targets
from core.evaluation.local import Local
from core.evaluation.photos import Photos
from core.experiment.run import run
from core.networks.unet import UNet
from core.pictures import units
from core.problems.names import Identity
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolutionScenario
from core.results.evaluations import table_of
from core.results.store import Store
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.smoothing.estimate import smooth
from core.training import recipes
from core.training.loop import Trainer
from core.training.tasks import read
from core.zoo import checkpoints

SHARES = {"tests": 0.15, "timings": 0.15, "training": 0.4, "evaluation": 1.0}
"""Of the time that is left when a stage begins, in their order."""

VIEW = SuperResolutionScenario(compare=("sr-x2-std", "sr-x2-adv-0.02"))
"""Whose time from photo to picture is taken."""


@dataclass(frozen=True)
class Settings:
    """How large the course is; the defaults are for a GPU.

    Attributes:
        networks: trained in this order, as many as there is time for.
        images: that each network of a kind sees.
        evaluated: networks under the strongest attack.
        strengths: ε_rel of the evaluation.
        photos: of the test folder.
        samples: k of smoothing, also in timings.
        steps: ``attack_steps`` of the evaluation.
        side: of the pictures in timings.
        view: from photo to picture.
        rounds: of each timing.
        tests: whether the tests that need a GPU are run.
    """

    networks: tuple[str, ...] = (
        "sr-x2-std",
        "sr-x2-adv-0.10",
        "sr-x2-rs-0.40",
        "sr-x2-adv-0.02",
        "sr-x2-rs-0.10",
    )
    images: int = 1_000_000
    evaluated: tuple[str, ...] = ()
    strengths: tuple[float, ...] = (0.0, 0.02, 0.05, 0.1)
    photos: int = 20
    samples: int = 50
    steps: int = STRONGEST_STEPS
    side: int = 160
    view: SuperResolutionScenario = VIEW
    rounds: int = 7
    tests: bool = True


@dataclass
class Course:
    """The course as far as it was taken.

    Args:
        out: folder of everything it writes.
        data: folder that holds ``photos_train``, ``photos_val`` and ``photos_test``.
        settings: how large it is.
        device: where it runs.
    """

    out: Path
    data: Path
    settings: Settings = field(default_factory=Settings)
    device: str = "auto"

    def __post_init__(self) -> None:
        self.engine = Engine(self.device)
        self.found: dict[str, Any] = {}
        if self._file.exists():
            self.found = json.loads(self._file.read_text(encoding="utf-8"))
        self.found["machine"] = machine(self.engine)

    @property
    def _file(self) -> Path:
        return self.out / "gpu.json"

    @property
    def networks(self) -> Path:
        """Where networks are, those of the repository and then those that were trained here."""
        return self.out / "checkpoints"

    def take(self, seconds: float) -> Iterator[str]:
        """Take the stages for so long, yielding a sentence on each."""
        end = time.monotonic() + seconds
        stages: dict[str, Callable[[float], dict[str, Any]]] = {
            "tests": self._tests, "timings": self._timings, "training": self._training,
            "evaluation": self._evaluation,
        }  # fmt: skip
        for name, stage in stages.items():
            if self.found.get(name, {}).get("complete"):
                yield f"{name}: stands already"
                continue
            left = end - time.monotonic()
            if left <= 0:
                yield f"{name}: no time left"
                continue
            started = time.monotonic()
            try:
                found = stage(started + SHARES[name] * left)
            except (UserError, RuntimeError, OSError) as error:  # one stage's trouble is not the others'
                found = {"error": str(error).split("\n")[0]}
            found["seconds"] = round(time.monotonic() - started, 2)
            self.found[name] = found
            write_atomically(self._file, json.dumps(self.found, indent=1, ensure_ascii=False).encode())
            yield f"{name}: {_said(found)}"

    # -- stages --------------------------------------------------------------------------------

    def _tests(self, end: float) -> dict[str, Any]:
        """The tests that are marked ``gpu``."""
        if not self.settings.tests:
            return {"skipped": "not asked for", "complete": True}
        command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", "tests/core"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=max(1.0, end - time.monotonic()), check=False
            )
        except subprocess.TimeoutExpired:
            return {"error": "the tests did not end in their time"}
        last = (done.stdout.strip() or done.stderr.strip() or "nothing was printed").splitlines()[-1]
        return {"status": done.returncode, "summary": last, "complete": done.returncode in (0, 5)}

    def _timings(self, end: float) -> dict[str, Any]:
        """Smoothing and attack, plainly and in the ways that torch offers, in turns."""
        s, device = self.settings, self.engine.device
        network, x = UNet().eval(), torch.rand(1, 3, s.side, s.side, device=device)
        y = units.standardise(x)
        ways: dict[str, Callable[[Tensor], Tensor]] = {
            precision: self.engine.prepare(network, precision).fast for precision in ("float32", "bfloat16")
        }
        found: dict[str, Any] = {"pictures": s.samples, "complete": True}
        if device == "cuda":
            ways |= compiled(network, device)
        for name, way in ways.items():
            if time.monotonic() > end:
                found["complete"] = False
                break
            try:
                found[name] = self._timed(way, y)
            except RuntimeError as error:
                found[name] = {"error": str(error).split("\n")[0]}
        found["copy_gb_per_s"] = copy_rate(device)
        lab = Lab(self.engine)
        try:
            finish(run(s.view.replace(seed=1), lab))
            started = time.perf_counter()
            finish(run(s.view, lab))
            found["photo_to_picture"] = round(time.perf_counter() - started, 4)
        except UserError as error:
            found["photo_to_picture"] = str(error)
        return found

    def _timed(self, way: Callable[[Tensor], Tensor], y: Tensor) -> dict[str, float]:
        s = self.settings
        objective = BaseError(way, y)
        terms = Terms(units.radius(0.02, y.numel()), seeds=[0])

        def smoothing() -> Tensor:
            return smooth(way, y, sigma=0.15, samples=s.samples, seed=0, chunk=self.engine.chunk)

        def attack() -> Tensor:
            return ATTACKS["pgd"].end(objective, y, terms).kept

        smoothed, attacked = (median_seconds(work, s.rounds) for work in (smoothing, attack))
        return {
            "smoothing_seconds": smoothed, "images_per_second": s.samples / smoothed, "pgd_seconds": attacked,
        }  # fmt: skip

    def _training(self, end: float) -> dict[str, Any]:
        """Networks at scale, one after the other; what is not finished goes on at the next start."""
        self._copy_networks()
        trained, there = {}, {path.stem for path in self.networks.glob("*.safetensors")}
        for name in self.settings.networks:
            recipe = replace(
                recipes.recipe(name, gpu=self.engine.device != "cpu"), images=self.settings.images
            )
            done = self.found.get("training", {}).get("networks", {}).get(name, {})
            if done.get("complete"):
                trained[name] = done
                continue
            if recipe.start and recipe.start not in there:
                trained[name] = {"error": f"{recipe.start} is missing, which it goes on from"}
                continue
            photos, held_out = read(recipe, (self.data / "photos_train",), self.data / "photos_val")
            trainer = Trainer(
                recipe, photos, held_out, folder=self.networks, device=self.engine.device, save_every=20.0,
                report_every=20,
            )  # fmt: skip
            complete = _until(end, trainer.run())
            trained[name] = {"step": trainer.step, "steps": recipe.steps, "complete": complete}
            if complete:
                metadata = checkpoints.describe(self.networks / f"{name}.safetensors")
                trained[name] |= {"images_seen": metadata.images_seen, "scores": metadata.scores}
            else:
                trainer.save_state()
                break
        complete = len(trained) == len(self.settings.networks) and all(
            one.get("complete") for one in trained.values()
        )
        return {"networks": trained, "complete": complete}

    def _copy_networks(self) -> None:
        self.networks.mkdir(parents=True, exist_ok=True)
        for path in checkpoints.FOLDER.glob("sr-*.safetensors"):
            copy = self.networks / path.name
            if not copy.exists() and path.stem not in self.settings.networks[1:]:
                copy.write_bytes(path.read_bytes())

    def _evaluation(self, end: float) -> dict[str, Any]:
        """The strongest attack on networks, photo by photo."""
        self._copy_networks()
        problem, s = SUPER_RESOLUTION, self.settings
        photos = Photos.read(self.data / "photos_test", s.photos)
        executor = Local(Lab(self.engine, self.networks))
        names = list(s.evaluated) or [path.stem for path in sorted(self.networks.glob("sr-x2-*.safetensors"))]
        usual = {"attack_steps": s.steps, "samples": s.samples, "precision": executor.precision}
        plan = Plan(
            problem, tuple(targets(problem, names, self.networks)), replace(problem.grid, epses=s.strengths),
            usual, executor.device, STRONGEST, rivals(problem, self.networks),
        )  # fmt: skip
        store = Store(table_of(problem, STRONGEST).name, self.out / "results")
        jobs = plan.test(photos, _usual_noises(plan))
        complete = _until(end, carry_out(jobs, photos, store, executor, batch=1))
        store.merge(table_of(problem, STRONGEST).order)
        return {"rows": len(store.read(["key"])), "complete": complete}


def _usual_noises(plan: Plan) -> dict[tuple[str, float], tuple[float, ...]]:
    """The smoothing noise that is a quarter above that of the training, of the grid's the nearest."""
    noises = [sigma for sigma in plan.problem.grid.sigmas if sigma > 0]
    return {
        (target.name, eps): (
            min(noises, key=lambda sigma: abs(sigma - 1.25 * Identity.parse(target.name).level)),
        )
        for target in plan.targets
        if target.smoothing
        for eps in plan.grid.epses
    }


def _until(end: float, steps: Iterator[Any]) -> bool:
    """Take steps until there are no more, or the time is up; whether there are no more."""
    return all(time.monotonic() <= end for _ in steps)


def _said(found: dict[str, Any]) -> str:
    if "error" in found:
        return str(found["error"])
    return f"{'complete' if found.get('complete') else 'cut off'} after {found['seconds']:.0f} s"


def machine(engine: Engine) -> dict[str, Any]:
    """What it runs on."""
    name = torch.cuda.get_device_name() if engine.device == "cuda" else "CPU"
    return {
        "device": engine.device,
        "name": name,
        "torch": torch.__version__,
        "workers": engine.workers.count,
    }


def median_seconds(work: Callable[[], Tensor], rounds: int) -> float:
    """Median seconds of a work after one warm-up; its result is waited for."""
    taken = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        work().sum().item()
        if number:
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def compiled(network: nn.Module, device: str) -> dict[str, Callable[[Tensor], Tensor]]:
    """A network as ``torch.compile`` makes it, without and with CUDA graphs, in bfloat16."""

    def way(mode: str) -> Callable[[Tensor], Tensor]:
        ready = torch.compile(network.to(device, torch.bfloat16), mode=mode)
        return lambda y: ready(y.bfloat16()).float()

    return {"compiled bfloat16": way("default"), "graphs bfloat16": way("reduce-overhead")}


def copy_rate(device: str, megabytes: int = 64, rounds: int = 5) -> float:
    """GB a second that a copy in the device's memory reads and writes: the roof of what memory allows."""
    values = torch.rand(megabytes * 2**18, device=device)
    seconds = median_seconds(lambda: values.clone()[:1], rounds)
    return round(2 * values.nbytes / seconds / 1e9, 2)


def tiny(networks: Sequence[str]) -> Settings:
    """A course of a minute, for tests on a CPU."""
    return Settings(
        networks=tuple(networks), images=64, evaluated=("sr-x2-std", "bicubic"), strengths=(0.0, 0.05),
        photos=1, samples=4, steps=3, side=64, view=VIEW.replace(samples=4, attack_steps=1), rounds=1,
        tests=False,
    )  # fmt: skip

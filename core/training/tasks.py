"""The problems as the trainer knows them: where batches come from, how they are measured and scored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.errors import UserError
from core.base.seeds import derive, derive_many
from core.problems import PROBLEMS
from core.problems.digits import data as mnist
from core.problems.digits.data import Digits
from core.problems.linear import LinearInverse
from core.problems.problem import Problem
from core.training import recipes
from core.training.objectives import Adversarial, Objective, objective
from core.training.observation import Observation
from core.training.photos import PhotoFolder
from core.training.recipe import Recipe


class Data(Protocol):
    """What a task trains on, or is validated with."""

    @property
    def digest(self) -> str:
        """Of all its contents."""

    def __len__(self) -> int: ...


D = TypeVar("D", bound=Data)


class Task(ABC, Generic[D]):
    """One problem's side of a training.

    Args:
        recipe: what is trained.
        device: where observations are wanted.
    """

    said: ClassVar[str]
    """The data in words, with a place for their number."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.problem = PROBLEMS[recipe.identity.problem]

    @property
    def unit(self) -> float:
        """RMS of a level of one, in the units of the points."""
        return self.problem.space.noise(1.0)

    @classmethod
    @abstractmethod
    def read(cls, folders: Sequence[Path], validation: Path | None) -> tuple[D, D]:
        """What is trained on, and what the finished network is validated with; never test data.

        Raises:
            UserError: if something is not there, or cannot be read.
        """

    @abstractmethod
    def observe(self, data: D, step: int, seed: int) -> Observation:
        """The batch of a step of the optimiser; ``seed`` is the step's."""

    @abstractmethod
    def validation(self, data: D) -> Iterator[Observation]:
        """What the finished network is scored on."""

    def stress(self) -> Objective:
        """Whose inputs the finished network is scored on besides: its own objective's."""
        return objective(self.recipe, self.unit)

    def facts(self) -> dict[str, Any]:
        """What the finished network's metadata say beside that of all problems."""
        identity, network = self.recipe.identity, self.recipe.network
        return {**network, "network": network, "factor": identity.factor, "attack": identity.attack}


class PhotoTask(Task[PhotoFolder]):
    """Random crops of photos for training, centre crops for validation."""

    said = "{} photos"
    side = 160
    """Of the centre crops."""
    batches: ClassVar[int | None] = None
    """Of 25 photos in the validation; None: all there are."""

    grey: ClassVar[bool] = False

    @classmethod
    def read(cls, folders: Sequence[Path], validation: Path | None) -> tuple[PhotoFolder, PhotoFolder]:
        """See :class:`Task`; the validation's photos by default in ``photos_val`` beside the first folder."""
        held_out = validation or folders[0].parent / "photos_val"
        if not held_out.is_dir():
            raise UserError(f"{held_out} is not a folder: name one with --validation.")
        return PhotoFolder.read(folders, grey=cls.grey), PhotoFolder.read(held_out, grey=cls.grey)

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        super().__init__(recipe, device)
        own = {declared.name for declared in fields(self.problem.scenario)} & recipe.setting.keys()
        scenario = self.problem.scenario(checkpoint=recipe.identity.name)
        self.scenario = scenario.replace(**{name: recipe.setting[name] for name in own})

    def drawn(self, seed: int) -> Mapping[str, float]:
        """Fields of the scenario that a step of the training draws anew."""
        return {}

    def measure(self, pictures: Tensor, seed: int, *, training: bool) -> Observation:
        """Observe pictures ``(b, c, h, w)`` in [0, 1]."""
        scenario = self.scenario.replace(**self.drawn(seed)) if training else self.scenario
        seeds = derive_many(seed, "measurement noise", len(pictures))
        return Observation(**vars(self.problem.observe(pictures, scenario, seeds)))

    def observe(self, data: PhotoFolder, step: int, seed: int) -> Observation:
        generator = np.random.default_rng(derive(self.recipe.seed, "crops", step))
        crops = data.random_crops(self.recipe.batch, self.recipe.crop, generator)
        crops = crops.to(self.device, memory_format=torch.channels_last)
        return self.measure(crops, seed, training=True)

    def validation(self, data: PhotoFolder) -> Iterator[Observation]:
        for number, crops in enumerate(islice(data.centre_crops(self.side, batch=25), self.batches)):
            yield self.measure(crops.to(self.device), derive(0, "validation", number), training=False)


class LinearTask(PhotoTask):
    """Linear inverse problems, in grey; what a problem draws for each step is drawn in training alone."""

    grey = True
    batches = 2
    problem: LinearInverse

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        super().__init__(recipe, device)
        self.side = self.problem.side(self.scenario)

    def drawn(self, seed: int) -> Mapping[str, float]:
        return self.problem.training.drawn(seed)

    def stress(self) -> Objective:
        """See :class:`Task`; an attack that is the same for all networks of a problem."""
        return Adversarial(self.unit * self.problem.training.epsilon, 5)

    def facts(self) -> dict[str, Any]:
        start, training = self.recipe.start, self.problem.training
        return super().facts() | {
            "reduced": training.reduced,
            "started_images": recipes.recipe(start).images_seen if start else 0,
            "val_setting": self.problem.setting(self.scenario),
            "val_epsilon": training.epsilon,
        }


class DigitsTask(Task[Digits]):
    """Digits in random order, each moved by a few pixels; the level of an L2 attack is its radius."""

    said = "MNIST, {} training digits"

    @property
    def unit(self) -> float:
        l2 = self.recipe.identity.objective == "adversarial" and self.recipe.attack == "l2"
        return 1 / self.recipe.side if l2 else 1.0

    @classmethod
    def read(cls, folders: Sequence[Path], validation: Path | None) -> tuple[Digits, Digits]:
        """See :class:`Task`; nothing is chosen by the validation's digits."""
        if len(folders) > 1 or validation:
            raise UserError("The digits come from one folder, those of the validation too: name --data once.")
        return mnist.read(folders[0], "train"), mnist.validation(folders[0])

    def observe(self, data: Digits, step: int, seed: int) -> Observation:
        batch, seed = self.recipe.batch, self.recipe.seed
        passes, places = np.divmod(np.arange(step * batch, (step + 1) * batch), len(data))
        order = [
            _order(seed, each, len(data))[place] for each, place in zip(passes.tolist(), places, strict=True)
        ]
        digits = data.take(torch.tensor(order))
        moved = shifted(digits.pictures, int(self.recipe.setting["shift"]), derive(seed, "shifts", step))
        return self._observed(moved, digits.labels)

    def validation(self, data: Digits) -> Iterator[Observation]:
        for pictures, labels in zip(
            *(torch.split(each, 500) for each in (data.pictures, data.labels)), strict=True
        ):
            yield self._observed(pictures, labels)

    def _observed(self, pictures: Tensor, labels: Tensor) -> Observation:
        point = pictures.to(self.device)
        box = point.new_zeros(()), point.new_ones(())
        return Observation(point, labels.to(self.device), loss=self.problem.loss, box=box)


def task_of(problem: Problem) -> type[Task[Any]]:
    """What trains the networks of a problem."""
    if problem.classes:
        return DigitsTask
    return LinearTask if isinstance(problem, LinearInverse) else PhotoTask


def read(recipe: Recipe, folders: tuple[Path, ...], validation: Path | None) -> tuple[Data, Data]:
    """A recipe's data of training and validation: see :meth:`Task.read`; many recipes share them."""
    return _read(task_of(PROBLEMS[recipe.identity.problem]), folders, validation)


@lru_cache(maxsize=2)
def _read(task: type[Task[Data]], folders: tuple[Path, ...], validation: Path | None) -> tuple[Data, Data]:
    return task.read(folders, validation)


@lru_cache(maxsize=2)
def _order(seed: int, number: int, count: int) -> np.ndarray:
    """In which order one pass takes the digits."""
    return np.random.default_rng(derive(seed, "order", number)).permutation(count)


def shifted(pictures: Tensor, most: int, seed: int) -> Tensor:
    """Pictures ``(b, 1, h, w)``, each moved by up to ``most`` pixels along both axes; zeros move in."""
    count, _, *sides = pictures.shape
    moves = np.random.default_rng(seed).integers(-most, most + 1, size=(2, count))
    rows, columns = (
        torch.from_numpy(move).view(-1, 1) + torch.arange(side) + most
        for move, side in zip(moves, sides, strict=True)
    )
    padded = F.pad(pictures, (most, most, most, most))
    places = torch.arange(count).view(-1, 1, 1)
    return padded[places, 0, rows.unsqueeze(2), columns.unsqueeze(1)].unsqueeze(1)

"""What the training loop does not know: a problem's measurements, loss, validation and metadata."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from core.networks import build
from core.networks.unet import WIDTHS
from core.pictures import units
from core.problems.super_resolution import SuperResolution
from core.training.objectives import mean_squared_error, prepare_inputs
from core.training.photos import PhotoFolder
from core.training.plan import Plan
from core.training.recipes import Recipe
from core.training.validation import validate
from core.zoo.metadata import Metadata, SuperResolutionMetadata

Autocast = Callable[[], AbstractContextManager[Any]]
"""Opens the region in which convolutions may compute in bfloat16."""


@dataclass(frozen=True)
class Facts:
    """What the loop knows about a finished training: photos and their digest, what it ran on."""

    photos: PhotoFolder
    trained_on: str


class Task(Protocol):
    """One problem's side of a training."""

    def build(self) -> nn.Module:
        """The network with fresh weights."""

    def loss(self, network: nn.Module, truth: Tensor, seed: int, step: int, autocast: Autocast) -> Tensor:
        """The scalar to minimise for crops ``(b, c, h, w)`` in [0, 1]; draws come from ``seed``."""

    def metadata(self, network: nn.Module, validation: PhotoFolder, facts: Facts) -> Metadata:
        """Validate the finished network (in eval mode) and describe it."""


def common(plan: Plan, facts: Facts) -> dict[str, Any]:
    """The fields of :class:`core.zoo.metadata.Metadata` that do not depend on the problem."""
    return {
        "name": plan.identity.name,
        "problem": plan.identity.problem,
        "objective": plan.identity.objective,
        "images_seen": plan.images_seen,
        "steps": plan.steps,
        "started_from": plan.start,
        "recipe": asdict(plan),
        "data": f"{len(facts.photos.names)} photos",
        "data_digest": facts.photos.digest,
        "seed": plan.seed,
        "trained_on": facts.trained_on,
        "date": date.today().isoformat(),
    }


class SuperResolutionTask:
    """The thesis's trainings: clean, noisy or attacked measurements, squared error."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.problem = SuperResolution(recipe.identity.factor)

    def build(self) -> nn.Module:
        """See :class:`Task`."""
        return build("unet", residual=self.recipe.identity.residual, widths=WIDTHS)

    def loss(self, network: nn.Module, truth: Tensor, seed: int, step: int, autocast: Autocast) -> Tensor:
        """See :class:`Task`; in standardised units."""
        target, measurement = units.standardise(truth), self.problem.measure(truth)
        prepare = prepare_inputs(self.recipe, self.recipe.level(step))
        with autocast():
            inputs = prepare(network, measurement, target, seed)
            output = network(inputs)
        return mean_squared_error(output, target)

    def metadata(self, network: nn.Module, validation: PhotoFolder, facts: Facts) -> Metadata:
        """See :class:`Task`."""
        prepare = prepare_inputs(self.recipe, self.recipe.identity.level)
        scores = validate(network, self.problem, validation, prepare)
        return SuperResolutionMetadata(
            **common(self.recipe, facts),
            factor=self.recipe.identity.factor,
            level=self.recipe.identity.level,
            architecture="unet",
            residual=self.recipe.identity.residual,
            widths=WIDTHS,
            val_psnr=scores.psnr,
            val_ssim=scores.ssim,
            val_level_psnr=scores.level_psnr,
            val_level_ssim=scores.level_ssim,
        )


def trained_on(device: torch.device, mixed_precision: bool) -> str:
    """Device, torch version and precision in words."""
    return f"{device.type}, torch {torch.__version__}" + (
        ", bfloat16 mixed precision" if mixed_precision else ""
    )

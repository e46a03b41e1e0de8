"""The training loop's side of denoising and compressed sensing: see :class:`core.training.tasks.Task`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.base.seeds import derive, derive_many
from core.networks import build
from core.pictures import metrics
from core.pictures.units import GREY
from core.problems.reconstruction import Reconstruction, Setting
from core.problems.sensing import RATIOS
from core.training.defences import (
    Adversarial,
    Defence,
    Jacobian,
    Ordinary,
    SmoothedAdversarial,
    SmoothedGradient,
)
from core.training.inverse_recipes import REDUCED, InverseRecipe
from core.training.objectives import attacked
from core.training.photos import PhotoFolder
from core.training.tasks import Autocast, Facts, common
from core.zoo.metadata import InverseMetadata, Metadata

VALIDATED = {"denoising": ("σ_b = 15", 96, 5.0), "compressed_sensing": ("m/n = 0.25", 99, 2.0)}
"""Setting, side of the centre crops and strength of the attack (grey levels RMS) in validation."""

PHOTOS = 50
ATTACK_STEPS = 5
"""Photos of the validation, and steps of its attack."""


def defence(recipe: InverseRecipe) -> Defence:
    """The recipe's objective, with levels in units of [0, 1]."""
    epsilon, sigma = recipe.epsilon / GREY, recipe.sigma / GREY
    pieces: dict[str, Defence] = {
        "start": Ordinary(),
        "ord": Ordinary(),
        "jcb": Jacobian(recipe.beta, recipe.jacobians, recipe.iterations),
        "adv": Adversarial(epsilon, recipe.attack_steps),
        "smt-adv": SmoothedAdversarial(epsilon, recipe.attack_steps, sigma, recipe.samples),
        "smt-grad": SmoothedGradient(sigma, recipe.levels, recipe.samples),
    }
    return pieces[recipe.identity.objective]


class InverseTask:
    """Measures crops as the recipe says; compressed sensing draws its ratio anew for each step."""

    def __init__(self, recipe: InverseRecipe) -> None:
        self.recipe = recipe
        self.defence = defence(recipe)

    def build(self) -> nn.Module:
        """See :class:`core.training.tasks.Task`."""
        return build(self.recipe.architecture, **self.recipe.network)

    def setting(self, seed: int) -> Setting:
        """How the crops of one step are measured."""
        ratio = float(np.random.default_rng(derive(seed, "ratio")).choice(RATIOS))
        return Setting(self.recipe.identity.problem, self.recipe.sigma_b, ratio)

    def loss(self, network: nn.Module, truth: Tensor, seed: int, step: int, autocast: Autocast) -> Tensor:
        """See :class:`core.training.tasks.Task`; in squared units of [0, 1]."""
        setting = self.setting(seed)
        points = setting.measured(truth, derive_many(seed, "measurement noise", len(truth)))
        with autocast():
            return self.defence(Reconstruction(network, setting.operator), points, truth, seed, step)

    def metadata(self, network: nn.Module, validation: PhotoFolder, facts: Facts) -> Metadata:
        """See :class:`core.training.tasks.Task`."""
        recipe = self.recipe
        words, _, epsilon = VALIDATED[recipe.identity.problem]
        scores = validate(network, recipe.identity.problem, validation)
        from core.training.inverse_recipes import recipe as recipe_of

        return InverseMetadata(
            **common(recipe, facts),
            level=recipe.level,
            architecture=recipe.architecture,
            network=recipe.network,
            reduced=REDUCED[recipe.identity.problem],
            started_images=recipe_of(recipe.start).images_seen if recipe.start else 0,
            val_setting=words,
            val_epsilon=epsilon,
            val_psnr=scores[0],
            val_ssim=scores[1],
            val_level_psnr=scores[2],
            val_level_ssim=scores[3],
        )


def validate(network: nn.Module, problem: str, photos: PhotoFolder) -> tuple[float, float, float, float]:
    """Mean PSNR and SSIM on centre crops of the first photos: clean, then under PGD on the network."""
    _, side, epsilon = VALIDATED[problem]
    sigma_b = 15.0 if problem == "denoising" else 0.0
    setting = Setting(problem, sigma_b, 0.25)
    model = Reconstruction(network, setting.operator).eval()
    device = next(network.parameters()).device
    rows: list[Tensor] = []
    for number, pictures in enumerate(photos.centre_crops(side, batch=25)):
        if number * 25 >= PHOTOS:
            break
        truth = pictures.to(device)
        seed = derive(0, "validation", number)
        points = setting.measured(truth, derive_many(seed, "measurement noise", len(truth)))
        worst = attacked(model, points, truth, epsilon / GREY, ATTACK_STEPS, seed)
        columns = []
        for point in (points, worst):
            with torch.no_grad():
                estimate = model(point).clamp(0.0, 1.0)
            columns += [metrics.psnr(estimate, truth), metrics.ssim(estimate, truth)]
        rows.append(torch.stack(columns))
    psnr, ssim, level_psnr, level_ssim = torch.cat(rows, dim=1).mean(1).tolist()
    return psnr, ssim, level_psnr, level_ssim

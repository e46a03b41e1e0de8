"""One group of an evaluation, from photos to rows: ``compute(group, pictures, lab)``."""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.base.errors import UserError
from core.evaluation.sweep.grid import Group
from core.pictures import metrics, units
from core.problems.names import BASELINES
from core.problems.super_resolution import SuperResolution, interpolations
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.smoothing.estimate import smooth

ATTACK = "pgd"
"""The attack of every evaluation, from which the thesis's tables come."""


def compute(group: Group, pictures: Tensor, lab: Lab) -> pd.DataFrame:
    """All rows of a group.

    A row has the figures that ``python -m core run`` gives for that photo, network, attack
    strength and smoothing noise: attack start and noise come from the same seeds.

    Args:
        group: what to compute.
        pictures: uint8 ``(b, 3, 160, 160)``, one for each of ``group.images``.
        lab: engine and checkpoints.

    Raises:
        UserError: if the checkpoint is missing or not the one the group means.
    """
    return lab.engine.do(lambda: _compute(group, pictures, lab))


def _compute(group: Group, pictures: Tensor, lab: Lab) -> pd.DataFrame:
    estimator = _estimator(group, lab)
    truth = pictures.to(lab.engine.device).float() / 255.0
    measurement = SuperResolution(group.target.factor).measure(truth)
    radius = units.radius(group.eps_rel, measurement[0].numel())
    perturbation, notices = _attack(group, estimator, measurement, units.standardise(truth), radius)
    reached = ball.norms(perturbation)
    attacked = measurement + perturbation
    figures = {}
    for sigma_g in group.sigma_gs:
        estimate = units.to_picture(_estimate(group, estimator, attacked, sigma_g, lab.engine.chunk))
        figures[sigma_g] = metrics.quality(estimate, truth, group.target.name)
    shared = _shared_columns(group, radius)
    rows = [
        {
            "key": key,
            "image": group.images[place][0],
            "image_digest": group.images[place][1],
            "sigma_g": sigma_g,
            "samples": group.settings.samples if sigma_g > 0 else 1,
            "norm": reached[place].item(),
            "notice": notices[place],
            **figures[sigma_g][place].to_dict(),
            **shared,
        }
        for key, (place, sigma_g) in zip(
            group.keys(),
            ((place, s) for place in range(len(group.images)) for s in group.sigma_gs),
            strict=True,
        )
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(("mse", "psnr", "ssim"), "float32"))


def _estimator(group: Group, lab: Lab) -> Estimator:
    target = group.target
    if target.name in BASELINES:
        return lab.engine.prepare(interpolations(target.factor)[target.name])
    estimator, digest = lab.network(target.name, group.settings.precision)
    if digest != target.digest:
        raise UserError(
            f"{target.name} is {digest} here and {target.digest} where the evaluation was started: "
            "copy the same checkpoints to every machine."
        )
    return estimator


def _attack(
    group: Group, estimator: Estimator, measurement: Tensor, target: Tensor, radius: float
) -> tuple[Tensor, list[str]]:
    """Perturbations, and what each image's figures must be shown with."""
    settings, images = group.settings, range(len(measurement))
    if radius == 0:
        return torch.zeros_like(measurement), [""] * len(images)
    attack = ATTACKS[ATTACK]
    seeds = attack.seeds(settings.seed, len(measurement))
    terms = Terms(radius, steps=settings.attack_steps, seeds=seeds, keep=settings.keep)
    last = attack.end(BaseError(estimator.fast, target), measurement, terms)
    return last.kept, [last.notice(image) for image in images]


@torch.no_grad()
def _estimate(group: Group, estimator: Estimator, attacked: Tensor, sigma_g: float, chunk: int) -> Tensor:
    if sigma_g == 0:
        return estimator.exact(attacked)
    return smooth(
        estimator.fast,
        attacked,
        sigma=sigma_g,
        samples=group.settings.samples,
        seed=group.settings.seed,
        chunk=chunk,
    )


def _shared_columns(group: Group, radius: float) -> dict[str, Any]:
    identity = group.identity(group.images[0], group.sigma_gs[0])
    names = (
        "estimator",
        "factor",
        "digest",
        "eps_rel",
        "attack_steps",
        "keep",
        "seed",
        "precision",
        "device",
    )
    return {
        **{name: identity[name] for name in names},
        "objective": group.target.objective,
        "level": group.target.level,
        "residual": group.target.residual,
        "split": group.split,
        "attack": ATTACK,
        "epsilon": radius,
        "dimension": 3 * 160 * 160,
    }

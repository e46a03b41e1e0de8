"""Validation of a network in training: PSNR and SSIM, clean and at its own level."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.base.seeds import derive
from core.pictures import metrics, units
from core.problems.super_resolution import SuperResolution
from core.training.objectives import Prepare
from core.training.photos import PhotoFolder


@dataclass(frozen=True)
class Validation:
    """Means over the validation photos: dB and SSIM, clean and at the network's own level."""

    psnr: float
    ssim: float
    level_psnr: float
    level_ssim: float


def validate(
    network: nn.Module, problem: SuperResolution, photos: PhotoFolder, prepare: Prepare
) -> Validation:
    """Score a network (in eval mode) on the centre 160x160 crops of all photos."""
    device = next(network.parameters()).device
    rows: list[Tensor] = []
    for number, pictures in enumerate(photos.centre_crops(160, batch=25)):
        truth = pictures.to(device)
        target, measurement = units.standardise(truth), problem.measure(truth)
        inputs = prepare(network, measurement, target, derive(0, "validation", number))
        columns = []
        for stimulus in (measurement, inputs):
            with torch.no_grad():
                estimate = units.to_picture(network(stimulus))
            columns += [metrics.psnr(estimate, truth), metrics.ssim(estimate, truth)]
        rows.append(torch.stack(columns))
    return Validation(*torch.cat(rows, dim=1).mean(1).tolist())

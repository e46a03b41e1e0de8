"""Untrained dn- and cs- checkpoints: for tests of wiring, not of quality."""

from __future__ import annotations

from pathlib import Path

import torch

from core.networks import build
from core.problems.names import Identity
from core.training.recipes import OBJECTIVES
from core.zoo import checkpoints
from core.zoo.metadata import InverseMetadata

SHAPES = {
    "denoising": ("dpdnn", {"widths": (4, 8, 8), "stages": 2}),
    "compressed_sensing": ("ista_net_plus", {"width": 4, "phases": 2}),
    "inpainting": ("dpdnn", {"widths": (4, 8, 8), "stages": 2}),
    "deblurring": ("dpdnn", {"widths": (4, 8, 8), "stages": 2}),
}


def untrained(name: str, folder: Path, seed: int = 0) -> Path:
    """A valid checkpoint whose network does something to its input."""
    identity = Identity.parse(name)
    architecture, shape = SHAPES[identity.problem]
    torch.manual_seed(seed)
    network = build(architecture, **shape)
    for key, value in network.named_parameters():
        if key.endswith(("head.weight", "leave.weight")):
            torch.nn.init.normal_(value, std=0.05)
    metadata = InverseMetadata(
        name=name, problem=identity.problem, objective=identity.objective, level=identity.level,
        architecture=architecture, images_seen=0, steps=0, started_from="", recipe={}, data="none",
        data_digest="", seed=seed, trained_on="nothing", date="2026-01-01", network=shape, reduced="",
        started_images=0, val_setting="none", val_epsilon=0.0, val_psnr=0.0, val_ssim=0.0,
        val_level_psnr=0.0, val_level_ssim=0.0,
    )  # fmt: skip
    return checkpoints.save(network, metadata, folder)


def untrained_family(folder: Path, prefix: str) -> list[str]:
    """All five of one problem."""
    names = [f"{prefix}-{objective}" for objective in OBJECTIVES]
    for seed, name in enumerate(names):
        untrained(name, folder, seed)
    return names

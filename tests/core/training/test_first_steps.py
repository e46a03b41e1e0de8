"""The first steps of every objective, pinned: the same recipe and data give the same network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.problems.digits.data import Digits
from core.training import recipes
from core.training.loop import Trainer
from core.training.photos import PhotoFolder

LOSSES = {
    "sr-x2-std": (0.13146538, 0.12102813, 0.11928628),
    "sr-x4-rs-0.20": (0.3232902, 0.30288252, 0.3331399),
    "sr-x2-rs-0.50": (0.38282529, 0.37215793, 0.37431502),
    "sr-x2-adv-0.05": (0.16281056, 0.15710552, 0.15966286),
    "dn-ord": (0.0033520993, 0.0035105895, 0.0033940023),
    "dn-jcb": (0.0034520994, 0.0036105774, 0.0034939821),
    "dn-adv": (0.005528159, 0.0057234894, 0.0055882223),
    "dn-smt-adv": (0.0050960137, 0.005272476, 0.0051591466),
    "dn-smt-grad": (0.0033858048, 0.0036487493, 0.0037723433),
    "cs-ord": (0.00038927759, 0.0052322401, 0.014580895),
    "cs-jcb": (0.00074432825, 0.0057738572, 0.015101966),
    "cs-adv": (0.001341754, 0.0082778893, 0.018851144),
    "cs-smt-adv": (0.00099410734, 0.0078422101, 0.018203173),
    "cs-smt-grad": (0.00044839218, 0.0056636157, 0.014855669),
    "digits-std": (2.4863358, 2.2367294, 1.2228302),
    "digits-adv-sign": (4.6765327, 3.9367781, 3.0933061),
    "digits-adv-l2": (3.4788625, 3.0181205, 1.9436175),
    "digits-rs-0.50": (2.4256046, 3.0204539, 2.1521766),
}
"""Of three steps at full learning rate, in float32."""

SMALLER: dict[str, dict[str, Any]] = {
    "sr": {"crop": 32, "batch": 4},
    "dn": {"crop": 32, "batch": 4, "network": {"widths": (8, 8, 8), "stages": 2}},
    "cs": {"crop": 33, "batch": 4, "network": {"width": 4, "phases": 2}},
    "di": {"images": 512_000, "first": 0.0},
}


def made_up(kind: str) -> PhotoFolder | Digits:
    """Photos of large squares, or squares with a label."""
    generator = np.random.default_rng(0)
    if kind == "di":
        labels = torch.from_numpy(generator.integers(10, size=512))
        coarse = torch.from_numpy(generator.random((10, 1, 7, 7))).float()
        clean = coarse.repeat_interleave(4, 2).repeat_interleave(4, 3)[labels]
        noise = torch.from_numpy(generator.standard_normal((512, 1, 28, 28))).float()
        return Digits((clean + 0.1 * noise).clamp(0, 1), labels, torch.arange(512), "made up")
    shape = (12, 12, 3 if kind == "sr" else 1)
    squares = [generator.integers(0, 256, shape).astype(np.float64) for _ in range(3)]
    pictures = [np.kron(each, np.ones((14, 14, 1))).astype(np.uint8) for each in squares]
    return PhotoFolder(["0.png", "1.png", "2.png"], pictures, "made up")


@pytest.mark.parametrize("name", LOSSES)
def test_the_first_steps_are_what_they_were(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = name[:2]
    plan = replace(recipes.recipe(name), start="", fresh=(), warmup=0.0, **SMALLER[kind])
    data = made_up(kind)
    trainer = Trainer(plan, data, data, folder=tmp_path, mixed_precision=False, report_every=1)
    if kind == "sr":  # its last layer begins at zero, where an attack has no gradient
        torch.nn.init.normal_(
            trainer.network.head.weight, std=0.1, generator=torch.Generator().manual_seed(0)
        )
    walk = trainer.run()
    for _ in range(3):
        next(walk)
    walk.close()
    assert [row["loss"] for row in trainer.curve] == pytest.approx(LOSSES[name], rel=1e-5)

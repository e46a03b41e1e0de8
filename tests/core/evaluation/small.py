"""Small evaluations of any problem, for tests of how they are carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.evaluation.driver import evaluate
from core.evaluation.jobs import Plan, targets
from core.evaluation.local import Local
from core.evaluation.photos import Photos
from core.problems.problem import Problem
from core.results.store import Store
from core.runtime.session import Lab


def save_photos(folder: Path, test: int = 3, validation: int = 2) -> Path:
    """Two folders, photos_test and photos_val, of small pictures with structure."""
    random = np.random.default_rng(0)
    for split, count in (("photos_test", test), ("photos_val", validation)):
        (folder / split).mkdir()
        for number in range(count):
            coarse = random.integers(0, 255, (24, 30, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((240, 192), Image.Resampling.BICUBIC)
            picture.save(folder / split / f"{number}.png")
    return folder


def plan_of(
    problem: Problem, names: Sequence[str], folder: Path | None, grid: dict[str, Any], **usual: Any
) -> Plan:
    """A plan with a narrow grid: by default 5 samples, 3 steps, float32 on the CPU."""
    usual = {"samples": 5, "attack_steps": 3, "precision": "float32", **usual}
    grid = {"tables": {}, "elsewhere": (), **grid}
    found = tuple(targets(problem, names, folder))
    return Plan(problem, found, replace(problem.grid, **grid), usual, "cpu")


def carried_out(
    plan: Plan, folder: Path, store: Store, executor: Any, *, samples: int = 3, batch: int = 1
) -> int:
    """A whole evaluation of the photos of a folder; how many jobs were computed and not found."""
    test, held_out = Photos.read(folder / "photos_test"), None
    if plan.grid.selected:
        held_out = Photos.read(folder / "photos_val")
    steps = evaluate(plan, test, held_out, store, executor, validation_samples=samples, batch=batch)
    return sum(finished.seconds > 0 for finished in steps)


def here(lab: Lab) -> Local:
    """An executor in this process, in float32."""
    return Local(lab, "float32")

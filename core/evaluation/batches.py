"""Seconds a batch of the paper's five objectives takes in training (``sun2024``, Table 3)."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from core.problems import PROBLEMS
from core.training.loop import Trainer
from core.training.photos import PhotoFolder
from core.training.recipes import OBJECTIVES, recipe


def measured(rounds: int, folder: Path | None = None) -> pd.DataFrame:
    """``problem``, ``objective``, ``batch``, ``seconds`` by the recipes of this project, on one CPU thread.

    Objectives are timed in turn, in seconds of the processor that the process had, so that what else the
    machine does meets none of them; the shortest of the rounds counts.

    Args:
        rounds: timings of each, after one that does not count.
        folder: of checkpoints: the networks go on from the start of their problem.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    # Of noise: how long a step takes does not depend on the pictures.
    pictures = np.random.default_rng(0).integers(0, 256, (4, 200, 200, 1)).astype(np.uint8)
    data = PhotoFolder([""] * len(pictures), [*pictures], "noise")
    plans = [
        recipe(problem.called(objective))
        for problem in PROBLEMS.values()
        if problem.document == "sun2024"
        for objective in OBJECTIVES
    ]
    try:
        trainers = [Trainer(plan, data, data, folder=folder, mixed_precision=False) for plan in plans]
        taken = np.array([[_seconds(trainer) for trainer in trainers] for _ in range(rounds + 1)])
    finally:
        torch.set_num_threads(threads)
    return pd.DataFrame(
        {
            "problem": [plan.identity.problem for plan in plans],
            "objective": [plan.identity.objective for plan in plans],
            "batch": [plan.batch for plan in plans],
            "seconds": taken[1:].min(0),
        }
    )


def _seconds(trainer: Trainer) -> float:
    started = time.process_time()
    trainer.train_step()
    return time.process_time() - started

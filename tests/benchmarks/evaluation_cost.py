"""How the cost of an evaluation grows: ``python -m tests.benchmarks.evaluation_cost``.

Times one network's job in this process while one of images, smoothing noises and samples
doubles, and prints the ratio to the smallest. Made-up photos: only the time counts.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from core.evaluation.jobs import Plan, targets
from core.evaluation.photos import Photos
from core.evaluation.rows import rows_of
from core.pictures.images import Photo
from core.problems.super_resolution import SUPER_RESOLUTION
from core.runtime.engine import THREADS, Engine
from core.runtime.session import Lab

BASE = {"images": 5, "noises": 2, "samples": 25}


def seconds(lab: Lab, images: int, noises: int, samples: int) -> float:
    """Of attacking and scoring ``images`` photos at one strength, smoothed ``noises`` times."""
    random = np.random.default_rng(0)
    pictures = (random.integers(0, 255, (160, 160, 3), dtype=np.uint8) for _ in range(images))
    photos = Photos("made-up", tuple(Photo.of(f"{n}.png", pixels) for n, pixels in enumerate(pictures)))
    sigmas = tuple(0.1 * (1 + number) for number in range(noises))
    grid = replace(SUPER_RESOLUTION.grid, epses=(0.02,), sigmas=sigmas)
    usual = {"samples": samples, "precision": lab.engine.resolve("auto")}
    found = tuple(targets(SUPER_RESOLUTION, ["sr-x2-rs-0.10"]))
    plan = Plan(SUPER_RESOLUTION, found, grid, usual, lab.engine.device)
    (job,) = plan.validation(photos, samples)
    started = time.perf_counter()
    rows_of(job, photos.photos, lab)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    lab = Lab(Engine(threads=parser.parse_args().threads))
    seconds(lab, **BASE)
    print(f"{'what':<10}{'number':>8}{'seconds':>10}{'times the smallest':>20}")
    for what, smallest in BASE.items():
        first = None
        for times in (1, 2, 4):
            took = min(seconds(lab, **{**BASE, what: smallest * times}) for _ in range(2))
            first = first or took
            print(f"{what:<10}{smallest * times:>8}{took:>10.2f}{took / first:>20.2f}")


if __name__ == "__main__":
    main()

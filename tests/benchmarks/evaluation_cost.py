"""How the cost of an evaluation grows: ``python -m tests.benchmarks.evaluation_cost``.

Times one network's groups in this process while one of images, smoothing noises and samples
doubles, and prints the ratio to the smallest. Made-up photos: only the time counts.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch

from core.evaluation.sweep import start
from core.evaluation.sweep.grid import Settings, groups
from core.evaluation.sweep.group import compute
from core.runtime.engine import THREADS, Engine
from core.runtime.session import Lab

BASE = {"images": 5, "noises": 2, "samples": 25}


def seconds(lab: Lab, images: int, noises: int, samples: int) -> float:
    """Of attacking and scoring ``images`` photos at one strength, smoothed ``noises`` times."""
    settings = replace(
        Settings(), eps_rels=(0.02,), samples=samples, batch=5, precision=lab.engine.resolve("auto")
    )
    names = tuple((f"{number}.png", str(number)) for number in range(images))
    pictures = torch.randint(0, 255, (images, 3, 160, 160), dtype=torch.uint8)
    (target,) = start.targets(["sr-x2-rs-0.10"])
    sigma_gs = tuple(0.1 * (1 + number) for number in range(noises))
    started = time.perf_counter()
    for group in groups(target, "test", names, settings, {0.02: sigma_gs}):
        first = int(group.images[0][1])
        compute(group, pictures[first : first + len(group.images)], lab)
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

"""Networks beside each other on a set of photos: clean, under Gaussian noise, under an attack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.base.progress import finish
from core.base.statistics import mean_interval
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.pictures import images
from core.problems.super_resolution import SuperResolutionScenario
from core.results.summary import in_order, summarise
from core.runtime.session import Lab

STIMULI = ("noise", "attack")
"""What the photos are shown under, beside ``clean``."""


def rows_of(outcome: Outcome, stimulus: str) -> list[dict[str, Any]]:
    """One row per estimator of an outcome: clean, and attacked as ``stimulus``."""
    pairs = {**outcome.baselines, **outcome.networks}
    pairs[f"smoothed {outcome.scenario.checkpoint}"] = outcome.chosen.pair
    return [
        {
            "photo": outcome.scenario.image,
            "estimator": name,
            "input": kind,
            **asdict(estimate.quality),
            "notice": notice,
        }
        for name, pair in pairs.items()
        for kind, estimate, notice in (
            ("clean", pair.clean, ""),
            (stimulus, pair.attacked, pair.perturbation.notice),
        )
    ]


def compare_on(scenario: SuperResolutionScenario, lab: Lab, paths: Iterable[Path]) -> pd.DataFrame:
    """Run the scenario on every photo, with its attack and with Gaussian noise of the same norm.

    Returns:
        Per-image rows: ``photo``, ``estimator``, ``input`` (clean, noise, attack), ``mse``,
        ``psnr``, ``ssim``, ``notice`` (what the figures must be shown with, if anything).
    """
    rows = []
    for path in paths:
        photo = images.open_photo(str(path))
        for stimulus, attack in zip(STIMULI, ("noise", scenario.attack), strict=True):
            outcome = finish(run(scenario.replace(image=path.name, attack=attack), lab, photo))
            rows += rows_of(outcome, stimulus)
    return pd.DataFrame(rows).drop_duplicates(["photo", "estimator", "input"], ignore_index=True)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Means and 95 % intervals over photos, by ``estimator`` and ``input`` in their order."""
    rows = in_order(rows, estimator=rows["estimator"].unique(), input=("clean", *STIMULI))
    return summarise(rows.rename(columns={"photo": "image"}), ["estimator", "input"], ("psnr", "ssim", "mse"))


def findings(
    rows: pd.DataFrame, scenario: SuperResolutionScenario, asked: float = 1.0
) -> list[dict[str, Any]]:
    """The claims that the first three networks have to stand up to, as paired PSNR margins.

    ``scenario.compare`` names the standard and the adversarially trained network. Each claim
    holds if the mean margin reaches ``asked`` dB; the interval is over photos.
    """
    standard, adversarial = scenario.compare
    psnr = rows.pivot(index="photo", columns=["estimator", "input"], values="psnr")
    smoothed = f"smoothed {scenario.checkpoint}"
    claims = {
        f"{standard} beats bicubic, clean": psnr[standard, "clean"] - psnr["bicubic", "clean"],
        f"the attack costs {standard} more than noise of equal norm": psnr[standard, "noise"]
        - psnr[standard, "attack"],
        f"{adversarial} beats {standard} under attack": psnr[adversarial, "attack"]
        - psnr[standard, "attack"],
        f"{smoothed} beats {standard} under attack": psnr[smoothed, "attack"] - psnr[standard, "attack"],
    }
    found = []
    for claim, margins in claims.items():
        mean, low, high = mean_interval(margins.to_numpy())
        found.append(
            {"claim": claim, "margin": mean, "low": low, "high": high, "asked": asked, "holds": mean >= asked}
        )
    return found

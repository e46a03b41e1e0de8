"""Networks beside each other on a set of photos: clean, under Gaussian noise, under an attack."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from core.base.progress import Progress, retold
from core.base.statistics import mean_interval
from core.experiment.outcome import Outcome, Pair
from core.experiment.run import run
from core.pictures import render
from core.pictures.images import Photo
from core.problems.scenario import PhotoScenario
from core.problems.super_resolution import SuperResolutionScenario
from core.results.summary import in_order, summarise
from core.runtime.session import Lab

STIMULI = ("noise", "attack")
"""What the photos are shown under, beside ``clean``."""


@dataclass
class Comparison:
    """What a comparison found so far.

    Attributes:
        rows: per image: ``photo``, ``estimator``, ``input`` (clean, noise, attack), ``mse``, ``psnr``,
            ``ssim``, ``notice`` (what the figures must be shown with, if anything).
        pictures: by photo: the truth and what each estimator makes of it attacked, with a caption each.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    pictures: dict[str, list[render.Captioned]] = field(default_factory=dict)


def pairs_of(outcome: Outcome) -> dict[str, Pair]:
    """The estimators of an outcome by name, smoothed ones last."""
    smoothed = {f"smoothed {name}": found.pair for name, found in outcome.smoothed.items()}
    return {**outcome.baselines, **outcome.networks, **smoothed}


def rows_of(outcome: Outcome, stimulus: str) -> list[dict[str, Any]]:
    """One row per estimator of an outcome: clean, and attacked as ``stimulus``."""
    return [
        {
            "photo": outcome.scenario.image,
            "estimator": name,
            "input": kind,
            **asdict(estimate.quality),
            "notice": notice,
        }
        for name, pair in pairs_of(outcome).items()
        for kind, estimate, notice in (
            ("clean", pair.clean, ""),
            (stimulus, pair.attacked, pair.perturbation.notice),
        )
    ]


def compare_on(
    scenario: PhotoScenario, lab: Lab, photos: Sequence[Photo]
) -> Generator[Progress, None, Comparison]:
    """Run the scenario on every photo, with its attack and with Gaussian noise of the same L2 norm."""
    rows, pictures, stimuli = [], {}, dict(zip(STIMULI, ("noise", scenario.attack), strict=True))
    for number, photo in enumerate(photos):
        for place, (stimulus, attack) in enumerate(stimuli.items()):
            norm = "l2" if stimulus == "noise" else scenario.norm
            work = run(scenario.replace(image=photo.name, attack=attack, norm=norm), lab, photo)
            whole = partial(_of_all, photo.name, number + place / len(STIMULI), len(photos))
            outcome = yield from retold(work, whole)
            rows += rows_of(outcome, stimulus)
        pictures[photo.name] = [("ground truth", render.pixels(outcome.truth))] + [
            (f"{name} {pair.attacked.quality.psnr:.2f} dB", render.pixels(pair.attacked.picture))
            for name, pair in pairs_of(outcome).items()
        ]
    found = pd.DataFrame(rows).drop_duplicates(["photo", "estimator", "input"], ignore_index=True)
    return Comparison(found, pictures)


def _of_all(photo: str, done: float, photos: int, step: Progress) -> Progress:
    """A run's report as one of all photos, of which ``done`` are."""
    fraction = (done + step.fraction / len(STIMULI)) / photos
    return replace(step, stage=f"{photo}: {step.stage}", fraction=fraction)


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

"""One job of an evaluation, from photos to rows: one per photo, smoothing noise and number of samples.

A row has the figures that ``python -m core run`` gives for that photo: attack start and noise come from the
same seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import singledispatch
from itertools import groupby
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.attacks.terms import THESIS
from core.base.progress import finish
from core.base.workers import spread
from core.certificates.reconstructions import Draws
from core.evaluation.jobs import Job
from core.experiment.outcome import certificate_ratio
from core.experiment.run import Stages
from core.pictures.images import Photo
from core.pictures.metrics import Quality
from core.problems.scenario import Scenario, smoothed_name
from core.results.evaluations import CERTIFIED_AT, OF_MEDIAN
from core.results.store import KEY
from core.runtime.session import Lab
from core.smoothing.estimate import Running


@singledispatch
def rows_of(job: Any, photos: Any, lab: Lab) -> pd.DataFrame:
    """All rows of a job; each kind of job registers how.

    Args:
        job: what to compute.
        photos: those of ``job.images``.
        lab: engine and checkpoints.

    Raises:
        UserError: if the checkpoint is missing or not the one the job means.
    """
    raise TypeError(f"nobody computes {type(job).__name__}")


@rows_of.register
def _(job: Job, photos: Sequence[Photo], lab: Lab) -> pd.DataFrame:
    """Photos side by side."""
    found = lab.engine.do(lambda: spread(lambda photo: _of_photo(job, photo, lab), photos))
    rows = pd.DataFrame([row for rows in found for row in rows])
    return job.table.stored(rows.assign(**{KEY: job.keys}))


def _of_photo(job: Job, photo: Photo, lab: Lab) -> list[dict[str, Any]]:
    name, rows = job.target.name, []
    for sigma, some in groupby(job.scenarios, key=lambda scenario: scenario.sigma_level):
        scenarios = {scenario.samples: scenario for scenario in some}
        first = scenarios[max(scenarios)]
        stages = Stages(first, lab, photo, [name, *first.compare] if job.target.digest else [])
        job.target.require(stages.digests.get(name, ""))
        received, made = stages.point, None
        if stages.scenario.eps_level > 0:
            asked = smoothed_name(stages.scenario, name) if job.target.digest and sigma > 0 else name
            made = finish(stages.perturbation(stages.made_on(asked)))
            received = stages.point + made.values.to(stages.point)
        about = {
            "dataset": job.dataset,
            "split": job.split,
            "image": photo.name,
            "image_digest": photo.digest,
            "digest": job.target.digest,
            "norm": made.reached if made else 0.0,
            "notice": made.notice if made else "",
            "attack_on": made.made_on if made else "",
            "attempt": made.attempt if made else "",
        }
        for running, draws in stages.smoothing_walk(name, received, scenarios):
            scenario = scenarios.get(running.count if sigma > 0 else 1)
            if scenario:
                figures = _figures(job, stages, scenario, received, running, draws())
                rows.append({**about, **_said(scenario, stages, name), **figures})
    return rows


def _said(scenario: Scenario, stages: Stages, name: str) -> dict[str, Any]:
    """The columns of a row that its scenario says."""
    problem, attacked = scenario.problem, scenario.eps_level > 0
    without = {"objective": problem.without_weights, "level": 0.0} if name in stages.baselines else {}
    return {
        **{field: getattr(scenario, field) for field in problem.own},
        **asdict(scenario.identity),
        **without,
        "problem": problem.name,
        "setting": problem.setting(scenario),
        "estimator": name,
        "side": stages.truth.shape[-1],
        "dimension": stages.point.numel(),
        "attack": scenario.attack if attacked else "",
        "attack_steps": scenario.attack_steps if attacked else 0,
        "keep": scenario.keep if attacked else "",
        "eps": scenario.eps_level,
        "epsilon": stages.radius,
        "sigma": scenario.sigma_level,
        "samples": scenario.samples,
        "alpha": scenario.alpha,
        "seed": scenario.seed,
        "precision": stages.precision,
        "device": stages.lab.engine.device,
    }


def _figures(
    job: Job, stages: Stages, scenario: Scenario, received: Tensor, running: Running, draws: Draws
) -> dict[str, float]:
    """Quality of the mean; where the table has them, of the median draw and of the published one, and
    discrepancies."""
    name = job.target.name
    mean = stages.averaged(running, name)[0].quality
    if job.table.attacks != THESIS:
        return {**mean.to_dict(), **_of_median(stages, scenario, name, received)}
    if not job.table.discrepancies:
        return mean.to_dict()
    published = stages.as_published(draws)
    median, chosen = (
        mean if scenario.sigma_level == 0 else _quality(stages, name, received, draws.place(value))
        for value in (draws.median, published)
    )
    assert median is not None
    ratios = [certificate_ratio(scenario, received.numel()), *CERTIFIED_AT.values()]
    at_eps, *bounds = draws.bounds(ratios, scenario.alpha)
    return {
        **mean.to_dict(),
        "psnr_median": median.psnr,
        "ssim_median": median.ssim,
        "psnr_published": chosen.psnr if chosen else math.nan,
        "ssim_published": chosen.ssim if chosen else math.nan,
        "median": draws.median,
        "certified": at_eps,
        **dict(zip(CERTIFIED_AT, bounds, strict=True)),
        "as_published": published,
    }


def _of_median(stages: Stages, scenario: Scenario, name: str, received: Tensor) -> dict[str, float]:
    """Quality of the median of the same draws, value by value, where there are some."""
    found = Quality(math.nan, math.nan, math.nan)
    if scenario.sigma_level > 0:
        *_, (running, _) = stages.smoothing_walk(name, received, average="median")
        found = stages.averaged(running, name)[0].quality
    return dict(zip(OF_MEDIAN, (found.psnr, found.ssim), strict=True))


@torch.no_grad()
def _quality(stages: Stages, name: str, received: Tensor, number: int | None) -> Quality | None:
    return None if number is None else stages.scored(stages.draw(name, received, number), name).quality

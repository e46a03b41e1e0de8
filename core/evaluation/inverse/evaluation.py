"""Networks on test pictures: quality and discrepancy over settings, attacks and smoothing noises.

One row per picture, network, setting, attack strength, smoothing noise and number of samples. A
row has the figures that ``python -m core run`` gives for that picture. A part of the work is one
network in one setting under one attack strength; a killed evaluation continues with the first part
that is not there, and two processes share one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.base.options import key_of
from core.base.progress import PartDone, finish
from core.base.workers import spread
from core.certificates.reconstructions import Draws
from core.evaluation.inverse.grid import Job, row_of
from core.experiment.outcome import certificate_ratio
from core.experiment.run import Stages
from core.pictures import images
from core.pictures.metrics import Quality
from core.problems.scenario import Scenario
from core.results.store import KEY, Store
from core.runtime.session import Lab
from core.smoothing.estimate import Running

ORDER = ("problem", "dataset", "sigma_b", "ratio", "eps", "sigma", "samples", "network", "image")

RATIOS = {"certified_quarter": 0.25, "certified_half": 0.5, "certified_one": 1.0}
"""Columns of certified discrepancies at radii that are these multiples of the smoothing noise."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Grey test pictures.

    Attributes:
        dataset: name of their folder.
        names: (file name, digest of the decoded photo) of each.
        photos: in order of file name.
    """

    dataset: str
    names: tuple[tuple[str, str], ...]
    photos: tuple[images.Photo, ...]

    @classmethod
    def read(cls, folder: Path, limit: int | None = None) -> Pictures:
        """Decode the first pictures of a folder, see :func:`core.pictures.images.each_once`.

        Raises:
            UserError: if there is none, or one cannot be decoded.
        """
        photos = tuple(photo for _, photo in images.each_once(folder, limit))
        return cls(folder.resolve().name, tuple((p.name, p.digest) for p in photos), photos)


def evaluate(lab: Lab, jobs: Sequence[Job], pictures: Pictures, store: Store) -> Iterator[PartDone]:
    """Compute the rows of all jobs that are not in the store yet, and merge the table at the end.

    A job of which some smoothing noises stand in the table computes the others. Rows of an earlier
    version of a checkpoint are dropped at the end.
    """
    digests: dict[str, str] = {}
    planned: dict[str, tuple[Job, dict[str, str], list[str]]] = {}
    there, finished = store.keys(), 0
    for job in jobs:
        s = job.scenario
        precision = lab.engine.resolve(s.precision)
        _, digest = lab.network(s.checkpoint, precision)
        digests[s.checkpoint] = digest
        where = {"digest": digest, "device": lab.engine.device, "precision": precision}
        alone = [replace(job, noises=(noise,)) for noise in job.noises]
        missing = [one.noises[0] for one in alone if not there.issuperset(one.keys(pictures.names, where))]
        if not missing:
            finished += 1
            continue
        job = replace(job, noises=tuple(missing))
        keys = job.keys(pictures.names, where)
        planned[key_of({"keys": keys})] = (job, where, keys)
    parts = finished + len(planned)
    if finished:
        yield PartDone(finished, parts, "stands already")
    for done, part in enumerate(store.turns(list(planned)), finished + 1):
        job, where, keys = planned[part]
        if not store.holds(part, keys):
            rows = lab.engine.do(lambda job=job, where=where: _rows(lab, job, pictures, where))  # type: ignore[misc]
            store.put(part, pd.DataFrame({KEY: keys, **pd.DataFrame(rows)}))
        yield PartDone(done, parts, str(job))
    store.merge(ORDER, lambda rows: rows["digest"] != rows["network"].map(digests).fillna(rows["digest"]))


def _rows(lab: Lab, job: Job, pictures: Pictures, where: dict[str, str]) -> list[dict[str, Any]]:
    found = spread(lambda place: _rows_of(lab, job, pictures, place), range(len(pictures.photos)))
    return [{**row, "dataset": pictures.dataset, **where} for rows in found for row in rows]


def _rows_of(lab: Lab, job: Job, pictures: Pictures, place: int) -> list[dict[str, Any]]:
    """The rows of one picture, by smoothing noise and number of samples."""
    (image, digest), name = pictures.names[place], job.scenario.checkpoint
    rows = []
    for sigma, samples in job.noises:
        s = job.scenario.replace(sigma=sigma, samples=max(samples) if sigma > 0 else 1)
        stages = Stages(s, lab, pictures.photos[place])
        received, made = stages.point, None
        if s.eps_level > 0:
            made = finish(stages.perturbation(name))
            received = stages.point + made.values.to(stages.point)
        for running, draws in stages.smoothing_walk(name, received, samples):
            if sigma == 0 or running.count in samples:
                scenario = s.replace(samples=running.count)
                figures = _figures(stages, scenario, received, running, draws())
                about = {"image": image, "image_digest": digest, "norm": made.reached if made else 0.0}
                about["notice"] = made.notice if made else ""
                rows.append({**row_of(scenario, stages), **about, **figures})
    return rows


def _figures(
    stages: Stages, scenario: Scenario, received: Tensor, running: Running, draws: Draws
) -> dict[str, float]:
    """Quality of the mean, of the median draw and of the published one; discrepancies."""
    name, alpha = scenario.checkpoint, scenario.alpha
    mean = stages.averaged(running, name)[0].quality
    published = draws.as_published(scenario.eps_level, alpha)
    median, chosen = (
        mean if scenario.sigma_level == 0 else _quality(stages, name, received, draws.place(value))
        for value in (draws.median, published)
    )
    assert median is not None
    bounds = draws.bounds([certificate_ratio(scenario, received.numel()), *RATIOS.values()], alpha)
    return {
        **mean.to_dict(),
        "psnr_median": median.psnr,
        "ssim_median": median.ssim,
        "psnr_published": chosen.psnr if chosen else math.nan,
        "ssim_published": chosen.ssim if chosen else math.nan,
        "median": draws.median,
        "certified": bounds[0],
        **dict(zip(RATIOS, bounds[1:], strict=True)),
        "as_published": published,
    }


@torch.no_grad()
def _quality(stages: Stages, name: str, received: Tensor, number: int | None) -> Quality | None:
    return None if number is None else stages.scored(stages.draw(name, received, number), name).quality

"""Networks on test pictures: quality and discrepancy over settings, attacks and smoothing noises.

One row per picture, network, setting, attack strength, smoothing noise and number of samples. A
row has the figures that ``python -m core run`` gives for that picture. A part of the work is one
network in one setting under one attack strength; a killed evaluation continues with the first part
that is not there, and two processes share one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.attacks import ball
from core.base.options import key_of
from core.base.progress import PartDone
from core.base.seeds import derive
from core.certificates import reconstructions as smoothed
from core.evaluation.inverse.grid import Job, row_of
from core.experiment.inverse.attack import walk
from core.experiment.inverse.preparation import chunk_of, grey_crop, prepared, setting_of
from core.experiment.inverse.scenario import InverseScenario
from core.pictures import images, metrics
from core.pictures.units import GREY
from core.results.store import KEY, Store
from core.runtime.engine import Estimator
from core.runtime.session import Lab

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

    def crops(self, scenario: InverseScenario) -> Tensor:
        """All crops ``(n, 1, side, side)`` as the scenario cuts them."""
        return torch.cat([grey_crop(photo, scenario) for photo in self.photos])


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
        _, digest = prepared(lab, s.checkpoint, setting_of(s), precision)
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
    s = job.scenario
    setting = setting_of(s)
    estimator, _ = prepared(lab, s.checkpoint, setting, where["precision"])
    truth = pictures.crops(s).to(lab.engine.device)
    signal = setting.measured(truth, [derive(s.seed, "measurement")] * len(truth))
    perturbation, notices = torch.zeros_like(signal), [""] * len(signal)
    if s.eps > 0:
        *_, last = walk(s, estimator.fast, signal, truth)
        perturbation, notices = last.kept, [last.notice(image) for image in range(len(signal))]
    reached = ball.norms(perturbation).tolist()
    received = signal + perturbation
    rows = []
    for place, (image, digest) in enumerate(pictures.names):
        one = slice(place, place + 1)
        with torch.no_grad():
            base = estimator.exact(received[one])
        shared = {
            "dataset": pictures.dataset, "image": image, "image_digest": digest, "norm": reached[place],
            "notice": notices[place], **where,
        }  # fmt: skip
        for sigma, samples in job.noises:
            found = _smoothed(lab, s.replace(sigma=sigma), estimator, received[one], base, samples)
            for draws in found:
                scenario = s.replace(sigma=sigma, samples=draws.samples if sigma > 0 else 1)
                figures = _figures(scenario, estimator, received[one], truth[one], draws)
                rows.append({**row_of(scenario), **shared, **figures})
    return rows


def _smoothed(
    lab: Lab,
    scenario: InverseScenario,
    estimator: Estimator,
    received: Tensor,
    base: Tensor,
    samples: tuple[int, ...],
) -> list[smoothed.Draws]:
    """The draws after each of the numbers of samples."""
    walk = smoothed.draw(
        estimator.fast if scenario.sigma > 0 else estimator.exact,
        received,
        base,
        sigma=scenario.sigma / GREY,
        samples=max(samples) if scenario.sigma > 0 else 1,
        seed=scenario.seed,
        chunk=chunk_of(lab, scenario.side),
        stops=samples,
    )
    return [draws for draws in walk if scenario.sigma == 0 or draws.samples in samples]


def _figures(
    scenario: InverseScenario, estimator: Estimator, received: Tensor, truth: Tensor, draws: smoothed.Draws
) -> dict[str, float]:
    """Quality of the mean, of the median draw and of the published one; discrepancies."""
    s, alpha = scenario, scenario.alpha
    published = draws.as_published(s.eps, alpha)
    places = [draws.place(draws.median), draws.place(published)]
    pictures = [draws.mean] + [
        smoothed.again(estimator.fast, received, place, sigma=draws.sigma, seed=s.seed)
        for place in places
        if place is not None and draws.sigma > 0
    ]
    shown = torch.cat(pictures).float().clamp(0.0, 1.0)
    scored = [q.to_dict() for q in metrics.quality(shown, truth.expand_as(shown), s.checkpoint)]
    mean = scored[0]
    median = scored[1] if len(scored) > 1 else mean
    nothing = {"psnr": float("nan"), "ssim": float("nan")}
    chosen = mean if draws.sigma == 0 else scored[2] if len(scored) > 2 else nothing
    bounds = draws.bounds([s.certificate_ratio, *RATIOS.values()], alpha)
    return {
        **mean,
        "psnr_median": median["psnr"],
        "ssim_median": median["ssim"],
        "psnr_published": chosen["psnr"],
        "ssim_published": chosen["ssim"],
        "median": draws.median,
        "certified": bounds[0],
        **dict(zip(RATIOS, bounds[1:], strict=True)),
        "as_published": published,
    }

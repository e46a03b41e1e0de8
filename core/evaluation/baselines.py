"""Clean quality of networks beside reconstructions without learning, paired over pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch

from core.base.seeds import derive
from core.evaluation.photos import Photos
from core.pictures import metrics
from core.problems.scenario import Scenario
from core.results.summary import in_order, summarise
from core.runtime.session import Lab


def clean_quality(lab: Lab, networks: Sequence[str], scenario: Scenario, photos: Photos) -> pd.DataFrame:
    """Quality of networks (float32) and baselines on the same measurements, without an attack.

    Args:
        lab: engine and checkpoints.
        networks: of the scenario's problem.
        scenario: its setting, crop and seed count.
        photos: what is measured.

    Returns:
        One row per picture and estimator: ``estimator``, ``learned``, ``image``, ``mse``, ``psnr``,
        ``ssim``.
    """
    return lab.engine.do(lambda: _clean_quality(lab, networks, scenario, photos))


def _clean_quality(lab: Lab, networks: Sequence[str], scenario: Scenario, photos: Photos) -> pd.DataFrame:
    problem = scenario.problem
    classical = {name: lab.engine.prepare(map_) for name, map_ in problem.references(scenario).items()}
    estimators = {name: lab.network(name, "float32")[0] for name in networks} | classical
    rows = []
    for photo in photos.photos:
        x = problem.sample(photo, scenario)
        seeds = [derive(scenario.seed, "measurement")]
        observation = problem.observe(x.to(lab.engine.device), scenario, seeds)
        for name, estimator in estimators.items():
            with torch.no_grad():
                output = lab.engine.behind(estimator, observation.wrap).exact(observation.point)
            (quality,) = metrics.quality(problem.space.picture(output).cpu(), x)
            rows.append(
                {"estimator": name, "learned": name in networks, "image": photo.name, **quality.to_dict()}
            )
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over pictures with 95 % intervals, and each network's margin over the best baseline.

    Args:
        rows: of :func:`clean_quality`.

    Returns:
        One row per estimator: ``psnr``, ``ssim`` and ``margin`` (dB over the baseline of highest mean PSNR;
        nan for baselines) with ``_low`` and ``_high``, and ``over`` (its name).
    """
    baselines = rows[~rows["learned"]].groupby("estimator", sort=False)["psnr"].mean()
    over = str(baselines.idxmax())
    best = rows[rows["estimator"] == over].set_index("image")["psnr"]
    rows = rows.assign(margin=(rows["psnr"] - rows["image"].map(best)).where(rows["learned"]))
    rows = in_order(rows, estimator=rows["estimator"].unique())
    table = summarise(rows, ["estimator"], ("psnr", "ssim", "margin"))
    return table.assign(over=[over if name not in baselines else "" for name in table["estimator"]])

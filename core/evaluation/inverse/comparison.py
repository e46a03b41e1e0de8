"""Clean quality of networks beside reconstructions without learning, paired over pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch

from core.base.seeds import derive
from core.base.statistics import mean_interval
from core.evaluation.inverse.baselines import baselines
from core.evaluation.inverse.evaluation import Pictures
from core.experiment.inverse.preparation import prepared, setting_of
from core.experiment.inverse.scenario import InverseScenario
from core.pictures import metrics
from core.runtime.session import Lab


def clean_quality(
    lab: Lab, networks: Sequence[str], scenario: InverseScenario, pictures: Pictures
) -> pd.DataFrame:
    """Quality of networks (float32) and baselines on the same measurements, without an attack.

    Args:
        lab: engine and checkpoints.
        networks: of the scenario's problem.
        scenario: its setting, crop and seed count.
        pictures: what is measured.

    Returns:
        One row per picture and estimator: ``estimator``, ``learned``, ``image``, ``mse``, ``psnr``,
        ``ssim``.
    """
    return lab.engine.do(lambda: _clean_quality(lab, networks, scenario, pictures))


def _clean_quality(
    lab: Lab, networks: Sequence[str], scenario: InverseScenario, pictures: Pictures
) -> pd.DataFrame:
    setting = setting_of(scenario)
    truth = pictures.crops(scenario)
    signal = setting.measured(truth, [derive(scenario.seed, "measurement")] * len(truth))
    outputs = {}
    for name in networks:
        estimator, _ = prepared(lab, name, setting, "float32")
        with torch.no_grad():
            outputs[name] = estimator.exact(signal.to(lab.engine.device)).cpu()
    for name, baseline in baselines(scenario.problem).items():
        outputs[name] = torch.cat([baseline(one.unsqueeze(0), setting) for one in signal])
    rows = []
    for name, output in outputs.items():
        qualities = metrics.quality(output.float().clamp(0.0, 1.0), truth)
        rows += [
            {"estimator": name, "learned": name in networks, "image": image, **quality.to_dict()}
            for (image, _), quality in zip(pictures.names, qualities, strict=True)
        ]
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over pictures with 95 % intervals, and each network's margin over the best baseline.

    Args:
        rows: of :func:`clean_quality`.

    Returns:
        One row per estimator: ``psnr``, ``psnr_low``, ``psnr_high``, ``ssim``, ``margin``,
        ``margin_low``, ``margin_high`` (dB over the baseline of highest mean PSNR; nan for baselines),
        ``over`` (its name).
    """
    table = rows.pivot(index="image", columns="estimator", values="psnr")
    learned = rows.drop_duplicates("estimator").set_index("estimator")["learned"]
    similarity = rows.groupby("estimator")["ssim"].mean()
    best = str(table[learned.index[~learned]].mean().idxmax())
    nothing = (float("nan"),) * 3
    found = []
    for name in learned.index:
        mean, low, high = mean_interval(table[name].to_numpy())
        margin = mean_interval((table[name] - table[best]).to_numpy()) if learned[name] else nothing
        found.append((name, mean, low, high, similarity[name], *margin, best if learned[name] else ""))
    columns = ("estimator", "psnr", "psnr_low", "psnr_high", "ssim", "margin", "margin_low", "margin_high",
               "over")  # fmt: skip
    return pd.DataFrame(found, columns=columns)

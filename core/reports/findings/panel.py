"""What claims are judged on: per-photo figures of one problem in one setting, ours or published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.statistics import mean_interval, resampling
from core.problems.problem import Problem


@dataclass(frozen=True)
class Panel:
    """One problem in one setting: per-photo rows of all estimators, attacks and noises.

    Attributes:
        setting: value of the column ``problem.apart``.
        rows: of :func:`core.results.evaluations.per_image`, or such as a document prints.
    """

    problem: Problem
    setting: float
    rows: pd.DataFrame

    @property
    def images(self) -> int:
        """How many photos the figures are from."""
        return int(self.rows["image"].nunique())

    @property
    def strengths(self) -> list[float]:
        """Attack strengths, ascending."""
        return sorted(self.rows["eps"].unique())

    def estimators(self, *objectives: str) -> dict[str, float]:
        """Names of these objectives' estimators with their levels of training, ascending."""
        rows = self.rows[self.rows["objective"].isin(objectives)]
        once = rows.drop_duplicates("estimator").sort_values("level")
        return dict(zip(once["estimator"], once["level"], strict=True))

    def frame(self, value: str, across: str, **where: object) -> pd.DataFrame:
        """A column as photo × what another column says, where others have the values given."""
        rows = self.rows
        for column, wanted in where.items():
            rows = rows[rows[column] == wanted]
        return rows.pivot(index="image", columns=across, values=value)


def difference(frame: pd.DataFrame, better: object, worse: object) -> tuple[float, float, float]:
    """Mean paired difference over photos and its interval."""
    return mean_interval((frame[better] - frame[worse]).to_numpy())


def ratio(frame: pd.DataFrame, new: object, old: object) -> tuple[float, float, float]:
    """Geometric mean of paired ratios over photos, as a change in per cent, and its interval."""
    value, low, high = mean_interval(np.log(frame[new] / frame[old]).to_numpy())
    return tuple(100 * float(np.expm1(limit)) for limit in (value, low, high))  # type: ignore[return-value]


def best_level(levels: np.ndarray, values: np.ndarray) -> tuple[float, float, float]:
    """The level whose mean over photos is highest, and the interval of where that is in the resamples.

    Args:
        levels: one for each column.
        values: photo × level.
    """
    best = float(levels[values.mean(0).argmax()])
    if len(values) == 1:
        return best, float("nan"), float("nan")
    resampled = levels[(resampling(len(values)).T @ values).argmax(1)]
    low, high = np.quantile(resampled, [0.025, 0.975], method="nearest")
    return best, float(low), float(high)

from __future__ import annotations

import pandas as pd
import pytest

from core.reports.figures.models import MOST_TICKS, training_curve
from core.zoo import checkpoints


def _curve(*losses: float) -> pd.DataFrame:
    steps = range(50, 50 * (len(losses) + 1), 50)
    return pd.DataFrame({"step": steps, "images_seen": [11.52 * step for step in steps], "loss": losses})


def test_a_shipped_curve_is_drawn_whole_and_logarithmic() -> None:
    curve = pd.read_parquet(checkpoints.FOLDER / "sr-x2-rs-0.10.curve.parquet")
    figure = training_curve(curve, "smoothing", 0.1, "MSE, standardised")
    (line,) = figure.data
    assert list(line.x) == list(curve["images_seen"])
    assert list(line.y) == list(curve["loss"])
    assert figure.layout.yaxis.type == "log"
    assert "standardised" in figure.layout.yaxis.title.text


@pytest.mark.parametrize(
    "losses", [(0.0474, 0.0341), (0.9, 0.001), (0.3,), (5e-7, 4e-7), (300.0, 0.2), (1e9, 1e-9)]
)
def test_ticks_are_few_round_and_inside(losses: tuple[float, ...]) -> None:
    ticks = training_curve(_curve(*losses), "standard", 0.0, "cross entropy").layout.yaxis.tickvals
    assert 1 <= len(ticks) <= MOST_TICKS
    assert all(0 < tick <= 1.01 * max(losses) for tick in ticks)

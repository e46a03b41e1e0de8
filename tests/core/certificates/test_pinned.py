"""Every statistic and bound keeps the figures of the day when each had a loop of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.base.progress import finish
from core.certificates.classification import certify, count_votes, predict
from core.certificates.draws import Design, Draws, draw
from core.certificates.reconstructions import Draws as Discrepant
from core.certificates.registry import BOUNDS, STATISTICS, curves, measured
from core.pictures import units
from core.smoothing.error import SmoothedError
from core.smoothing.estimate import smoothed_estimate
from core.smoothing.statistics import Discrepancies, Mapped, Mean
from core.smoothing.stream import accumulate

POINT = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(7))
TRUTH = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(0))
DIGIT = torch.linspace(0, 1, 24).view(1, 1, 4, 6)


def _estimator(z: Tensor) -> Tensor:
    return 0.9 * z + 0.2 * torch.sin(3 * z)


def _scores(pictures: Tensor) -> Tensor:
    height = (pictures - DIGIT).flatten(1)[:, ::2].sum(1)
    return torch.stack([-height, height, torch.full_like(height, -0.4)], 1)


def _some(values: ArrayLike) -> list[float]:
    """First, middle and last value, and the sum."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    return [flat[0], flat[len(flat) // 2], flat[-1], flat.sum()]


def near(values: ArrayLike) -> object:
    return pytest.approx(values, rel=2e-6, nan_ok=True)


def test_smoothed_estimate_and_its_error() -> None:
    *_, last = smoothed_estimate(_estimator, POINT, sigma=0.3, samples=23, seed=4, chunk=7)
    assert _some(last.estimate) == near(
        [0.6298474073410034, 0.2313442975282669, 0.15816445648670197, 94.03796509280801]
    )
    assert _some(last.variance) == near(
        [0.12067911028862, 0.18766365945339203, 0.1434347927570343, 16.21062225336209]
    )
    error, gradient = SmoothedError(_estimator, 0.5 * POINT, 0.3, 23, 4, 7).value_and_gradient(POINT)
    assert error.tolist() == near([0.10578763484954834, 0.08981022238731384])
    assert _some(gradient) == near(
        [0.006763621233403683, 0.004157397896051407, 0.0005901477998122573, 0.9212273841549177]
    )


def test_reconstructions() -> None:
    z = torch.rand(1, 1, 6, 5, generator=torch.Generator().manual_seed(8))
    mean, apart = Mean(), Discrepancies(_estimator(z).clamp(0, 1))
    seen = [mean, Mapped(lambda outputs: outputs.clamp(0, 1), apart)]
    finish(accumulate(_estimator, z, seen, sigma=12 / 255, samples=200, seed=4, chunk=16))
    last = Discrepant(apart.values[0], 12 / 255)
    assert _some(mean.mean) == near(
        [0.7285763025283813, 0.8950516581535339, 0.5972418189048767, 16.56148588191718]
    )
    assert _some(last.discrepancies) == near(
        [0.0011388999470105668, 0.0021983139204075765, 0.0025925197203960173, 0.46593012382866905]
    )
    assert last.median == near(0.0021954169693830807)
    assert last.bounds([0.25, 0.5, 1.0], 0.05) == near(
        [0.0025086613616150093, 0.002761938639132651, 0.003361545857245884]
    )
    assert last.as_published(2.0, 0.05) == near(0.002470128152967959)


def test_classification() -> None:
    (votes,) = count_votes(_scores, DIGIT + 0.02, sigma=0.5, samples=300, seed=3, stream="answer", chunk=64)
    assert votes.tolist() == [127, 173, 0]
    *_, found = certify(_scores, DIGIT + 0.1, sigma=0.5, n0=20, n=700, alpha=0.01, seed=3, chunk=64)
    assert (found.answer, found.votes.tolist()) == (1, [192, 508, 0])
    assert found.radius == near(0.24023605817491533)
    assert found.p_lower == near(0.6845541371795406)
    assert predict(_scores, DIGIT + 0.1, sigma=0.5, n=200, alpha=0.05) == 1


def _draws(shift: float, samples: int) -> Draws:
    y = units.standardise(TRUTH) + 0.05
    design = Design(0.3, samples, seed=5, pilot=40, chunk=7)
    return finish(draw(_pictures, y + shift, TRUTH, _pictures(y), design, STATISTICS))


def _pictures(z: Tensor) -> Tensor:
    return units.to_picture(_estimator(z))


EXPECTED = {
    "percentile_error": [0.007269988767802715, 0.007805131375789642, 0.008510439656674862],
    "percentile_discrepancy": [0.005499354563653469, 0.006058777682483196, 0.006811899598687887],
    "mean_error": [0.009711683076260294, 0.014580630385332485, 0.03020508300870409],
    "pixel_mean": [0.006968362273842283, 0.048002946900265395, 0.16031648161894052],
    "pixel_median": [0.004191756102238315, 0.007720819236436013, 0.013192407993082111],
    "displacement": [0.0018591546956593394, 0.009883425425567879, 0.024309503312059458],
    "center": [0.28214033018755524, 0.2923661488627324, 0.3064778977519399],
    "as_published": [0.005336328409612179, 0.005338890943676233, 0.00534015940502286],
}
WIDTHS = {
    "pixel_mean": [0.08923133111582844, 0.3301053669771646, 0.5904438418950496],
    "pixel_median": [0.02999999999999999, 0.08411764705882353, 0.1545098039215686],
}
MEASURED = {
    "percentile_error": 0.007109044585376978,
    "percentile_discrepancy": 0.00535472622141242,
    "mean_error": 0.001965244563010796,
    "pixel_mean": 0.001965244563010796,
    "pixel_median": 0.0026931710198301088,
    "displacement": 0.004695213768405732,
    "center": 0.005330921590656024,
    "as_published": 0.00535472622141242,
}


def test_certificates_of_reconstructions() -> None:
    found = curves(_draws(0.0, 3700), [0.1, 0.5, 1.0, 10.0], alpha=0.001)
    assert list(found) == list(EXPECTED) == list(BOUNDS)
    for name, curve in found.items():
        assert curve.bounds[:3].tolist() == near(EXPECTED[name]), name
        assert curve.bounds[3] == (near(0.00539711257744432) if name == "as_published" else math.inf), name
        assert (curve.widths is not None) == (name in WIDTHS)
        if curve.widths is not None:
            assert curve.widths[:3].tolist() == near(WIDTHS[name]), name
    assert [c.simultaneous for c in found.values()] == [True] * 5 + [False] * 3
    assert [c.alpha for c in found.values()] == near([0.001] * 5 + [np.nan, 0.010000000039479843, np.nan])
    assert measured(_draws(0.02, 300), _draws(0.0, 300)) == near(MEASURED)

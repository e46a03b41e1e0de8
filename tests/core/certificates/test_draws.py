"""One set of draws for everything: against a plain loop, whatever the chunks, without keeping samples."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import UserError
from core.base.progress import finish
from core.base.seeds import derive
from core.certificates.center import LEAST as CENTER_LEAST
from core.certificates.confidence import NONE
from core.certificates.discrepancy import percentile_bounds
from core.certificates.draws import (
    Design,
    Draws,
    Make,
    center,
    counts,
    discrepancies,
    draw,
    errors,
    head,
    moments,
    moving,
)
from core.certificates.pixels import upper_median
from core.certificates.registry import (
    BOUNDS,
    STATISTICS,
    curves,
    intervals_of_mean,
    largest_possible_error,
    measured,
)
from core.evaluation.throughput import throughput
from core.networks.unet import UNet
from core.pictures import units
from core.runtime.engine import Engine
from core.smoothing.stream import noisy_copies

SHAPE = (3, 4, 5)


def _estimator(measurement: Tensor) -> Tensor:
    return 0.9 * measurement + 0.2 * torch.sin(3 * measurement)


def _pictures(measurement: Tensor) -> Tensor:
    return units.to_picture(_estimator(measurement))


def _values(draws: Draws, make: Make) -> np.ndarray:
    (values,) = draws.of(make).values  # type: ignore[attr-defined]
    found: np.ndarray = values
    return found


def _mean(draws: Draws) -> np.ndarray:
    mean: np.ndarray = draws.of(moments).mean[0].numpy()
    return mean


def _scene() -> tuple[Tensor, Tensor]:
    truth = torch.rand(1, *SHAPE, generator=torch.Generator().manual_seed(0))
    return truth, units.standardise(truth) + 0.05


def _draws(shift: float = 0.0, **options: object) -> Draws:
    truth, y = _scene()
    design = Design(**{"sigma": 0.3, "samples": 100, "seed": 5, "pilot": 40, "chunk": 7, **options})  # type: ignore[arg-type]
    done: list[int] = []
    walk = draw(_pictures, y + shift, truth, _pictures(y), design, STATISTICS)
    result = finish(walk, done.append)
    assert done == sorted(done)
    assert done[-1] == 1 + design.pilot + design.samples == design.forwards
    return result


def test_scalars_and_moments_equal_those_of_a_plain_loop() -> None:
    truth, y = _scene()
    found = _draws()
    streams = {}
    for stream, size in (("pilot", 40), ("choose", 33), ("check", 33), ("bound", 34)):
        noisy = noisy_copies(y, range(size), sigma=0.3, seed=derive(5, stream))
        streams[stream] = units.to_picture(_estimator(noisy[0])).double()
    kept = torch.cat([streams[name] for name in ("choose", "check", "bound")])
    reference = units.to_picture(_estimator(y)).double()
    apart_from_truth = (kept - truth.double()).square().flatten(1).mean(1).numpy()
    np.testing.assert_allclose(_values(found, errors), apart_from_truth, rtol=1e-5)
    np.testing.assert_allclose(
        _values(found, discrepancies), (kept - reference).square().flatten(1).mean(1).numpy(), rtol=1e-5
    )
    np.testing.assert_allclose(_values(found, moving), _values(found, discrepancies))
    np.testing.assert_allclose(_mean(found), kept.mean(0).numpy(), atol=1e-7)
    np.testing.assert_allclose(found.of(moments).variance[0].numpy(), kept.var(0).numpy(), atol=1e-7)
    candidates = streams["pilot"][:30].flatten(1)
    apart = torch.cdist(candidates, streams["choose"].flatten(1)) / np.sqrt(60)
    best = int(apart.sort(1).values[:, 16].argmin())
    chosen = found.of(center)
    assert chosen.center.candidate == best
    assert chosen.center.radius == pytest.approx(float(apart.sort(1).values[best, 16]), rel=1e-4)
    checked, last = (
        torch.cdist(candidates[best : best + 1], streams[name].flatten(1))[0] / np.sqrt(60)
        for name in ("check", "bound")
    )
    assert chosen.inside == int((checked <= chosen.center.radius).sum())
    np.testing.assert_allclose(chosen.distances, last.numpy(), rtol=1e-4)
    torch.testing.assert_close(found.of(head).draws[0].double(), streams["choose"], atol=1e-6, rtol=0)


def test_chunk_size_does_not_matter() -> None:
    one, other = _draws(chunk=1), _draws(chunk=64)
    np.testing.assert_allclose(_values(one, errors), _values(other, errors), rtol=1e-5)
    np.testing.assert_allclose(one.of(center).distances, other.of(center).distances, rtol=1e-4)
    np.testing.assert_allclose(_mean(one), _mean(other), atol=1e-7)
    assert one.of(center).center.candidate == other.of(center).center.candidate
    assert np.abs(upper_median(one.of(counts)) - upper_median(other.of(counts))).max() <= 1 / 255


def _most_live_pictures(samples: int) -> int:
    """Most pictures that live tensors hold, looked at three times during the drawing."""
    truth, y = _scene()
    chunk = 10
    walk = draw(_pictures, y, truth, truth, Design(0.3, samples, 0, pilot=30, chunk=chunk), STATISTICS)
    looks = {(30 + samples) * share // (4 * chunk) for share in (2, 3, 4)}
    most = 0
    for number, _ in enumerate(walk):
        if number in looks:
            live = [t for t in gc.get_objects() if type(t) is Tensor and t.shape[-3:] == SHAPE]
            most = max(most, sum(t.numel() for t in live) // truth.numel())
    return most


def test_samples_are_not_kept() -> None:
    few, many = _most_live_pictures(300), _most_live_pictures(900)
    assert many <= few + 30, "900 samples would add 600 pictures"


def test_every_certificate_abstains_at_too_large_a_radius_and_grows_below() -> None:
    found = curves(_draws(samples=3700), [0.1, 0.5, 1.0, 10.0, 100.0], alpha=0.001)
    assert list(found) == list(BOUNDS)
    for name, curve in found.items():
        if name == "as_published":
            assert np.isfinite(curve.bounds).all(), "the published number never abstains here"
            continue
        assert (curve.bounds[3:] == NONE).all(), name
        assert np.isfinite(curve.bounds[:2]).all(), name
        assert curve.bounds[0] < curve.bounds[1]
        if curve.widths is not None:
            assert curve.widths[0] < curve.widths[1]


def test_center_smoothing_abstains_with_too_few_samples() -> None:
    few = _draws(samples=3 * (CENTER_LEAST - 1))
    assert curves(few, [0.1], alpha=0.001)["center"].bounds[0] == NONE


def test_shifted_measurements_stay_within_every_certificate() -> None:
    """The linear part moves everything one way: the worst that a constant shift does."""
    ratio = 0.5
    step = ratio * 0.3 / np.sqrt(60)
    clean = _draws(samples=3700, seed=1)
    found = curves(clean, [ratio], alpha=0.001)
    base = _draws(samples=600, seed=2)
    for sign in (-1, 1):
        reached = measured(_draws(shift=sign * step, samples=600, seed=2), base)
        for name, value in reached.items():
            if name != "as_published":
                assert value <= found[name].bounds[0], name
        (interval,) = intervals_of_mean(clean, [ratio], alpha=0.001)
        assert interval is not None
        moved = _mean(_draws(shift=sign * step, samples=3700, seed=3))
        assert interval.contains(moved) == 1.0
    assert reached["displacement"] == pytest.approx(_rms_slope() * step, rel=0.2)


def _rms_slope() -> float:
    """RMS over values of dĝ/dy in picture units where nothing clips: from central differences."""
    up = _mean(_draws(shift=1e-2, samples=600, seed=2))
    down = _mean(_draws(shift=-1e-2, samples=600, seed=2))
    return float(np.sqrt(np.mean(((up - down) / 2e-2) ** 2)))


def test_largest_possible_error() -> None:
    truth = np.array([0.0, 0.3, 0.9])
    pictures = np.random.default_rng(0).integers(0, 2, (500, 3))
    assert largest_possible_error(truth) == pytest.approx(((pictures - truth) ** 2).mean(1).max())


@pytest.mark.parametrize("bad", [{"sigma": 0.0}, {"samples": 5}, {"pilot": 29}, {"chunk": 0}])
def test_impossible_designs(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="certificates need"):
        Design(**{"sigma": 0.1, "samples": 6, "seed": 0, **bad})  # type: ignore[arg-type]


def test_throughput_names_both_ways() -> None:
    estimator = Engine("cpu", "float32").prepare(UNet().eval())
    rates = throughput(estimator, torch.zeros(1, 3, 32, 32), sigma=0.1, samples=9, chunk=4, seed=0, rounds=1)
    assert rates["ratio"] == pytest.approx(rates["engine"] / rates["plain"])
    assert rates["plain"] > 0


def test_radii_beyond_reach_cost_the_others_nothing() -> None:
    """The union bound is over claims: radii at which no claim is possible are none."""
    draws = _draws(samples=400)
    alone, among = (
        {name: curve.bounds[:2] for name, curve in curves(draws, ratios, alpha=0.01).items()}
        for ratios in ([0.1, 0.5], [0.1, 0.5, 5.0, 10.0])
    )
    exact = percentile_bounds(_values(draws, errors), [0.1, 0.5], alpha=0.01 / 2)
    np.testing.assert_array_equal(alone["percentile_error"], exact)
    for name, bounds in alone.items():
        np.testing.assert_array_equal(among[name], bounds)


def test_outputs_that_are_not_numbers_certify_nothing() -> None:
    """No comparison with them is true: they would count as inside some limits and outside others."""
    truth, y = _scene()

    def often(measurement: Tensor) -> Tensor:
        return units.to_picture(torch.log(measurement + 1.5))

    with pytest.raises(UserError, match="not numbers"):
        list(draw(often, y, truth, _pictures(y), Design(1.0, 100, 5, 40, 7), STATISTICS))

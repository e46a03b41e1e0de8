"""Statistics of a stream against numpy on the draws that a test can hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import UserError
from core.base.progress import finish
from core.base.workers import Workers
from core.smoothing.estimate import smooth, smoothed_estimate
from core.smoothing.statistics import (
    Discrepancies,
    Distances,
    First,
    Mapped,
    Mean,
    Moments,
    PixelCounts,
    Statistic,
    Votes,
)
from core.smoothing.stream import accumulate, noisy_copies

BIN = 1 / 255


def _draws(count: int, spread: float, seed: int = 0) -> Tensor:
    """``(2, count, 3, 4, 5)`` around values from below 0 to above 1, each with a spread of its own."""
    random = torch.Generator().manual_seed(seed)
    middle = torch.rand(2, 1, 3, 4, 5, generator=random) * 1.2 - 0.1
    width = spread * torch.rand(2, 1, 3, 4, 5, generator=random)
    return middle + width * torch.randn(2, count, 3, 4, 5, generator=random)


def _shown(statistic: Statistic, draws: Tensor, *sizes: int) -> None:
    for part in torch.split(draws, list(sizes) or draws.shape[1], dim=1):
        statistic.add(part)


@pytest.mark.parametrize("sizes", [(37,), (1, 36), (20, 1, 16)])
def test_mean_and_variance_are_numpys(sizes: tuple[int, ...]) -> None:
    """Far from zero with a small spread, where sums of squares that are not shifted would cancel."""
    draws = 1000 + _draws(37, 0.01)
    moments, mean = Moments(), Mean()
    _shown(moments, draws, *sizes)
    _shown(mean, draws, *sizes)
    held = draws.double().numpy()
    np.testing.assert_allclose(moments.mean.numpy(), held.mean(1), rtol=1e-9)
    np.testing.assert_allclose(mean.mean.numpy(), held.mean(1), rtol=1e-9)
    np.testing.assert_allclose(moments.variance.numpy(), held.var(1, ddof=1), rtol=1e-4)
    assert moments.count == 37


@pytest.mark.parametrize("count", [1, 2, 3, 10, 101, 1000])
@pytest.mark.parametrize("spread", [0.0, 0.002, 0.05, 1.0])
def test_the_median_is_numpys_within_a_bin(count: int, spread: float) -> None:
    """Of few draws and of many, of an even number too, all in one bin or in all of them, clamped or not."""
    draws = _draws(count, spread)
    median = PixelCounts()
    _shown(median, draws, *([count // 2, count - count // 2] if count > 1 else [1]))
    exact = np.median(draws.clamp(0, 1).double().numpy(), axis=1)
    error = np.abs(median.median.numpy() - exact)
    assert error.max() < BIN
    assert error[(exact == 0) | (exact == 1)].max() == 0, "clamped values have a bin of their own"
    assert np.sqrt((error**2).mean()) < BIN / 3


def test_a_median_in_other_units_is_that_of_pictures() -> None:
    draws = _draws(51, 0.2)
    shift, scale = torch.tensor([0.4, 0.5, 0.6]).view(3, 1, 1), torch.tensor([0.2, 0.3, 0.4]).view(3, 1, 1)
    pictures, units = PixelCounts(), PixelCounts(-shift / scale, (1 - shift) / scale)
    _shown(pictures, draws)
    _shown(units, (draws - shift) / scale)
    error = units.median * scale + shift - pictures.median
    assert error.abs().max() < 2 * BIN
    assert error.square().mean().sqrt() < BIN / 3


def test_order_statistics_are_known_to_their_bin() -> None:
    draws = _draws(40, 0.3)
    counts = PixelCounts(bins=16)
    _shown(counts, draws, 13, 27)
    held = np.sort(draws.clamp(0, 1).numpy().astype(np.float64), axis=1)
    for order, bins in zip((1, 20, 40), counts.bins_of([1, 20, 40]).numpy(), strict=True):
        np.testing.assert_array_equal(bins, np.ceil(held[:, order - 1] * 16) + (held[:, order - 1] == 1))
    assert counts.size == 2 * 3 * 4 * 5


def test_discrepancies_and_distances_are_those_of_each_draw() -> None:
    draws = _draws(9, 0.5)
    reference, centers = torch.rand(2, 3, 4, 5), torch.rand(4, 3, 4, 5)
    apart, distances = Discrepancies(reference), Distances(centers)
    _shown(apart, draws, 4, 5)
    _shown(distances, draws[:1], 4, 5)
    expected = (draws - reference[:, None]).double().square().flatten(2).mean(2)
    np.testing.assert_allclose(apart.values, expected.numpy(), rtol=1e-5)
    expected = (draws[0] - centers[:, None]).double().square().flatten(2).mean(2).sqrt()
    np.testing.assert_allclose(distances.values, expected.numpy(), rtol=1e-4)


def test_first_draws_and_votes() -> None:
    draws = _draws(9, 0.5)
    first, votes = First(5), Votes()
    _shown(first, draws, 3, 4, 2)
    assert torch.equal(first.draws, draws[:, :5])
    _shown(votes, draws, 3, 4, 2)
    answers = draws.argmax(-1).numpy()
    assert votes.counts.shape == (2, 3, 4, 5)
    for label in range(5):
        np.testing.assert_array_equal(votes.counts[..., label], (answers == label).sum(1))


@pytest.mark.parametrize("make", [PixelCounts, Votes, lambda: Discrepancies(torch.zeros(2, 3, 4, 5))])
def test_what_is_no_number_counts_nowhere(make: Callable[[], Statistic]) -> None:
    draws = _draws(9, 0.5)
    draws[1, 4, 0, 2, 2] = torch.nan
    with pytest.raises(UserError, match="not numbers"):
        make().add(draws)


POINT = torch.rand(3, 1, 4, 5, generator=torch.Generator().manual_seed(3))
STREAM = {"sigma": 0.3, "samples": 23, "seed": 2}


def _held(**changes: object) -> Tensor:
    """All draws, without the stream that is tested."""
    given = {**STREAM, "stream": "smoothing", **changes}
    samples = range(given.pop("samples"))  # type: ignore[call-overload]
    return torch.tanh(noisy_copies(POINT, samples, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("chunk", [1, 7, 100])
@pytest.mark.parametrize("workers", [1, 3])
def test_every_statistic_sees_every_draw_once_and_in_order(chunk: int, workers: int) -> None:
    first, mean, squares = First(23), Mean(), Mean()
    statistics = [first, mean, Mapped(torch.square, squares)]
    seen = Workers(workers).do(
        lambda: list(accumulate(torch.tanh, POINT, statistics, chunk=chunk, stops=(5,), **STREAM))  # type: ignore[arg-type]
    )
    held = _held()
    torch.testing.assert_close(first.draws, held, atol=1e-6, rtol=0)
    torch.testing.assert_close(mean.mean.float(), held.mean(1), atol=1e-6, rtol=0)
    torch.testing.assert_close(squares.mean.float(), held.square().mean(1), atol=1e-6, rtol=0)
    assert seen == sorted(set(seen))
    assert {5, 23} <= set(seen)


def test_streams_are_independent_and_outputs_need_no_pictures() -> None:
    one, other = First(23), First(23)
    for stream, found in (("smoothing", one), ("selection", other)):
        finish(accumulate(lambda z: z.flatten(1).sum(1), POINT, [found], chunk=9, stream=stream, **STREAM))  # type: ignore[arg-type]
    assert one.draws.shape == (3, 23)
    assert not torch.isclose(one.draws, other.draws).any()


def test_without_noise_the_one_draw_is_seen_once() -> None:
    calls: list[Tensor] = []

    def estimator(points: Tensor) -> Tensor:
        calls.append(points)
        return torch.tanh(points)

    first = First(5)
    assert list(accumulate(estimator, POINT, [first], chunk=1, **{**STREAM, "sigma": 0.0})) == [23]  # type: ignore[arg-type]
    assert len(calls) == 1
    assert torch.equal(first.draws, torch.tanh(POINT).unsqueeze(1))


def test_the_smoothed_estimate_may_be_the_median() -> None:
    box = (torch.full((1, 1, 1), -0.2), torch.full((1, 1, 1), 0.9))
    settings = {**STREAM, "chunk": 6}
    median = smooth(torch.tanh, POINT, average="median", box=box, **settings)  # type: ignore[arg-type]
    exact = np.median(_held().clamp(-0.2, 0.9).numpy(), axis=1)
    assert np.abs(median.numpy() - exact).max() < 1.1 * BIN
    *_, with_median = smoothed_estimate(torch.tanh, POINT, average="median", box=box, **settings)  # type: ignore[arg-type]
    *_, with_mean = smoothed_estimate(torch.tanh, POINT, **settings)  # type: ignore[arg-type]
    assert torch.equal(with_median.variance, with_mean.variance)
    assert not torch.allclose(with_median.estimate, with_mean.estimate, atol=BIN)
    still = smooth(torch.tanh, POINT, average="median", box=box, **{**settings, "sigma": 0.0})  # type: ignore[arg-type]
    torch.testing.assert_close(still, torch.tanh(POINT))


def test_a_median_needs_its_box() -> None:
    with pytest.raises(ValueError, match="box"):
        smooth(torch.tanh, POINT, average="median", chunk=1, **STREAM)  # type: ignore[arg-type]

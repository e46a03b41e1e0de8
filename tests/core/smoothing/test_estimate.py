"""The smoothed estimate against closed forms for linear and quadratic estimators."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from core.base.noise import gaussian
from core.base.seeds import derive
from core.networks.unet import UNet
from core.problems.super_resolution import interpolations
from core.runtime.engine import Engine
from core.smoothing.estimate import Running, smooth, smoothed_estimate


def _estimate(estimator: object, y: Tensor, **options: object) -> Running:
    settings = {"sigma": 0.3, "samples": 40, "seed": 0, "chunk": 7, **options}
    *_, last = smoothed_estimate(estimator, y, **settings)  # type: ignore[arg-type]
    return last


def test_a_linear_estimator_gains_nothing(generator: torch.Generator) -> None:
    """ĝ(y) = f(y) + f(mean of the noise): equal to f up to the Monte-Carlo error, exactly known."""
    y = torch.randn(1, 3, 16, 16, generator=generator)
    linear = interpolations(2)["bicubic"]
    result = _estimate(linear, y, samples=64)
    noise = gaussian(y, [derive(0, "smoothing", j) for j in range(64)])
    expected = linear(y) + 0.3 * linear(noise.mean(0, keepdim=True))
    torch.testing.assert_close(result.estimate, expected, atol=1e-5, rtol=1e-5)
    shift = (result.estimate - linear(y)).abs().max().item()
    assert shift < 5 * 0.3 * math.sqrt(1 / 64) * 1.5


def test_mean_and_variance_of_a_square_are_the_chi_square_moments() -> None:
    """For f(y) = y², E = y² + σ² and Var = 2σ⁴ + 4y²σ²; checked within five standard errors."""
    y = torch.full((1, 1, 1, 1), 0.7)
    sigma, samples = 0.4, 20_000
    result = _estimate(torch.square, y, sigma=sigma, samples=samples, chunk=512)
    mean, variance = 0.49 + sigma**2, 2 * sigma**4 + 4 * 0.49 * sigma**2
    assert result.estimate.item() == pytest.approx(mean, abs=5 * math.sqrt(variance / samples))
    assert result.variance.item() == pytest.approx(variance, rel=0.1)


def test_streamed_moments_equal_those_of_all_samples_at_once(generator: torch.Generator) -> None:
    y = torch.randn(2, 3, 8, 8, generator=generator)
    noise = gaussian(y, [derive(5, "smoothing", j) for j in range(11)]).double()
    outputs = torch.stack([torch.sin(y.double() + 0.3 * delta) for delta in noise])
    result = _estimate(torch.sin, y, samples=11, seed=5, chunk=6)
    torch.testing.assert_close(result.estimate.double(), outputs.mean(0), atol=1e-6, rtol=0)
    torch.testing.assert_close(result.variance.double(), outputs.var(0), atol=1e-6, rtol=0)
    finished = smooth(torch.sin, y, sigma=0.3, samples=11, seed=5, chunk=6)
    torch.testing.assert_close(finished.double(), outputs.mean(0), atol=1e-6, rtol=0)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_chunk_size_does_not_matter(precision: str, generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = UNet()
    torch.nn.init.normal_(network.head.weight, std=0.2)
    estimator = Engine("cpu", precision).prepare(network).fast
    y = torch.randn(1, 3, 32, 32, generator=generator)
    results = [_estimate(estimator, y, samples=13, chunk=chunk) for chunk in (1, 4, 13, 100)]
    tolerance = 1e-5 if precision == "float32" else 5e-3
    for other in results[1:]:
        torch.testing.assert_close(other.estimate, results[0].estimate, atol=tolerance, rtol=0)


def test_stops_are_yielded_and_change_nothing(generator: torch.Generator) -> None:
    y = torch.randn(1, 3, 8, 8, generator=generator)
    settings = {"sigma": 0.3, "samples": 23, "seed": 0, "chunk": 7}
    seen = {}
    for running in smoothed_estimate(torch.sin, y, stops=(0, 1, 2, 5, 10, 20, 50), **settings):
        seen[running.count] = running.estimate
        if running.count <= 5:
            short = smooth(torch.sin, y, **{**settings, "samples": running.count})
            torch.testing.assert_close(running.estimate, short, atol=1e-6, rtol=0)
    assert list(seen) == [1, 2, 5, 10, 15, 20, 23]
    *_, plain = smoothed_estimate(torch.sin, y, **settings)
    torch.testing.assert_close(running.estimate, plain.estimate, atol=1e-6, rtol=0)
    torch.testing.assert_close(running.variance, plain.variance, atol=1e-6, rtol=0)


def test_an_image_does_not_depend_on_its_company(generator: torch.Generator) -> None:
    y = torch.randn(3, 3, 8, 8, generator=generator)
    together = _estimate(torch.tanh, y)
    alone = _estimate(torch.tanh, y[1:2])
    torch.testing.assert_close(together.estimate[1:2], alone.estimate)


def test_running_counts_and_no_noise(generator: torch.Generator) -> None:
    y = torch.randn(1, 3, 8, 8, generator=generator)
    counts = [r.count for r in smoothed_estimate(torch.tanh, y, sigma=0.1, samples=10, seed=0, chunk=4)]
    assert counts == [3, 6, 10], "even parts of at most four"
    still = _estimate(torch.tanh, y, sigma=0.0)
    assert torch.equal(still.estimate, torch.tanh(y))
    assert still.variance.abs().max() == 0


@pytest.mark.parametrize("bad", [{"samples": 0}, {"chunk": 0}, {"sigma": -0.1}])
def test_impossible_parameters(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="smoothing needs"):
        _estimate(torch.tanh, torch.zeros(1, 1, 2, 2), **bad)

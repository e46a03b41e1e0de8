"""The two-pass gradient against autograd through the whole graph, and its memory."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from core.base.noise import gaussian
from core.base.seeds import derive
from core.networks.unet import UNet
from core.runtime.engine import Engine
from core.smoothing import error as smoothed
from core.smoothing import stream
from core.smoothing.error import HELD, Averaged, SmoothedError
from core.smoothing.estimate import Average

SIGMA = 0.3


def _network(dtype: torch.dtype = torch.float64) -> UNet:
    torch.manual_seed(0)
    network = UNet(widths=(2, 3, 4)).to(dtype).eval()
    torch.nn.init.normal_(network.head.weight, std=0.5)
    return network


def _case(dtype: torch.dtype = torch.float64, images: int = 2) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(images, 3, 8, 8, generator=generator, dtype=dtype)
    return x, x + 0.1 * torch.randn(images, 3, 8, 8, generator=generator, dtype=dtype)


def _whole_graph(
    network: UNet, x: Tensor, y: Tensor, samples: int, seed: int, average: Average = "mean"
) -> tuple[Tensor, Tensor]:
    """‖ĝ − x‖²/n and its gradient, with all samples in one graph."""
    noise = gaussian(y, [derive(seed, "smoothing", j) for j in range(samples)]).to(y)
    point = y.clone().requires_grad_(True)
    draws = torch.stack([network(point + SIGMA * delta) for delta in noise])
    found = draws.quantile(0.5, dim=0) if average == "median" else draws.mean(0)
    losses = (found - x).square().flatten(1).mean(1)
    (gradient,) = torch.autograd.grad(losses.sum(), point)
    return losses.detach(), gradient


@pytest.mark.parametrize("average", ["mean", "median"])
@pytest.mark.parametrize("samples", [1, 5, 16])
@pytest.mark.parametrize("chunk", [1, 3, 64])
def test_two_passes_equal_autograd_through_the_whole_graph(
    samples: int, chunk: int, average: Average
) -> None:
    network, (x, y) = _network(), _case()
    objective = SmoothedError(network, x, SIGMA, samples, seed=4, chunk=chunk, average=average)
    losses, gradient = objective.value_and_gradient(y)
    expected, whole = _whole_graph(network, x, y, samples, 4, average)
    torch.testing.assert_close(losses, expected, rtol=1e-9, atol=0)
    assert ((gradient - whole).norm() / whole.norm()).item() < 1e-9
    torch.testing.assert_close(objective.value(y), expected, rtol=1e-9, atol=0)


def test_gradient_in_the_engines_bfloat16_points_the_same_way() -> None:
    torch.manual_seed(0)
    network = UNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.2)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, 3, 32, 32, generator=generator)
    gradients = []
    for precision in ("float32", "bfloat16"):
        fast = Engine("cpu", precision).prepare(network).fast
        objective = SmoothedError(fast, x, SIGMA, 6, seed=0, chunk=4)
        gradients.append(objective.value_and_gradient(x + 0.1)[1].flatten())
    assert torch.cosine_similarity(*gradients, dim=0).item() > 0.99


def _peak_saved_bytes(samples: int) -> int:
    """Most bytes that autograd's graphs hold at any one time."""
    live = peak = 0

    class Held:
        def __init__(self, tensor: Tensor) -> None:
            nonlocal live, peak
            self.tensor, self.size = tensor, tensor.nbytes
            live += self.size
            peak = max(peak, live)

        def __del__(self) -> None:
            nonlocal live
            live -= self.size

    x, y = _case(images=1)
    objective = SmoothedError(_network(), x, SIGMA, samples, seed=0, chunk=2)
    with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
        objective.value_and_gradient(y)
    assert live == 0
    return peak


def test_memory_does_not_grow_with_the_number_of_samples() -> None:
    few, many = _peak_saved_bytes(HELD + 2), _peak_saved_bytes(40 * HELD)
    assert few > 0
    assert many == few
    assert _peak_saved_bytes(HELD) < 2 * HELD * few, "one pass holds at most so many graphs"


def test_one_pass_and_two_give_the_same_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = _case()
    found = []
    for held in (HELD, 0):
        monkeypatch.setattr(smoothed, "HELD", held)
        found.append(SmoothedError(_network(), x, SIGMA, 5, seed=0, chunk=3).value_and_gradient(y))
    torch.testing.assert_close(found[0][0], found[1][0])
    torch.testing.assert_close(found[0][1], found[1][1])


def test_fresh_noise_differs_from_call_to_call_and_repeats_with_its_seed() -> None:
    network, (x, y) = _network(), _case()

    def losses(noise: str, seed: int = 0) -> list[float]:
        objective = SmoothedError(network, x, SIGMA, 2, seed=seed, chunk=8, noise=noise)  # type: ignore[arg-type]
        return [objective.value(y)[0].item() for _ in range(3)]

    assert len(set(losses("fixed"))) == 1
    assert len(set(losses("fresh"))) == 3
    assert losses("fresh") == losses("fresh")
    assert losses("fresh") != losses("fresh", seed=1)


def test_independent_noise_is_unbiased_where_the_same_noise_climbs_the_spread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For f(z) = z² in one dimension, g = y² + σ², ∇‖g − x‖² = 2(g − x)·2y and
    tr Cov = 2σ⁴ + 4y²σ², whose gradient is 8yσ²: with M = 1 the same noise adds all of it."""
    y, x, sigma, draws = 0.7, 0.2, 0.5, 40_000
    truth = torch.full((draws, 1, 1, 1), x)
    point = torch.full((draws, 1, 1, 1), y)

    def rowwise(measurement: Tensor, numbers: range, *, sigma: float, seed: int, stream: str = "") -> Tensor:
        """Each image its own noise, so that one call gives as many independent gradients."""
        generator = torch.Generator().manual_seed(seed)
        return (measurement + sigma * torch.randn(measurement.shape, generator=generator)).unsqueeze(1)

    for module in (smoothed, stream):
        monkeypatch.setattr(module, "noisy_copies", rowwise)
    pure = 2 * (y**2 + sigma**2 - x) * 2 * y
    for noise, expected in (("independent", pure), ("fresh", pure + 8 * y * sigma**2)):
        objective = SmoothedError(torch.square, truth, sigma, 1, seed=3, chunk=draws, noise=noise)  # type: ignore[arg-type]
        gradients = objective.value_and_gradient(point)[1].double().flatten()
        error = 5 * gradients.std().item() / math.sqrt(draws)
        assert gradients.mean().item() == pytest.approx(expected, abs=error)
    assert 8 * y * sigma**2 > 10 * error, "the case must tell the two apart"


def test_averaged_is_the_mean_of_values_and_of_gradients() -> None:
    network, (x, y) = _network(), _case()
    averaged = Averaged(SmoothedError(network, x, SIGMA, 1, seed=0, chunk=8, noise="fresh"), 3)
    single = SmoothedError(network, x, SIGMA, 1, seed=0, chunk=8, noise="fresh")
    calls = [single.value_and_gradient(y) for _ in range(3)]
    loss, gradient = averaged.value_and_gradient(y)
    torch.testing.assert_close(loss, sum(call[0] for call in calls) / 3)
    torch.testing.assert_close(gradient, sum(call[1] for call in calls) / 3)


@pytest.mark.parametrize("bad", [{"samples": 0}, {"chunk": 0}, {"sigma": -1.0}])
def test_impossible_parameters(bad: dict[str, float]) -> None:
    settings = {"sigma": 0.1, "samples": 1, "seed": 0, "chunk": 1, **bad}
    with pytest.raises(ValueError, match="smoothed objective needs"):
        SmoothedError(torch.tanh, torch.zeros(1, 1, 1, 1), **settings)  # type: ignore[arg-type]

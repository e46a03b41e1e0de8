from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Generator

import pytest
import torch
from torch import Tensor, nn

from core.base.errors import UserError
from core.networks.unet import UNet
from core.runtime.engine import Engine, choose_device
from core.runtime.fusion import ConvLeakyReLU, fused


def _busy_network() -> UNet:
    """Random weights and batch statistics far from their initial values."""
    torch.manual_seed(0)
    network = UNet()
    nn.init.normal_(network.head.weight, std=0.3)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.5)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 2.0)
            nn.init.normal_(module.bias, std=0.5)
    return network.eval()


def test_fusing_keeps_the_function_and_removes_all_batch_norm(generator: torch.Generator) -> None:
    network = _busy_network().double()
    joined = fused(network)
    gone = (nn.BatchNorm2d, nn.LeakyReLU)
    assert not any(isinstance(module, gone) for module in joined.modules())
    y = torch.randn(2, 3, 32, 32, generator=generator, dtype=torch.float64)
    # With gradients the two usual calls run, in float64 too.
    torch.testing.assert_close(joined(y), network(y), rtol=1e-10, atol=1e-10)
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules()), "a copy is fused"


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_one_call_equals_the_two_usual_ones(layout: torch.memory_format, generator: torch.Generator) -> None:
    torch.manual_seed(0)
    convolution, activation = nn.Conv2d(8, 5, 3, padding=1), nn.LeakyReLU(0.2)
    joined = ConvLeakyReLU(convolution, activation)
    features = torch.randn(3, 8, 20, 24, generator=generator).contiguous(memory_format=layout)
    with torch.no_grad():
        one = joined(features)
        joined.one_call = False
        two = joined(features)
        exact = activation.double()(convolution.double()(features.double()))
    torch.testing.assert_close(one.double(), exact, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(two.double(), exact, rtol=1e-5, atol=1e-6)


def test_exact_is_float32_and_fast_stays_close(generator: torch.Generator) -> None:
    network = _busy_network()
    estimator = Engine("cpu", "bfloat16").prepare(network)
    y = torch.randn(2, 3, 32, 32, generator=generator)
    expected = network.double()(y.double())
    torch.testing.assert_close(estimator.exact(y).double(), expected, rtol=1e-4, atol=1e-4)
    fast = estimator.fast(y)
    assert fast.dtype == torch.float32
    relative = (fast.double() - expected).norm() / (expected - y.double()).norm()
    assert 1e-6 < relative < 3e-2


def test_gradients_pass_through_the_fast_path(generator: torch.Generator) -> None:
    network = _busy_network()
    y = torch.randn(1, 3, 32, 32, generator=generator)
    gradients = []
    for precision in ("float32", "bfloat16"):
        point = y.clone().requires_grad_(True)
        Engine("cpu", precision).prepare(network).fast(point).square().sum().backward()
        gradients.append(point.grad.flatten())
    assert torch.cosine_similarity(*gradients, dim=0) > 0.99


def test_auto_takes_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for measured in ("float32", "bfloat16"):
        engine = Engine("cpu")
        monkeypatch.setitem(engine.__dict__, "measured_precision", measured)
        assert engine.resolve("auto") == measured
        assert engine.resolve("float32") == "float32"
    assert Engine("cpu", "float32").resolve("auto") == "float32"


def test_the_real_timing_names_one_of_both() -> None:
    """Itself, not what a machine remembers of it."""
    assert Engine("cpu")._measure_precision() in ("float32", "bfloat16")


def test_slower_bfloat16_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds, expected in (({0: 1.0, 1: 0.5}, "bfloat16"), ({0: 1.0, 1: 0.95}, "float32")):
        engine = Engine("cpu")
        turns = itertools.cycle([0, 1])
        monkeypatch.setattr(Engine, "_time", lambda *_, s=seconds, t=turns: s[next(t)])
        assert engine._measure_precision() == expected


def test_work_runs_on_workers_of_one_thread_and_errors_come_back() -> None:
    engine = Engine("cpu", "float32", threads=2)
    numbers = {engine.do(threading.get_ident) for _ in range(20)}
    assert len(numbers) <= 2
    assert threading.get_ident() not in numbers
    inside = engine.do(lambda: (threading.get_ident(), engine.do(threading.get_ident)))
    assert inside[0] == inside[1], "from inside it must not wait"
    with pytest.raises(UserError, match="choose"):
        engine.do(lambda: engine.resolve("float8"))


def test_nobody_has_a_team() -> None:
    """Teams wait for each other inside every operation; a busy machine makes each wait long."""
    engine = Engine("cpu", "float32", threads=3)
    engine.do(lambda: torch.randn(64, 64, 64).exp().sum())
    assert engine.do(torch.get_num_threads) == 1
    assert torch.get_num_threads() == 1
    counts: list[int] = []
    other = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert counts == [1]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_values_and_gradients_do_not_depend_on_the_number_of_workers(
    precision: str, generator: torch.Generator
) -> None:
    network = _busy_network()
    y = torch.randn(13, 3, 160, 160, generator=generator)
    found = []
    for threads in (1, 2, 5):
        engine = Engine("cpu", precision, threads=threads)
        fast = engine.prepare(network, precision).fast
        point = y.clone().requires_grad_(True)

        def both(fast: Callable[[Tensor], Tensor] = fast, point: Tensor = point) -> tuple[Tensor, Tensor]:
            output = fast(point)
            return output.detach(), torch.autograd.grad(output.square().sum(), point)[0]

        found.append(engine.do(both))
    for other in found[1:]:
        assert torch.equal(other[0], found[0][0])
        assert torch.equal(other[1], found[0][1])


def test_pieces_compute_the_function_and_its_gradient(generator: torch.Generator) -> None:
    """Against the network itself, whole, in float64."""
    network = _busy_network()
    y = torch.randn(12, 3, 160, 160, generator=generator)
    engine = Engine("cpu", "float32", threads=2)
    estimator = engine.prepare(network)
    point = y.clone().requires_grad_(True)
    weights = torch.randn(12, 3, 160, 160, generator=generator)
    (found,) = engine.do(lambda: torch.autograd.grad(estimator.exact(point), point, weights))
    exact = y.double().requires_grad_(True)
    output = network.double()(exact)
    (expected,) = torch.autograd.grad(output, exact, weights.double())
    torch.testing.assert_close(estimator.exact(y).double(), output.detach(), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found.double(), expected, rtol=1e-3, atol=1e-3)


def test_driven_generators_return_and_close_on_workers() -> None:
    engine = Engine("cpu", "float32")
    seen: list[str] = []

    def steps() -> Generator[int, None, str]:
        try:
            for number in range(3):
                seen.append(threading.current_thread().name)
                yield number
            return "done"
        finally:
            seen.append(threading.current_thread().name)

    driven = engine.drive(steps())
    assert [next(driven) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(StopIteration) as stop:
        next(driven)
    assert stop.value.value == "done"
    cut = engine.drive(steps())
    next(cut)
    cut.close()
    assert len(seen) == 6
    assert all(name.startswith("worker") for name in seen)


def test_unknown_device_and_precision() -> None:
    with pytest.raises(UserError, match="choose one of"):
        choose_device("abacus")
    with pytest.raises(UserError, match="choose one of"):
        Engine("cpu", "float8")
    with pytest.raises(UserError, match="choose one of"):
        Engine("cpu").resolve("float8")

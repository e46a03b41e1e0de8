from __future__ import annotations

import itertools
import threading
from collections.abc import Generator

import pytest
import torch
from torch import nn

from core.engine import THREADS, Engine, choose_device
from core.errors import UserError
from core.fusion import ConvLeakyReLU, fused
from core.networks.unet import UNet


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


def test_work_runs_on_one_thread_of_its_own_and_errors_come_back() -> None:
    engine = Engine("cpu", "float32")
    numbers = {engine.do(threading.get_ident) for _ in range(5)}
    assert len(numbers) == 1
    assert threading.get_ident() not in numbers
    assert engine.do(lambda: engine.do(threading.get_ident)) in numbers, "from inside it must not wait"
    with pytest.raises(UserError, match="choose"):
        engine.do(lambda: engine.resolve("float8"))


def test_only_the_engines_thread_has_a_team() -> None:
    engine = Engine("cpu", "float32")
    engine.do(lambda: torch.randn(64, 64, 64).exp().sum())
    assert engine.do(torch.get_num_threads) == THREADS
    assert torch.get_num_threads() == 1
    counts: list[int] = []
    other = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert counts == [1]


def test_driven_generators_return_and_close_on_that_thread() -> None:
    engine = Engine("cpu", "float32")
    seen: list[int] = []

    def steps() -> Generator[int, None, str]:
        try:
            for number in range(3):
                seen.append(threading.get_ident())
                yield number
            return "done"
        finally:
            seen.append(threading.get_ident())

    driven = engine.drive(steps())
    assert [next(driven) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(StopIteration) as stop:
        next(driven)
    assert stop.value.value == "done"
    cut = engine.drive(steps())
    next(cut)
    cut.close()
    assert len(seen) == 6
    assert set(seen) == {engine.do(threading.get_ident)}


def test_unknown_device_and_precision() -> None:
    with pytest.raises(UserError, match="choose one of"):
        choose_device("abacus")
    with pytest.raises(UserError, match="choose one of"):
        Engine("cpu", "float8")
    with pytest.raises(UserError, match="choose one of"):
        Engine("cpu").resolve("float8")

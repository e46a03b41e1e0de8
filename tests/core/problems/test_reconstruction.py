"""The networks, and the whole way from signal to reconstruction."""

from __future__ import annotations

import pytest
import torch

from core.networks import build
from core.networks.dpdnn import DPDNN
from core.networks.ista_net import ISTANetPlus
from core.problems import PROBLEMS
from core.problems.denoising import Denoising
from core.problems.linear import LinearInverse
from core.problems.sensing import BlockSensing
from core.runtime.engine import Engine

LINEAR = [problem for problem in PROBLEMS.values() if isinstance(problem, LinearInverse)]


def test_the_published_sizes_are_the_defaults() -> None:
    network = DPDNN()
    assert network.stages == 6
    assert [block[0].out_channels for block in network.encode] == [64] * 5
    sensing = ISTANetPlus()
    assert len(sensing.phases) == 20
    assert sensing.phases[0].enter.out_channels == 32
    # Published: 0.76 M parameters.
    assert 0.7e6 < sum(p.numel() for p in sensing.parameters()) < 0.8e6


@pytest.mark.parametrize(("height", "width"), [(32, 48), (33, 17), (96, 96)])
def test_dpdnn_takes_pictures_of_any_size(height: int, width: int) -> None:
    network = DPDNN((4, 4, 4, 4, 4), 2)
    torch.nn.init.normal_(network.head.weight, std=0.1)
    picture = torch.rand(2, 1, height, width)
    output = network(picture, Denoising())
    assert output.shape == picture.shape
    assert not torch.allclose(output, picture)


def test_a_stage_of_dpdnn_is_the_published_step(generator: torch.Generator) -> None:
    network = DPDNN((4, 4), 1)
    torch.nn.init.normal_(network.head.weight, std=0.1)
    with torch.no_grad():
        network.delta.fill_(0.2)
        network.eta.fill_(0.3)
    y = torch.rand(1, 1, 8, 8, generator=generator)
    v = y + network._correction(y)
    torch.testing.assert_close(network(y, Denoising()), 0.5 * v + 0.3 * y + 0.2 * y)


def test_an_untrained_ista_net_agrees_with_its_measurement(generator: torch.Generator) -> None:
    operator = BlockSensing(0.3)
    x = torch.rand(2, 1, 66, 33, generator=generator)
    estimate = ISTANetPlus(4, 3)(operator.A(x), operator)
    torch.testing.assert_close(operator.A(estimate), operator.A(x), rtol=1e-3, atol=1e-3)


def test_ista_net_is_told_the_ratio_and_sees_across_blocks(generator: torch.Generator) -> None:
    torch.manual_seed(0)
    network = ISTANetPlus(4, 2)
    for phase in network.phases:
        torch.nn.init.normal_(phase.leave.weight, std=0.1)
    assert not torch.allclose(
        network._steps(torch.full((1, 1), 0.1)), network._steps(torch.full((1, 1), 0.5))
    )
    operator = BlockSensing(0.3)
    x = torch.rand(1, 1, 33, 66, generator=generator)
    other = x.clone()
    other[..., 33:] = 1 - other[..., 33:]
    one, two = (network(operator.A(signal), operator) for signal in (x, other))
    assert (one - two)[..., 30:33].abs().max() > 1e-3


@pytest.mark.parametrize("problem", LINEAR, ids=lambda problem: problem.name)
def test_networks_see_the_measurement_of_the_point_with_its_noise(
    problem: LinearInverse, generator: torch.Generator
) -> None:
    """Z ↦ f(A z + b, A): b comes from the image's own seed, and a perturbation of z adds A of it."""
    own = {"sigma_b": 25.5} if "sigma_b" in problem.own else {}
    scenario = problem.scenario(**own)
    x = torch.rand(4, 1, 66, 66, generator=generator)
    observation = problem.observe(x, scenario, [1, 2, 3, 4])
    operator = problem.operator(scenario)
    assert observation.context == (operator,)
    assert torch.equal(observation.point, x)
    b = observation.measure(x) - operator.A(x)
    assert b.std().item() == pytest.approx(0.1 if own else 0.0, rel=0.02, abs=1e-9)
    xi = 0.1 * torch.randn(x.shape, generator=generator)
    torch.testing.assert_close(
        observation.measure(x + xi), operator.A(x) + operator.A(xi) + b, rtol=1e-4, atol=1e-5
    )
    alone = problem.observe(x[1:2], scenario, [2])
    torch.testing.assert_close(alone.measure(x[1:2]), observation.measure(x)[1:2])
    assert torch.equal(observation.wrap(lambda y, a: y)(x), observation.measure(x))


@pytest.mark.parametrize("problem", LINEAR, ids=lambda problem: problem.name)
def test_an_engine_can_prepare_it(problem: LinearInverse, generator: torch.Generator) -> None:
    torch.manual_seed(0)
    if problem.training.architecture == "dpdnn":
        network = build("dpdnn", widths=(8, 8, 8), stages=2)
        torch.nn.init.normal_(network.head.weight, std=0.05)
    else:
        network = build("ista_net_plus", width=8, phases=3)
        for phase in network.phases:
            torch.nn.init.normal_(phase.leave.weight, std=0.02)
    x = torch.rand(2, 1, 66, 66, generator=generator)
    observation = problem.observe(x, problem.scenario(), [1, 2])
    module = observation.wrap(network.eval())
    engine = Engine("cpu", threads=1)
    estimator = engine.behind(engine.prepare(network, "bfloat16"), observation.wrap)
    ours, theirs = (
        torch.autograd.grad(h(point).square().sum(), point)[0]
        for h in (estimator.exact, module)
        for point in [x.clone().requires_grad_(True)]
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
    with torch.no_grad():
        expected = module(x)
        torch.testing.assert_close(estimator.exact(x), expected, rtol=1e-3, atol=1e-4)
        fast = estimator.fast(x)
    assert fast.dtype == torch.float32
    assert 0 < (fast - expected).abs().mean() < 0.01

"""deepinv's physics as operators: a matrix is the oracle of the adapter, tomography one of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from core import attack
from core.base.errors import UserError
from core.base.options import option
from core.base.progress import finish
from core.experiment.run import run
from core.problems.linear import LinearInverse, LinearScenario
from core.problems.names import PREFIXES
from core.problems.physics import operator_of
from core.problems.tomography import IS_THERE, TomographyScenario, projections
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints

SIDE = 24
deepinv = pytest.mark.skipif(not IS_THERE, reason="needs pip install -r requirements-optional.txt (deepinv)")


@dataclass(frozen=True)
class MatrixScenario(LinearScenario):
    """A matrix (mx-…)."""

    checkpoint: str = option("mx-std", "The network that is smoothed.")


class Matrix:
    """A physics of a dense random matrix; its pseudo-inverse is NumPy's."""

    def __init__(self, rows: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.randn(rows, SIDE**2, generator=generator) / SIDE
        self.inverse = torch.from_numpy(np.linalg.pinv(self.weight.numpy()))

    def A(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.weight.T

    def A_adjoint(self, y: Tensor) -> Tensor:
        return (y @ self.weight).view(-1, 1, SIDE, SIDE)

    def A_dagger(self, y: Tensor) -> Tensor:
        return (y @ self.inverse.T).view(-1, 1, SIDE, SIDE)


@pytest.fixture
def signal(generator: torch.Generator) -> Tensor:
    return torch.rand(1, 1, SIDE, SIDE, generator=generator)


@pytest.fixture
def offered() -> Iterator[None]:
    yield
    PREFIXES.pop("mx", None)


@pytest.mark.usefixtures("offered")
def test_the_worst_perturbation_of_a_physics_is_found(signal: Tensor) -> None:
    """Of a pseudo-inverse: what A does not see is lost, and an e that A sees is kept whole."""
    physics = Matrix(100)
    operator = operator_of(physics, signal)
    assert operator.share == pytest.approx(100 / SIDE**2)
    problem = LinearInverse(
        name="matrix", title="A matrix", prefix="mx", scenario=MatrixScenario,
        operator=lambda scenario: operator, says=lambda scenario: "",
    )  # fmt: skip
    found = attack(lambda y, operator: operator.linear_estimate(y), signal, eps=5, problem=problem, steps=30)
    seen = (physics.inverse @ physics.weight).double().numpy()
    lost = seen @ signal.flatten().double().numpy() - signal.flatten().double().numpy()
    radius = SIDE * 5 / 255
    worst = (np.square(lost).sum() + radius**2) / SIDE**2  # the two are orthogonal
    assert found.after.item() == pytest.approx(worst, rel=1e-3)


def test_what_is_not_linear_or_has_another_adjoint_is_one_sentence(signal: Tensor) -> None:
    physics = Matrix(50)
    physics.A = lambda x: x.flatten(1).square()  # type: ignore[method-assign]
    with pytest.raises(UserError, match="not linear"):
        operator_of(physics, signal)
    physics = Matrix(50)
    physics.A_adjoint = lambda y: 2 * (y @ physics.weight).view(-1, 1, SIDE, SIDE)  # type: ignore[method-assign]
    with pytest.raises(UserError, match="not the adjoint"):
        operator_of(physics, signal)


@deepinv
def test_theirs_are_linear_and_have_their_adjoint(generator: torch.Generator) -> None:
    from deepinv.physics import BlurFFT, Tomography

    like = torch.rand(1, 1, 48, 48, generator=generator)
    for physics in (
        Tomography(angles=20, img_width=48, circle=False, normalize=True),
        BlurFFT((1, 48, 48), torch.ones(1, 1, 3, 3) / 9),
    ):
        assert operator_of(physics, like).A(like).isfinite().all()


@deepinv
def test_projections_are_scikit_images(generator: torch.Generator) -> None:
    from skimage.transform import radon

    x = torch.nn.functional.avg_pool2d(torch.rand(1, 1, 192, 192, generator=generator), 4)
    y = projections(10).A(x)[0, 0].numpy()
    theirs = radon(x[0, 0].numpy(), np.arange(10) * 18.0, circle=False)
    scale = y[:, 0].sum() / theirs[:, 0].sum()  # theirs is not of norm one
    middle = len(theirs) // 2 - len(y) // 2
    for angle in (0, 5):  # nothing is interpolated
        ours, other = y[:, angle], scale * theirs[middle : middle + len(y), angle]
        shifts = [
            np.abs(np.roll(ours[::sign], shift) - other).max() for sign in (1, -1) for shift in (-1, 0, 1)
        ]
        assert min(shifts) < 0.02 * np.abs(other).max()


@deepinv
def test_a_network_is_attacked_smoothed_and_certified(tmp_path: Path) -> None:
    scenario = TomographyScenario(checkpoint="ct-std", size=48, angles=10, samples=3, attack_steps=3)
    outcome = finish(run(scenario, Lab(Engine("cpu", "float32", threads=1), checkpoints.FOLDER)))
    pairs = [*outcome.baselines.values(), *outcome.networks.values()]
    assert all(pair.attacked.quality.psnr < pair.clean.quality.psnr for pair in pairs)
    assert outcome.networks["ct-std"].clean.quality.psnr > outcome.baselines["linear"].clean.quality.psnr
    assert outcome.chosen.attacked.estimate.picture.shape == (1, 1, 48, 48)

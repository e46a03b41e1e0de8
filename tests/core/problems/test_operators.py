"""Forward operators: adjoint, orthonormal rows, and what they are as matrices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.problems.denoising import Denoising
from core.problems.sensing import BLOCK, CORRELATION, RATIOS, BlockSensing
from core.problems.super_resolution import SuperResolution

OPERATORS = [
    Denoising(),
    *(BlockSensing(ratio, seed) for ratio in (*RATIOS, 0.25, 1.0) for seed in (0, 7)),
    SuperResolution(2),
    SuperResolution(4),
]
WITH_ORTHONORMAL_ROWS = [operator for operator in OPERATORS if not isinstance(operator, SuperResolution)]


def _signal(operator: object, generator: torch.Generator) -> Tensor:
    sides = (2 * BLOCK, 3 * BLOCK) if isinstance(operator, BlockSensing) else (24, 32)
    return torch.randn(2, 1, *sides, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_the_adjoint_is_the_adjoint(operator: BlockSensing, generator: torch.Generator) -> None:
    x = _signal(operator, generator)
    y = torch.randn(operator.A(x).shape, generator=generator, dtype=torch.float64)
    left, right = (operator.A(x) * y).sum(), (x * operator.adjoint(y)).sum()
    assert left.item() == pytest.approx(right.item(), rel=1e-10)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_it_is_linear(operator: BlockSensing, generator: torch.Generator) -> None:
    one, two = _signal(operator, generator), _signal(operator, generator)
    torch.testing.assert_close(operator.A(2 * one - 3 * two), 2 * operator.A(one) - 3 * operator.A(two))


@pytest.mark.parametrize("operator", WITH_ORTHONORMAL_ROWS, ids=str)
def test_rows_are_orthonormal(operator: BlockSensing, generator: torch.Generator) -> None:
    y = operator.A(_signal(operator, generator))
    torch.testing.assert_close(operator.A(operator.adjoint(y)), y)


def test_a_block_is_measured_by_its_own_pixels(generator: torch.Generator) -> None:
    operator = BlockSensing(0.1, seed=3)
    x = _signal(operator, generator)
    phi = operator.matrix(x).numpy()
    assert phi.shape == (109, 1089)
    measured = operator.A(x).numpy()
    for row in range(2):
        for column in range(3):
            block = x[1, 0, row * 33 : row * 33 + 33, column * 33 : column * 33 + 33].numpy().ravel()
            np.testing.assert_allclose(measured[1, :, row, column], phi @ block)


def test_matrices_come_from_the_seed_and_are_nested() -> None:
    like = torch.zeros(1, dtype=torch.float64)
    large, small = BlockSensing(0.4, 5).matrix(like), BlockSensing(0.2, 5).matrix(like)
    assert torch.equal(large[: len(small)], small)
    assert not torch.allclose(small, BlockSensing(0.2, 6).matrix(like))
    # The rows span what a Gaussian matrix of this seed spans.
    gaussian = np.random.default_rng(5).standard_normal((1089, 1089))[: len(small)]
    inside = gaussian @ small.numpy().T @ small.numpy()
    np.testing.assert_allclose(inside, gaussian, atol=1e-9)


@pytest.mark.parametrize(
    ("ratio", "rows"), [(0.1, 109), (0.2, 218), (0.25, 272), (0.3, 327), (0.4, 436), (0.5, 545)]
)
def test_rows_are_those_of_the_publications(ratio: float, rows: int) -> None:
    assert BlockSensing(ratio).rows == rows


def test_the_linear_estimate_is_the_best_linear_one(generator: torch.Generator) -> None:
    operator = BlockSensing(0.1)
    x = _signal(operator, generator)[:1, :, :33, :33]
    phi = operator.matrix(x).numpy()
    rows, columns = np.divmod(np.arange(1089), 33)
    apart = np.abs(rows[:, None] - rows) + np.abs(columns[:, None] - columns)
    prior = 0.06 * CORRELATION**apart + 0.25
    expected = prior @ phi.T @ np.linalg.inv(phi @ prior @ phi.T) @ (phi @ x.numpy().ravel())
    found = operator.linear_estimate(operator.A(x))
    np.testing.assert_allclose(found.numpy().ravel(), expected, atol=1e-9)
    torch.testing.assert_close(operator.A(found), operator.A(x))


def test_wrong_sizes_and_ratios_are_refused() -> None:
    with pytest.raises(ValueError, match="blocks of 33x33"):
        BlockSensing(0.2).A(torch.zeros(1, 1, 96, 96))
    with pytest.raises(ValueError, match="ratio"):
        BlockSensing(0.0)

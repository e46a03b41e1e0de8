r"""Compressed sensing block by block (``sun2024``, section 4; ``kulkarni2016``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.base.options import option
from core.base.seeds import derive
from core.problems import classical, controls
from core.problems.grid import Grid, Point
from core.problems.linear import LinearInverse, LinearScenario, Training

if TYPE_CHECKING:
    import torch
    from torch import Tensor

BLOCK = 33
"""Side of the blocks that are measured one by one (``kulkarni2016``)."""

RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Sensing ratios m/n of the training (``sun2024``, appendix B)."""

CORRELATION = 0.9
"""Of neighbouring pixels, in the prior of the linear estimate."""


@dataclass(frozen=True)
class BlockSensing:
    r"""Compressed sensing block by block: :math:`y_k = \Phi x_k`, :math:`\Phi \Phi^T = I`.

    Each block of 33x33 pixels (n = 1089) gives :math:`m = r n` values, rounded. Measurements
    have the shape ``(b, m, h/33, w/33)``. :math:`\Phi` is a Gaussian matrix with orthonormalised
    rows; matrices of one seed are nested: a smaller ratio takes the first rows.

    Args:
        ratio: r, in (0, 1].
        seed: of the Gaussian matrix.

    Raises:
        ValueError: if the ratio is out of range, or a signal's sides are not multiples of 33.
    """

    ratio: float
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1 or self.rows < 1:
            raise ValueError(f"the sensing ratio must lie in (0, 1], not {self.ratio}")

    @property
    def share(self) -> float:
        return self.rows / BLOCK**2

    @property
    def rows(self) -> int:
        """m, measured values of a block: 109, 218, 327, 436 and 545 for the ratios of the training."""
        return int(self.ratio * BLOCK**2 + 0.5)

    def matrix(self, like: Tensor) -> Tensor:
        """Phi ``(m, 1089)`` in the dtype and on the device of a tensor."""
        return _orthonormal(self.seed, like.dtype, str(like.device))[: self.rows]

    def A(self, signal: Tensor) -> Tensor:
        """Measure ``(b, 1, h, w)``: ``(b, m, h/33, w/33)``."""
        import torch

        with torch.autocast(signal.device.type, enabled=False):
            measured = self._blocks(signal) @ self.matrix(signal).T
        return measured.movedim(-1, 1)

    def adjoint(self, measurement: Tensor) -> Tensor:
        """``Phi^T`` of each block's measurement, put in its place."""
        return self._placed(measurement, self.matrix(measurement))

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        r"""Least mean squared error of a linear map, :math:`C \Phi^T (\Phi C \Phi^T)^{-1} y`.

        C is a prior covariance of neighbouring pixels that falls by :data:`CORRELATION` a pixel
        along each axis; ISTA-Net starts from such a map too, with C of its training blocks.
        """
        return self._placed(
            measurement, _linear(self.rows, self.seed, measurement.dtype, str(measurement.device))
        )

    def _placed(self, measurement: Tensor, matrix: Tensor) -> Tensor:
        """Each block's measurement times a matrix ``(m, 1089)``, put in its place."""
        import torch

        with torch.autocast(measurement.device.type, enabled=False):
            blocks = measurement.movedim(1, -1) @ matrix
        count, high, wide, _ = blocks.shape
        tiles = blocks.view(count, high, wide, BLOCK, BLOCK).transpose(2, 3)
        return tiles.reshape(count, 1, high * BLOCK, wide * BLOCK)

    def _blocks(self, signal: Tensor) -> Tensor:
        """``(b, h/33, w/33, 1089)``."""
        count, _, height, width = signal.shape
        if height % BLOCK or width % BLOCK:
            raise ValueError(f"{height}x{width} pixels do not divide into blocks of {BLOCK}x{BLOCK}")
        high, wide = height // BLOCK, width // BLOCK
        tiles = signal.reshape(count, high, BLOCK, wide, BLOCK).transpose(2, 3)
        return tiles.reshape(count, high, wide, BLOCK**2)


@lru_cache(maxsize=16)
def _linear(rows: int, seed: int, dtype: torch.dtype, device: str) -> Tensor:
    """The transposed map of :meth:`BlockSensing.linear_estimate`, ``(m, 1089)``."""
    import torch

    axis = CORRELATION ** np.abs(np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK)))
    # In squared units of [0, 1]: pixels about a mean that is itself unknown.
    covariance = torch.from_numpy(0.06 * np.kron(axis, axis) + 0.25)
    matrix = _orthonormal(seed, torch.float64, "cpu")[:rows]
    seen = matrix @ covariance
    estimate: Tensor = torch.linalg.solve(seen @ matrix.T, seen)
    return estimate.to(device, dtype)


@lru_cache(maxsize=8)
def _orthonormal(seed: int, dtype: torch.dtype, device: str) -> Tensor:
    """All 1089 rows: the first m span what the first m rows of the Gaussian matrix span."""
    import torch

    gaussian = np.random.default_rng(seed).standard_normal((BLOCK**2, BLOCK**2))
    # By torch, which keeps to a worker's one thread: NumPy's team of threads took 20 times as long on a
    # machine with other work.
    basis, triangle = torch.linalg.qr(torch.from_numpy(gaussian.T.copy()))
    rows: Tensor = (basis * triangle.diagonal().sign()).T
    return rows.contiguous().to(device, dtype)


@dataclass(frozen=True)
class SensingScenario(LinearScenario):
    """Compressed sensing (cs-…), levels in grey levels of 255."""

    newer = ("attack_on", "attack_samples", "attacked", "box")

    checkpoint: str = option("cs-smt-grad", "The network that is smoothed: base estimator f.")
    ratio: float = option(0.25, "Measured values per pixel, m/n.", controls.RATIO, low=0.01, high=1)


COMPRESSED_SENSING = LinearInverse(
    name="compressed_sensing",
    title="Compressed sensing",
    prefix="cs",
    examples=("cs-smt-grad",),
    scenario=SensingScenario,
    operator=lambda scenario: BlockSensing(scenario.ratio),
    published=True,
    document="sun2024",
    own=("ratio",),
    says=lambda scenario: (
        f"m/n = {scenario.ratio:g}, {BlockSensing(scenario.ratio).rows:,} of {BLOCK**2:,} values a block"
    ),
    table="inverse_problems",
    grid=Grid(
        settings=(0.1, 0.2, 0.3, 0.4),
        epses=(0.0, 1.0, 5.0, 7.0),
        sigmas=(0.0, 3.0, 8.0, 14.0, 21.0, 35.0, 45.0, 60.0),
        elsewhere=(0.0, 8.0, 21.0),
        # sun2024 does not print the three radii of its Table 1; ours are grey levels RMS.
        tables={
            "1": (Point(0.1, 1.0, 3.0), Point(0.1, 5.0, 21.0), Point(0.1, 7.0, 35.0)),
            "2": (Point(0.1, 5.0, 17.0, network="cs-jcb"), Point(0.1, 7.0, 25.0, network="cs-smt-adv")),
            "4": (Point(0.1, 5.0, 19.0, (50, 500, 1000)),),
        },
    ),
    multiple=BLOCK,
    training=Training(
        architecture="ista_net_plus",
        network={"width": 24, "phases": 8},
        crop=66,
        epsilon=2.0,
        drawn=lambda seed: {"ratio": float(np.random.default_rng(derive(seed, "ratio")).choice(RATIOS))},
        start_steps=5000,
        steps=600,
        # At 2e-3 the unrolled phases diverged.
        learning_rate=1e-3,
        clip=0.02,
        reduced="8 of 20 phases; 24 of 32 channels; crops of 66 pixels in batches of 16 of 64; S = 3 of 15; "
        "PGD-3 of 150 steps",
    ),
    classical=lambda scenario: {
        "pseudo-inverse": classical.pseudo_inverse,
        "linear": classical.linear,
        "tv": classical.total_variation,
    },
)

r"""Single-image super-resolution (thesis, section 4.1).

.. math:: y = \mathrm{standardise}(U D x)

with :math:`D` the bilinear downsampling by ``factor`` *with antialiasing* and :math:`U` the
bilinear interpolation back to the size of :math:`x`. Attack and smoothing noise act on
:math:`y`, which has the shape of :math:`x`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Self

from core.base.options import option
from core.pictures import images
from core.pictures.units import STANDARDISED
from core.problems import controls
from core.problems.grid import Grid
from core.problems.names import DENOISED, OWN, Identity, spelled
from core.problems.problem import Network, Observation, Problem
from core.problems.scenario import DEPLOYED, PhotoScenario, nearest_level

if TYPE_CHECKING:
    from torch import Tensor

FACTORS = (2, 4)
SIGMA_F = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 1.00)
EPS_REL = (0.01, 0.02, 0.05, 0.10, 0.20)
"""Levels of training with noise and with attacks (``patsatzi2023``, section 4.3)."""

SIGMA_GS = (
    0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2,
)  # fmt: skip
"""Smoothing noises to choose from (``patsatzi2023``, appendix A.4)."""


@dataclass(frozen=True)
class SuperResolution:
    """The forward operator for one integer ``factor`` (the thesis uses 2 and 4).

    Args:
        factor: by which pictures are smaller.
        reduction: the kernel that makes them so, ``bilinear`` or ``bicubic`` (Keys, a = -0.5).

    Raises:
        ValueError: if the factor is below 2, or a picture's sides are not multiples of it.
    """

    factor: int
    reduction: str = "bilinear"

    def __post_init__(self) -> None:
        if self.factor < 2:
            raise ValueError(f"the super-resolution factor must be at least 2, not {self.factor}")

    def downsample(self, pictures: Tensor) -> Tensor:
        """``D``: ``(b, c, h, w)`` to ``(b, c, h/factor, w/factor)``, antialiased."""
        from torch.nn.functional import interpolate

        height, width = pictures.shape[-2:]
        if height % self.factor or width % self.factor:
            raise ValueError(f"{height}x{width} pixels do not divide by {self.factor}")
        size = (height // self.factor, width // self.factor)
        return interpolate(pictures, size, mode=self.reduction, align_corners=False, antialias=True)

    def upsample(self, low: Tensor) -> Tensor:
        """``U``: interpolate ``(b, c, h, w)`` bilinearly to ``(b, c, factor h, factor w)``."""
        from torch.nn.functional import interpolate

        size = (low.shape[-2] * self.factor, low.shape[-1] * self.factor)
        return interpolate(low, size, mode="bilinear", align_corners=False)

    def A(self, signal: Tensor) -> Tensor:
        """The linear part ``U D`` of the measurement: ``(b, c, h, w)`` to the same shape."""
        return self.upsample(self.downsample(signal))

    def adjoint(self, measurement: Tensor) -> Tensor:
        """``D^T U^T`` of ``(b, c, h, w)``; for a linear map the vector–Jacobian product."""
        import torch

        origin = torch.zeros_like(measurement, requires_grad=True)
        with torch.enable_grad():
            (found,) = torch.autograd.grad(self.A(origin), origin, measurement)
        return found

    def measure(self, pictures: Tensor) -> Tensor:
        """Standardised measurement ``y`` of ``(b, 3, h, w)`` pictures in [0, 1]; same shape."""
        return STANDARDISED.encode(self.A(pictures))


def bilinear(measurement: Tensor) -> Tensor:
    """The trivial estimator: the measurement ``(b, c, h, w)`` itself."""
    return measurement


def bicubic(measurement: Tensor, factor: int) -> Tensor:
    r"""Bicubic interpolation as a *linear* map of the measurement, :math:`f(y) = C U^+ y`.

    :math:`U^+` is the pseudo-inverse of the bilinear interpolation :math:`U`, so that on a
    clean measurement the low-resolution picture is recovered exactly and :math:`f` is the
    textbook bicubic interpolation; on an attacked measurement it is what bicubic
    interpolation of the least-squares low-resolution picture gives. Both maps are separable,
    so :math:`f` is one matrix per axis.

    Args:
        measurement: ``(b, c, h, w)`` standardised.
        factor: of super-resolution.
    """
    height, width = measurement.shape[-2:]
    rows = _bicubic_matrix(factor, height).to(measurement)
    columns = _bicubic_matrix(factor, width).to(measurement)
    return rows @ measurement @ columns.T


@lru_cache(maxsize=16)
def _bicubic_matrix(factor: int, size: int) -> Tensor:
    """``C U^+`` along one axis, ``(size, size)`` in float64."""
    import torch
    from torch.nn.functional import interpolate

    low = size // factor
    # Row pictures (height 1): torch 2.13 gets antialiased columns of width 1 wrong. With
    # antialias it uses the textbook cubic (Keys, a = -0.5); enlarging has nothing to antialias.
    basis = torch.eye(low, dtype=torch.float64).view(low, 1, 1, low)
    bilinear, bicubic = (
        interpolate(basis, (1, size), mode=mode, align_corners=False, antialias=True).view(low, size).T
        for mode in ("bilinear", "bicubic")
    )
    matrix: Tensor = bicubic @ torch.linalg.pinv(bilinear)
    return matrix


def interpolations(factor: int) -> dict[str, Network]:
    """The estimators without weights by name."""
    return {"bilinear": bilinear, "bicubic": partial(bicubic, factor=factor)}


@dataclass(frozen=True)
class SuperResolutionScenario(PhotoScenario):
    """Super-resolution (sr-…), levels in standardised units.

    See :mod:`core.pictures.units`. The factor follows from the checkpoint.
    """

    newer = ("alpha", "whole")

    checkpoint: str = option("sr-x2-rs-0.10", "The network that is smoothed: base estimator f.")
    eps_rel: float = option(
        0.02,
        "Attack strength: RMS of the perturbation in standardised units.",
        controls.EPS_REL,
        low=0,
        high=2,
    )
    sigma_g: float = option(
        0.15, "Standard deviation of the smoothing noise.", controls.SIGMA_G, low=0, high=5
    )
    whole: bool = option(
        False,
        "The whole photo, at the shorter side that is asked for, instead of a 160×160 crop; up to 2 "
        "megapixels, which take minutes.",
        controls.WHOLE,
    )

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        if query.get("attack") == "smoothed":  # as it was called before attack_on
            query = {**query, "attack": "apgd", "attack_on": DEPLOYED}
        return super().from_query(query)

    def of_row(self, estimator: str) -> dict[str, Any]:
        """See :class:`Scenario`; keys of rows are older than the other fields, which are the thesis's."""
        names = ("factor", "eps_rel", "attack_steps", "keep", "sigma_g", "samples", "seed")
        unattacked = {"attack_steps": 0, "keep": ""} if self.eps_rel == 0 else {}
        made: dict[str, Any] = {} if self.attack == "pgd" or unattacked else {"attack": self.attack}
        if made and self.attacks_smoothed:
            made |= {"attack_samples": self.attack_samples}
        if made and self.attack_loss != "mse":
            made |= {"attack_loss": self.attack_loss}
        made |= {name: getattr(self, name) for name, usual in (("norm", "l2"), ("attack_region", ""))
                 if not unattacked and getattr(self, name) != usual}  # fmt: skip
        made |= {"whole": True} if self.whole else {}
        return {"estimator": estimator, **{name: getattr(self, name) for name in names}, **unattacked, **made}


class _SuperResolution(Problem):
    def side(self, scenario: SuperResolutionScenario) -> int:
        return images.LARGEST if scenario.whole else images.SIZE

    def sample(self, photo: images.Photo, scenario: SuperResolutionScenario) -> Tensor:
        if scenario.whole:
            return images.whole(photo, short_side=scenario.short_side)
        return super().sample(photo, scenario)

    def observe(self, x: Tensor, scenario: SuperResolutionScenario, seeds: Sequence[int]) -> Observation:
        return Observation(SuperResolution(scenario.factor).measure(x), self.space.encode(x))

    def baselines(self, scenario: SuperResolutionScenario) -> Mapping[str, Network]:
        return interpolations(scenario.factor)

    @property
    def apart(self) -> str:
        return "factor"

    def at(self, setting: float) -> SuperResolutionScenario:
        return SuperResolutionScenario(checkpoint=f"sr-x{setting:g}-rs-0.10")

    def company(self, estimator: str, setting: float, eps: float) -> dict[str, Any]:
        """See :class:`Problem`; one network is smoothed and others are compared with it: what is not trained
        with noise stands beside the usual one, in the place of a shipped one of its kind."""
        usual = f"sr-x{setting:g}-"
        beside = {
            "standard": f"{usual}std",
            "adversarial": f"{usual}adv-{spelled(nearest_level(EPS_REL, eps))}",
        }
        found = {"checkpoint": f"{usual}rs-0.10"}
        identity = Identity.read(estimator)
        if identity is not None and identity.to_smooth:
            found["checkpoint"] = estimator
        elif identity is not None:
            beside["added" if identity.unusual else identity.objective] = estimator
        return {**found, "compare": tuple(beside.values())}

    def setting(self, scenario: SuperResolutionScenario) -> str:
        return f"×{scenario.factor}"


SUPER_RESOLUTION = _SuperResolution(
    name="super_resolution",
    title="Super-resolution",
    prefix="sr",
    scenario=SuperResolutionScenario,
    names=rf"x(?P<factor>[24])-{DENOISED}(?P<literal>-literal)?({OWN}(?P<tag>[a-z0-9]{{1,20}}))?",
    examples=("sr-x2-std", "sr-x2-rs-0.10", "sr-x2-adv-0.02"),
    space=STANDARDISED,
    eps="eps_rel",
    sigma="sigma_g",
    without_weights="interpolation",
    document="patsatzi2023",
    table="super_resolution",
    # patsatzi2023, section 4.4
    grid=Grid(
        epses=(0.0, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2),
        sigmas=SIGMA_GS,
        selected=True,
        beside=tuple(f"sr-x{factor}-std" for factor in FACTORS),
        short_side=192,
    ),
)

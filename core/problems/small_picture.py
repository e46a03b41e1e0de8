r"""Super-resolution of the small picture itself, :math:`y = D x`, as published networks take it.

Where bicubic interpolation leaves [0, 1] it is clamped: y is a picture. It is not rounded to 8 bits.
Attack and smoothing noise act on the pixels of y, in grey levels, where the thesis's act on the enlarged
measurement :math:`U y` in standardised units. Our networks stand here as
:math:`y \mapsto f(U(y))`, see :mod:`core.networks.enlarged`; figures of the two problems are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from core.base.options import Control, Widget, option
from core.pictures import images
from core.pictures.units import GREY, STANDARDISED, Space
from core.problems import controls
from core.problems.grid import Grid
from core.problems.linear import LinearScenario
from core.problems.names import DENOISED, OWN, Identity, spelled
from core.problems.problem import Network, Observation, Problem
from core.problems.scenario import nearest_level
from core.problems.super_resolution import EPS_REL, FACTORS, SuperResolution

if TYPE_CHECKING:
    from torch import Tensor

    from core.pictures.metrics import Quality

STRIDE = 16
"""Our U-Nets take pictures whose sides are multiples of it."""

REDUCTION = Control("Reduced by", Widget.SEGMENTS)


@dataclass(frozen=True)
class SmallPictureScenario(LinearScenario):
    """Small picture (lr-…, published networks), levels in grey levels of 255 of its pixels."""

    image: str = option("astronaut", "Bundled photo by name, or a picture file.")
    checkpoint: str = option("lr-x2-rs-0.10", "The network that is smoothed: base estimator f.")
    size: int = option(
        images.SIZE, "Side of the crop, before it is reduced; the nearest that networks can take.",
        controls.SIZE, low=33, high=512,
    )  # fmt: skip
    eps: float = option(
        0.5, "Attack strength: RMS of the perturbation of the small picture in grey levels.", controls.EPS,
        low=0, high=255,
    )  # fmt: skip
    sigma: float = option(
        2.0, "Smoothing noise in grey levels of the small picture.", controls.SIGMA, low=0, high=255
    )
    reduction: str = option(
        "bicubic",
        "How the photo is made small: bicubic, as published networks know it, or bilinear, as ours do.",
        REDUCTION,
        choices=("bicubic", "bilinear"),
    )

    def of_row(self, estimator: str) -> dict[str, Any]:
        """See :class:`core.problems.scenario.Scenario`; an interpolation's name says no factor."""
        return {**super().of_row(estimator), "factor": self.factor}

    @property
    def operator(self) -> SuperResolution:
        """D, and its factor."""
        return SuperResolution(self.factor, self.reduction)


def enlarged(small: Tensor, factor: int, kind: str) -> Tensor:
    """Interpolation of ``(b, c, h, w)`` to ``(b, c, factor h, factor w)``; bicubic is Keys' with a = -0.5."""
    from torch.nn.functional import interpolate

    size = (small.shape[-2] * factor, small.shape[-1] * factor)
    return interpolate(small, size, mode=kind, align_corners=False, antialias=True)


class _SmallPicture(Problem):
    def side(self, scenario: SmallPictureScenario) -> int:
        multiple = math.lcm(STRIDE, scenario.factor)
        return max(1, round(scenario.size / multiple)) * multiple

    def observe(self, x: Tensor, scenario: SmallPictureScenario, seeds: Sequence[int]) -> Observation:
        return Observation(scenario.operator.downsample(x).clamp(0, 1), x)

    def baselines(self, scenario: SmallPictureScenario) -> Mapping[str, Network]:
        return {
            kind: partial(enlarged, factor=scenario.factor, kind=kind) for kind in ("bilinear", "bicubic")
        }

    def quality(self, picture: Tensor, truth: Tensor, scenario: Any, whose: str) -> Quality:
        """See :class:`Problem`; and PSNR on luma without the border, as published tables have it."""
        from core.pictures.metrics import luma_psnr

        luma = luma_psnr(picture, truth, border=scenario.factor).item()
        return replace(super().quality(picture, truth, scenario, whose), psnr_luma=luma)

    def at(self, setting: float) -> SmallPictureScenario:
        return SmallPictureScenario(checkpoint=f"lr-x{setting:g}-rs-0.10")

    def company(self, estimator: str, setting: float, eps: float) -> dict[str, Any]:
        """See :class:`Problem`; beside a network stand ours without a defence and trained against attacks."""
        usual = f"lr-x{setting:g}-"
        level = nearest_level(EPS_REL, eps / STANDARDISED.grey_levels(1.0))
        network = estimator if Identity.read(estimator) else f"{usual}rs-0.10"
        beside = (f"{usual}std", f"{usual}adv-{spelled(level)}")
        return {"checkpoint": network, "compare": tuple(name for name in beside if name != network)}

    def setting(self, scenario: SmallPictureScenario) -> str:
        return f"×{scenario.factor}, reduced by {scenario.reduction} interpolation"


SMALL_PICTURE = _SmallPicture(
    name="small_picture",
    title="Super-resolution, small picture",
    prefix="lr",
    scenario=SmallPictureScenario,
    names=rf"x(?P<factor>[2-8])(?=-)(-{DENOISED}(?P<literal>-literal)?)?({OWN}(?P<tag>[a-z0-9]{{1,20}}))?",
    examples=("lr-x2-std", "lr-x2-rs-0.10", "span-x2-ch48"),
    families=("span", "realesrgan", "animevideo"),
    space=Space("grey levels", "picture in [0, 1]", (0.0,) * 3, (1.0,) * 3, GREY),
    without_weights="interpolation",
    smooths_all=True,
    own=("factor", "reduction"),
    trained_in=STANDARDISED,
    grid=Grid(
        epses=(0.0, 0.25, 0.5, 1.0, 2.0),
        sigmas=(0.0, 1.0, 2.0, 4.0, 8.0),
        beside=tuple(f"lr-x{factor}-std" for factor in FACTORS),
        short_side=192,
    ),
)

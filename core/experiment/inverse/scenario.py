"""The scenario of denoising and compressed sensing: one photo, one measurement, one attack, one defence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from core.base.errors import UserError
from core.base.options import Options, option
from core.experiment import controls
from core.experiment.scenario import KEEPS
from core.pictures.units import GREY
from core.problems.blocks import BLOCK
from core.runtime import PRECISIONS
from core.zoo.names import CompressedSensingIdentity, DenoisingIdentity, Identity, InverseIdentity

ATTACKS = ("pgd", "apgd", "noise")


@dataclass(frozen=True)
class InverseScenario(Options):
    """What ``python -m core run`` computes for ``dn-…`` and ``cs-…``.

    Levels (``eps``, ``sigma``, ``sigma_b``) are in grey levels of 255: ``eps`` the RMS of the
    perturbation of the signal, the others standard deviations. The problem follows from the
    checkpoint's name.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    command: ClassVar[tuple[str, ...]] = ("python", "-m", "core", "run")
    always: ClassVar[tuple[str, ...]] = ("image", "checkpoint")

    image: str = option("camera", "Bundled photo by name, or a picture file; taken in grey.")
    short_side: int = option(
        192,
        "Shrink the photo to this shorter side before cropping; 0 keeps its size.",
        controls.VIEW_GREY,
        low=0,
        high=4096,
    )
    crop_x: float = option(0.5, "Place of the crop, left (0) to right (1).", controls.CROP_X, low=0, high=1)
    crop_y: float = option(0.5, "Place of the crop, top (0) to bottom (1).", controls.CROP_Y, low=0, high=1)
    size: int = option(
        96,
        "Side of the crop; compressed sensing takes the nearest multiple of 33.",
        controls.SIZE,
        low=33,
        high=512,
    )
    checkpoint: str = option("dn-smt-grad", "The network: dn-… denoises, cs-… senses compressively.")
    compare: tuple[str, ...] = option((), "Further networks of the same problem beside it.")
    sigma_b: float = option(
        15.0, "Measurement noise of denoising, in grey levels.", controls.SIGMA_B, low=0, high=50
    )
    ratio: float = option(
        0.25, "Measured values per pixel, m/n, of compressed sensing.", controls.RATIO, low=0.01, high=1
    )
    attack: str = option(
        "pgd",
        "pgd: projected gradient ascent; apgd: with momentum and steps that adapt, from zero; noise: "
        "Gaussian noise of the same norm.",
        controls.KIND,
        choices=ATTACKS,
    )
    eps: float = option(
        5.0,
        "Attack strength: RMS of the perturbation of the signal in grey levels.",
        controls.EPS,
        low=0,
        high=255,
    )
    attack_steps: int = option(
        10, "Gradient steps of the attack; those of pgd have length ε/4.", controls.STEPS, low=0, high=1000
    )
    keep: str = option(
        "best", "Result of pgd: the iterate of highest loss, or the final one.", controls.KEEP, choices=KEEPS
    )
    sigma: float = option(10.0, "Smoothing noise in grey levels.", controls.SIGMA, low=0, high=255)
    samples: int = option(
        50, "Noisy copies S of the smoothed estimate.", controls.SAMPLES_S, low=1, high=100_000
    )
    alpha: float = option(0.01, "Error probability of the certificate.", controls.ALPHA, low=1e-9, high=0.5)
    seed: int = option(
        0, "Seed of measurement noise, attack start and smoothing.", controls.SEED, low=0, high=2**31 - 1
    )
    precision: str = option(
        "auto",
        "Of attack gradients and smoothing samples; auto measures.",
        controls.PRECISION,
        choices=PRECISIONS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        identity = self.identity
        for other in self.compare:
            if identity_of(other).problem != identity.problem:
                raise UserError(
                    f"{other} and {self.checkpoint} solve different problems: compare networks of one."
                )

    @property
    def identity(self) -> InverseIdentity:
        """Of the checkpoint."""
        return identity_of(self.checkpoint)

    @property
    def problem(self) -> str:
        """``denoising`` or ``compressed_sensing``."""
        return self.identity.problem

    @property
    def networks(self) -> tuple[str, ...]:
        """The checkpoint, then those compared, each once."""
        return tuple(dict.fromkeys((self.checkpoint, *self.compare)))

    @property
    def side(self) -> int:
        """Side of the crop that is used."""
        if self.problem == DenoisingIdentity.problem:
            return self.size
        return max(1, round(self.size / BLOCK)) * BLOCK

    @property
    def radius(self) -> float:
        r"""L2 radius :math:`\varepsilon` of the perturbation, signals in [0, 1]."""
        return self.side * self.eps / GREY

    @property
    def certificate_ratio(self) -> float:
        r""":math:`\varepsilon/\sigma`, both as L2 norms in one unit; infinite without smoothing noise."""
        if self.sigma == 0:
            return 0.0 if self.eps == 0 else math.inf
        return self.side * self.eps / self.sigma

    def to_query(self) -> dict[str, str]:
        """URL query parameters; the network is always named, or a link would mean the best there is."""
        return {"checkpoint": self.checkpoint, **super().to_query()}

    def decisive(self) -> dict[str, Any]:
        """The fields that decide the result: what the problem does not use is left out."""
        found = super().decisive()
        del found["sigma_b" if self.problem == CompressedSensingIdentity.problem else "ratio"]
        return found


def identity_of(name: str) -> InverseIdentity:
    """The identity that a name of these problems spells.

    Raises:
        UserError: if it is another problem's name, or none.
    """
    found = Identity.parse(name)
    if not isinstance(found, InverseIdentity):
        raise UserError(f"{name} does not denoise or sense compressively: take dn-ord or cs-ord.")
    return found


"""What an evaluation computes: groups of rows, each group one task.

A group is a batch of photos under one attack on one estimator, scored for every smoothing
noise asked for. Its fields decide its rows' figures, and so their keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.base.errors import UserError
from core.base.options import key_of
from core.experiment.scenario import Scenario
from core.problems.names import BASELINES, SuperResolutionIdentity

EPS_RELS = (0.0, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2)
"""Attack strengths of the thesis's evaluation (section 4.4 and appendix A.4)."""

SIGMA_GS = (
    0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2,
)  # fmt: skip
"""Smoothing noises to choose from (thesis, appendix A.4)."""


@dataclass(frozen=True)
class Settings:
    """What all groups of an evaluation share: the thesis's protocol by default (section 4.4).

    The attack is PGD-L2 on the base network, steps of a quarter of the radius, random start;
    of its iterates the one of highest loss counts.

    Raises:
        UserError: if a value is out of its range, see :class:`core.experiment.scenario.Scenario`.
    """

    eps_rels: tuple[float, ...] = EPS_RELS
    sigma_gs: tuple[float, ...] = SIGMA_GS
    samples: int = 50
    attack_steps: int = 10
    keep: str = "best"
    seed: int = 0
    precision: str = "float32"
    device: str = "cpu"
    batch: int = 10

    def __post_init__(self) -> None:
        for name in ("eps_rels", "sigma_gs"):  # what is asked twice is computed once
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        if self.batch < 1:
            raise UserError(f"A task of {self.batch} photos is empty: give a batch of at least 1.")
        for eps_rel in self.eps_rels:
            Scenario(
                eps_rel=eps_rel,
                samples=self.samples,
                attack_steps=self.attack_steps,
                keep=self.keep,
                seed=self.seed,
            )
        for sigma_g in self.sigma_gs:
            Scenario(sigma_g=sigma_g)


@dataclass(frozen=True)
class Target:
    """An estimator to evaluate: a checkpoint with its digest, or a linear baseline.

    Attributes:
        name: a checkpoint's name, ``bilinear`` or ``bicubic``.
        factor: super-resolution factor.
        digest: of the checkpoint's file; empty for a baseline.
    """

    name: str
    factor: int
    digest: str = ""

    @property
    def objective(self) -> str:
        """``standard``, ``smoothing``, ``adversarial`` or ``interpolation``."""
        return (
            "interpolation" if self.name in BASELINES else SuperResolutionIdentity.parse(self.name).objective
        )

    @property
    def level(self) -> float:
        """sigma_f or eps_rel of the training; 0 where there is none."""
        return 0.0 if self.name in BASELINES else SuperResolutionIdentity.parse(self.name).level

    @property
    def residual(self) -> bool:
        """Whether the network has the global skip; True for a baseline."""
        return self.name in BASELINES or SuperResolutionIdentity.parse(self.name).residual


@dataclass(frozen=True)
class Group:
    """One task: some photos, one estimator, one attack, several smoothing noises.

    ``images`` are (file name, digest) pairs; a ``sigma_g`` of 0 is the base estimator.
    """

    target: Target
    split: str
    images: tuple[tuple[str, str], ...]
    eps_rel: float
    sigma_gs: tuple[float, ...]
    settings: Settings

    @property
    def name(self) -> str:
        """Unique and readable: the name of the group's part in the store."""
        return (
            f"{self.target.name}-x{self.target.factor}-{self.split}-{self.eps_rel:g}-"
            f"{key_of({'keys': self.keys()})[:12]}"
        )

    @property
    def forwards(self) -> int:
        """Smoothing samples times images: what most of its time goes to."""
        return len(self.images) * sum(self.settings.samples if s > 0 else 1 for s in self.sigma_gs)

    def identity(self, image: tuple[str, str], sigma_g: float) -> dict[str, object]:
        """Everything that decides one row's figures."""
        s, attacked = self.settings, self.eps_rel > 0
        return {
            "estimator": self.target.name,
            "factor": self.target.factor,
            "digest": self.target.digest,
            "image": image[1],
            "eps_rel": self.eps_rel,
            "attack_steps": s.attack_steps if attacked else 0,
            "keep": s.keep if attacked else "",
            "sigma_g": sigma_g,
            "samples": s.samples if sigma_g > 0 else 1,
            "seed": s.seed,
            "precision": s.precision,
            "device": s.device,
        }

    def keys(self) -> list[str]:
        """Keys of its rows: by image, then by smoothing noise."""
        return [key_of(self.identity(image, s)) for image in self.images for s in self.sigma_gs]


def groups(
    target: Target,
    split: str,
    images: Sequence[tuple[str, str]],
    settings: Settings,
    sigma_gs: dict[float, tuple[float, ...]],
) -> Iterator[Group]:
    """All groups of one estimator on one split.

    Args:
        target: the estimator.
        split: ``validation`` or ``test``.
        images: (file name, digest) of each photo, in order.
        settings: attack strengths, samples, seed and the rest.
        sigma_gs: smoothing noises by attack strength.
    """
    for eps_rel in settings.eps_rels:
        for first in range(0, len(images), settings.batch):
            batch = tuple(images[first : first + settings.batch])
            yield Group(target, split, batch, eps_rel, sigma_gs[eps_rel], settings)

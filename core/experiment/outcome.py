"""What one run produces: pictures, figures, norms, and the JSON object of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.experiment.scenario import Scenario
from core.pictures import units
from core.pictures.metrics import Quality


@dataclass(frozen=True)
class Perturbation:
    r"""An attack's result on one photo.

    Attributes:
        made_on: name of the network, ``smoothed`` (the smoothed estimate itself), or of an attack that asks
            none: ``noise``.
        values: ``(1, 3, h, w)`` standardised, on the CPU.
        asked: the radius :math:`\varepsilon`.
        reached: :math:`\|e\|_2`.
        losses: objective after 0, 1, … steps (mean squared error, standardised units); none
            if no network was asked.
        notice: what figures of this attack must be shown with, if anything: see
            :mod:`core.attacks.search`.
    """

    made_on: str
    values: Tensor
    asked: float
    reached: float
    losses: tuple[float, ...]
    notice: str = ""


@dataclass(frozen=True)
class Estimate:
    """A picture ``(1, 3, h, w)`` in [0, 1], on the CPU, and its quality against the truth."""

    picture: Tensor
    quality: Quality


@dataclass(frozen=True)
class Pair:
    """An estimator's clean and attacked estimate, and the perturbation that attacked it."""

    clean: Estimate
    attacked: Estimate
    perturbation: Perturbation


@dataclass(frozen=True)
class Smoothed:
    """A smoothed estimate with its Monte-Carlo spread.

    Attributes:
        estimate: the average of k predictions.
        deviation: ``(1, 3, h, w)`` standard deviation of *one* prediction in [0, 1] units;
            the average's own standard error is this over ``sqrt(k)``.
    """

    estimate: Estimate
    deviation: Tensor


@dataclass(frozen=True)
class Outcome:
    """Everything one run produced.

    Attributes:
        truth: ``(1, 3, 160, 160)`` picture.
        measurement: ``(1, 3, 160, 160)`` standardised clean measurement y.
        networks: base estimates by network name, in the scenario's order.
        baselines: the same for ``bilinear`` and ``bicubic``, each under its own attack.
        smoothed: the smoothed estimate of ``scenario.checkpoint``, under what is made on it.
        clean_smoothed, attacked_smoothed: the same with their Monte-Carlo spread.
        digests: checkpoint digest by network name.
        seconds: wall time by stage; a stage found in memory takes none.
    """

    scenario: Scenario
    photo_digest: str
    device: str
    precision: str
    dimension: int
    truth: Tensor
    measurement: Tensor
    networks: dict[str, Pair]
    baselines: dict[str, Pair]
    smoothed: Pair
    clean_smoothed: Smoothed
    attacked_smoothed: Smoothed
    digests: dict[str, str]
    seconds: dict[str, float]

    @property
    def interpolation(self) -> float:
        """PSNR in dB of the better interpolation, attacked itself: what costs no training."""
        return max(pair.attacked.quality.psnr for pair in self.baselines.values())

    @property
    def base(self) -> Pair:
        """The smoothed network's own base estimates."""
        return self.networks[self.scenario.checkpoint]

    @property
    def notices(self) -> dict[str, str]:
        """What the figures must be shown with, by the estimator whose attack it is about."""
        pairs = (*self.networks.values(), self.smoothed, *self.baselines.values())
        return {
            pair.perturbation.made_on: pair.perturbation.notice for pair in pairs if pair.perturbation.notice
        }

    def attacked_measurement(self, perturbation: Perturbation) -> Tensor:
        """``y + e`` as a clamped picture ``(1, 3, h, w)``."""
        return units.to_picture(self.measurement + perturbation.values)

    def to_dict(self) -> dict[str, Any]:
        """The object that ``python -m core run --json`` prints."""
        e, e_base = self.smoothed.perturbation, self.base.perturbation
        rows = {name: pair.clean.quality for name, pair in self.baselines.items()}
        rows |= {f"{name}_attacked": pair.attacked.quality for name, pair in self.baselines.items()}
        rows |= {
            "clean_base": self.base.clean.quality,
            "clean_smoothed": self.smoothed.clean.quality,
            "adv_base": self.base.attacked.quality,
            "adv_smoothed": self.smoothed.attacked.quality,
        }
        return {
            "scenario": self.scenario.to_dict(),
            "key": self.scenario.key(),
            "device": self.device,
            "precision": self.precision,
            "norms": {
                "norm": "L2",
                "units": "standardised",
                "dimension": self.dimension,
                "asked": e.asked,
                "reached": e.reached,
                "grey_levels": units.grey_levels(self.scenario.eps_rel),
                "made_on": e.made_on,
                "base": {"reached": e_base.reached, "made_on": e_base.made_on},
            },
            "metrics": {name: quality.to_dict() for name, quality in rows.items()},
            "compare": {
                name: {
                    "clean_base": pair.clean.quality.to_dict(),
                    "adv_base": pair.attacked.quality.to_dict(),
                    "reached": pair.perturbation.reached,
                }
                for name, pair in self.networks.items()
                if name != self.scenario.checkpoint
            },
            "notices": self.notices,
            "photo_digest": self.photo_digest,
            "checkpoint_digests": self.digests,
            "seconds": self.seconds,
        }

"""What one run of denoising or compressed sensing produces, and the JSON object of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.certificates.confidence import NONE, largest_ratio
from core.certificates.reconstructions import Draws
from core.experiment.inverse.scenario import InverseScenario
from core.experiment.outcome import Estimate, Pair
from core.pictures.units import GREY


@dataclass(frozen=True)
class Smoothing:
    """A network smoothed around what it received.

    Attributes:
        draws: discrepancies of the S reconstructions.
        mean: their average.
        median: the draw whose discrepancy is the empirical median.
        bound: certified discrepancy at the scenario's ``eps`` (one unit); ``inf``: none.
        as_published: the published number, **not a bound**; ``inf``: none.
    """

    draws: Draws
    mean: Estimate
    median: Estimate
    bound: float
    as_published: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; null where there is no bound."""
        return {
            "median": self.draws.median,
            "certified": _none(self.bound),
            "as_published_mixed_units_not_a_bound": _none(self.as_published),
        }


@dataclass(frozen=True)
class NetworkOutcome:
    """One network: base estimates and perturbation, smoothed around the clean and the attacked input.

    Attributes:
        published: the draw around the attacked input that the published algorithm returns (mixed
            units); None where it returns none.
    """

    pair: Pair
    clean: Smoothing
    attacked: Smoothing
    published: Estimate | None

    def metrics(self) -> dict[str, dict[str, float]]:
        """Quality of every estimate."""
        found = {
            "clean_base": self.pair.clean,
            "clean_smoothed": self.clean.mean,
            "adv_base": self.pair.attacked,
            "adv_smoothed": self.attacked.mean,
            "adv_median": self.attacked.median,
        }
        if self.published is not None:
            found["adv_published"] = self.published
        return {name: estimate.quality.to_dict() for name, estimate in found.items()}


@dataclass(frozen=True)
class InverseOutcome:
    r"""Everything one run produced.

    Attributes:
        truth: ``(1, 1, h, w)`` picture x.
        signal: ``(1, 1, h, w)``: :math:`z_0 = x + A^T b`; for denoising the measurement itself.
        networks: by name, ``scenario.checkpoint`` first.
        baseline: the operator's linear estimate, under its own attack.
        digests: checkpoint digest by network name.
        seconds: wall time by stage; a stage found in memory takes none.
    """

    scenario: InverseScenario
    photo_digest: str
    device: str
    precision: str
    truth: Tensor
    signal: Tensor
    networks: dict[str, NetworkOutcome]
    baseline: Pair
    digests: dict[str, str]
    seconds: dict[str, float]

    @property
    def dimension(self) -> int:
        """d, pixels of the signal."""
        return self.truth.numel()

    @property
    def chosen(self) -> NetworkOutcome:
        """That of ``scenario.checkpoint``."""
        return self.networks[self.scenario.checkpoint]

    @property
    def certifiable_eps(self) -> float:
        """The largest RMS perturbation, in grey levels, that these samples can certify."""
        s = self.scenario
        if s.sigma == 0:
            return 0.0
        return max(0.0, s.sigma * largest_ratio(s.samples, s.alpha) / math.sqrt(self.dimension))

    @property
    def notices(self) -> dict[str, str]:
        """What the figures must be shown with, by the estimator whose attack it is about."""
        made = [*(found.pair.perturbation for found in self.networks.values()), self.baseline.perturbation]
        return {e.made_on: e.notice for e in made if e.notice}

    def attacked_signal(self, network: str) -> Tensor:
        """``z_0 + ξ`` for a network's perturbation, clamped to [0, 1]."""
        return (self.signal + self.networks[network].pair.perturbation.values).clamp(0.0, 1.0)

    def to_dict(self) -> dict[str, Any]:
        """The object that ``python -m core run --json`` prints."""
        s, e = self.scenario, self.chosen.pair.perturbation
        baseline = {
            "linear": self.baseline.clean.quality.to_dict(),
            "linear_attacked": self.baseline.attacked.quality.to_dict(),
        }
        return {
            "scenario": s.to_dict(),
            "key": s.key(),
            "problem": s.problem,
            "device": self.device,
            "precision": self.precision,
            "norms": {
                "norm": "L2",
                "units": "signal in [0, 1]",
                "dimension": self.dimension,
                "asked": e.asked,
                "reached": e.reached,
                "grey_levels": s.eps,
                "made_on": e.made_on,
            },
            "smoothing": {
                "sigma_grey_levels": s.sigma,
                "sigma": s.sigma / GREY,
                "ratio": _none(s.certificate_ratio),
                "alpha": s.alpha,
                "certifiable_grey_levels": self.certifiable_eps,
            },
            "metrics": {**baseline, **self.chosen.metrics()},
            "discrepancy": {
                "clean": self.chosen.clean.to_dict(),
                "attacked": self.chosen.attacked.to_dict(),
            },
            "compare": {
                name: {
                    **found.metrics(),
                    "reached": found.pair.perturbation.reached,
                    "discrepancy": found.attacked.to_dict(),
                }
                for name, found in self.networks.items()
                if name != s.checkpoint
            },
            "notices": self.notices,
            "photo_digest": self.photo_digest,
            "checkpoint_digests": self.digests,
            "seconds": self.seconds,
        }


def _none(value: float) -> float | None:
    return None if value == NONE else value

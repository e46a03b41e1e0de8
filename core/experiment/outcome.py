"""What one run produces: pictures, figures, norms, and the JSON object of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.attacks.terms import LEVELS, NORMS
from core.certificates.confidence import NONE, largest_ratio
from core.certificates.reconstructions import Draws
from core.pictures import metrics
from core.pictures.metrics import Quality
from core.problems.scenario import PhotoScenario, Scenario

SAID = {
    "clean_base": "base f, clean",
    "clean_smoothed": "smoothed ĝ, clean",
    "adv_base": "base f, attacked",
    "adv_smoothed": "smoothed ĝ, attacked",
    "adv_median": "median of the draws, attacked",
    "adv_published": "published draw, attacked",
}
"""Estimates of the smoothed network in words, as the pages call them, by their keys in JSON."""


@dataclass(frozen=True)
class Perturbation:
    r"""An attack's result on one photo.

    Attributes:
        made_on: name of the network, ``smoothed`` (the smoothed estimate itself), or of an attack that asks
            none: ``noise``.
        values: ``(1, c, h, w)`` in the problem's space, on the CPU.
        asked: the radius :math:`\varepsilon`.
        reached: :math:`\|e\|` in the norm that bounds it.
        losses: objective after 0, 1, … steps (mean squared error in the problem's space); none
            if no network was asked.
        notice: what figures of this attack must be shown with, if anything: see
            :mod:`core.attacks.search`.
        attempt: of an attack that is several, which one found it.
    """

    made_on: str
    values: Tensor
    asked: float
    reached: float
    losses: tuple[float, ...]
    notice: str = ""
    attempt: str = ""


@dataclass(frozen=True)
class Estimate:
    """A picture ``(1, c, h, w)`` in [0, 1], on the CPU, and its quality against the truth."""

    picture: Tensor
    quality: Quality


@dataclass(frozen=True)
class Pair:
    """An estimator's clean and attacked estimate, and the perturbation that attacked it."""

    clean: Estimate
    attacked: Estimate
    perturbation: Perturbation


@dataclass(frozen=True)
class Smoothing:
    """A network smoothed around one point.

    Attributes:
        estimate: the average of the draws.
        deviation: ``(1, c, h, w)`` standard deviation of *one* draw in [0, 1] units; the average's own
            standard error is this over the root of their number.
        draws: discrepancies of the draws to the base network's output at the point.
        median: the draw whose discrepancy is the empirical median.
        bound: certified discrepancy at the scenario's ε (one unit); ``inf``: none.
        as_published: the published number, **not a bound**; ``inf``: none.
    """

    estimate: Estimate
    deviation: Tensor
    draws: Draws
    median: Estimate
    bound: float
    as_published: float

    def to_dict(self) -> dict[str, Any]:
        """Discrepancies, JSON-ready; null where there is no bound."""
        return {
            "median": self.draws.median,
            "certified": _none(self.bound),
            "as_published_mixed_units_not_a_bound": _none(self.as_published),
        }


@dataclass(frozen=True)
class Smoothed:
    """A smoothed network.

    Attributes:
        perturbation: what it faces: made on itself, on its base network, or on another.
        clean, attacked: around the clean and the attacked point.
        published: the draw around the attacked point that the published algorithm returns (mixed units);
            None where it returns none.
    """

    perturbation: Perturbation
    clean: Smoothing
    attacked: Smoothing
    published: Estimate | None

    @property
    def pair(self) -> Pair:
        """The estimates as those of any estimator."""
        return Pair(self.clean.estimate, self.attacked.estimate, self.perturbation)


@dataclass(frozen=True)
class Outcome:
    """Everything one run produced.

    Attributes:
        truth: ``(1, c, h, w)`` picture.
        point: ``(1, c, h, w)`` in the problem's space: what perturbation and noise are added to.
        networks: base estimates by network name, in the scenario's order.
        baselines: the same of the estimators without weights, each under its own attack.
        smoothed: the smoothed networks by name, each under what is made on it.
        averaged: the baselines smoothed around their attacked points, with the scenario's noise and draws. Of
            a linear one it is the attacked estimate, up to the noise of the draws' mean.
        received: what is measured under attack, as a picture, by the estimator that receives it: a network,
            a baseline, or a :func:`core.problems.scenario.smoothed_name`.
        digests: checkpoint digest by network name.
        seconds: wall time by stage; a stage found in memory takes none.
    """

    scenario: PhotoScenario
    photo_digest: str
    device: str
    precision: str
    truth: Tensor
    point: Tensor
    networks: dict[str, Pair]
    baselines: dict[str, Pair]
    smoothed: dict[str, Smoothed]
    averaged: dict[str, Estimate]
    received: dict[str, Tensor]
    digests: dict[str, str]
    seconds: dict[str, float]

    @property
    def dimension(self) -> int:
        """d, values of the point that the attack may change."""
        return self.scenario.dimension(self.point, self.truth)

    @property
    def chosen(self) -> Smoothed:
        """The smoothed network of ``scenario.checkpoint``."""
        return self.smoothed[self.scenario.checkpoint]

    @property
    def base(self) -> Pair:
        """Its own base estimates."""
        return self.networks[self.scenario.checkpoint]

    @property
    def without_weights(self) -> float:
        """PSNR in dB of the best baseline, attacked itself: what costs no training."""
        return max(pair.attacked.quality.psnr for pair in self.baselines.values())

    @property
    def certifiable(self) -> float:
        """The largest ε, as a level of the problem's space, that these samples can certify."""
        s = self.scenario
        if s.sigma_level == 0:
            return 0.0
        return max(0.0, s.sigma_level * largest_ratio(s.samples, s.alpha) / math.sqrt(self.dimension))

    @property
    def notices(self) -> dict[str, str]:
        """What the figures must be shown with, by the estimator whose attack it is about."""
        smoothed = [found.pair for found in self.smoothed.values()]
        pairs = (*self.networks.values(), *smoothed, *self.baselines.values())
        return {
            pair.perturbation.made_on: pair.perturbation.notice for pair in pairs if pair.perturbation.notice
        }

    def to_dict(self) -> dict[str, Any]:
        """The object that ``python -m core run --json`` prints."""
        s, space = self.scenario, self.scenario.problem.space
        e, e_base = self.chosen.perturbation, self.base.perturbation
        rows = {name: pair.clean.quality.to_dict() for name, pair in self.baselines.items()}
        rows |= {f"{name}_attacked": pair.attacked.quality.to_dict() for name, pair in self.baselines.items()}
        rows |= {f"{name}_smoothed": found.quality.to_dict() for name, found in self.averaged.items()}
        return {
            "scenario": s.to_dict(),
            "key": s.key(),
            "problem": s.problem.name,
            "device": self.device,
            "precision": self.precision,
            "norms": {
                "norm": NORMS[s.norm],
                "units": space.values,
                "dimension": self.dimension,
                "asked": e.asked,
                "reached": e.reached,
                "grey_levels": space.grey_levels(s.eps_level),
                "made_on": e.made_on,
                "base": {"reached": e_base.reached, "made_on": e_base.made_on},
            },
            "smoothing": {
                "sigma": space.noise(s.sigma_level),
                "sigma_grey_levels": space.grey_levels(s.sigma_level),
                "ratio": _none(certificate_ratio(s, self.dimension)),
                "alpha": s.alpha,
                "certifiable_grey_levels": space.grey_levels(self.certifiable),
            },
            "metrics": {**rows, **self._metrics(s.checkpoint)},
            "discrepancy": {"clean": self.chosen.clean.to_dict(), "attacked": self.chosen.attacked.to_dict()},
            "compare": {
                name: {**self._metrics(name), "reached": pair.perturbation.reached, **self._discrepancy(name)}
                for name, pair in self.networks.items()
                if name != s.checkpoint
            },
            "flip": self.flip,
            "notices": self.notices,
            "photo_digest": self.photo_digest,
            "checkpoint_digests": self.digests,
            "seconds": self.seconds,
        }

    @property
    def flip(self) -> dict[str, float]:
        """FLIP of the attacked pictures by estimator; none without its package."""
        pairs = {**self.baselines, **self.networks}
        pairs |= {f"smoothed {name}": found.pair for name, found in self.smoothed.items()}
        found = {name: metrics.flip(pair.attacked.picture, self.truth) for name, pair in pairs.items()
                 if metrics.has_flip()}  # fmt: skip
        return {name: each.mean().item() for name, each in found.items()}

    def lines(self) -> list[str]:
        """The same for people."""
        s, result = self.scenario, self.to_dict()
        norms, problem = result["norms"], s.problem
        level = f"{s.sigma_level:g} ({result['smoothing']['sigma_grey_levels']:.2f} grey levels)"
        rows = {SAID.get(key, key.replace("_", ", ")): row for key, row in result["metrics"].items()}
        for name, entry in result["compare"].items():
            rows |= {f"{name}, clean": entry["clean_base"], f"{name}, attacked": entry["adv_base"]}
            if "adv_smoothed" in entry:
                rows[f"{name}, smoothed, attacked"] = entry["adv_smoothed"]
        unit = f"grey levels {LEVELS[s.norm]}"
        return [
            f"{s.image}, {s.checkpoint}, {problem.setting(s)}, {self.device} {self.precision}; "
            f"ε = {norms['asked']:.4f} asked, {norms['reached']:.4f} reached "
            f"({norms['grey_levels']:.2f} {unit}), {problem.sigma} = {level}, {s.average} of "
            f"{s.samples}\n{s.attack_said}",
            f"{'':<32}{'PSNR':>9}{'SSIM':>9}{'MSE':>11}"
            + "  PSNR on luma, border cut" * ("psnr_luma" in next(iter(rows.values()))),
            *(
                f"{name:<32}{row['psnr']:>6.2f} dB{row['ssim']:>9.4f}{row['mse']:>11.6f}"
                + (f"{row['psnr_luma']:>8.2f} dB" if "psnr_luma" in row else "")
                for name, row in rows.items()
            ),
            *_discrepancies(result),
            *[f"FLIP, attacked: {', '.join(f'{name} {each:.4f}' for name, each in result['flip'].items())}"]
            * bool(result["flip"]),
            *(f"{name}: {notice}" for name, notice in self.notices.items()),
        ]

    def _metrics(self, name: str) -> dict[str, dict[str, float]]:
        """Quality of every estimate of a network."""
        pair, smoothed = self.networks[name], self.smoothed.get(name)
        found: dict[str, Estimate | None] = {"clean_base": pair.clean, "adv_base": pair.attacked}
        if smoothed is not None:
            found = {
                "clean_base": pair.clean,
                "clean_smoothed": smoothed.clean.estimate,
                "adv_base": pair.attacked,
                "adv_smoothed": smoothed.attacked.estimate,
                "adv_median": smoothed.attacked.median,
                "adv_published": smoothed.published,
            }
        return {key: estimate.quality.to_dict() for key, estimate in found.items() if estimate is not None}

    def _discrepancy(self, name: str) -> dict[str, Any]:
        return {"discrepancy": self.smoothed[name].attacked.to_dict()} if name in self.smoothed else {}


def _discrepancies(result: dict[str, Any]) -> list[str]:
    """One line a network: median and certified discrepancy; none where nothing can be certified."""
    reach = result["smoothing"]["certifiable_grey_levels"]
    lines = [
        f"discrepancy of one noisy output under attack (MSE; certified for ε ≤ {reach:.3f} grey levels RMS "
        "with these samples)"
    ]
    found = {result["scenario"]["checkpoint"]: result["discrepancy"]["attacked"]}
    found |= {
        name: entry["discrepancy"] for name, entry in result["compare"].items() if "discrepancy" in entry
    }
    for name, row in found.items():
        certified = "none" if row["certified"] is None else f"{row['certified']:.3e}"
        published = row["as_published_mixed_units_not_a_bound"]
        shown = "" if published is None else f", as published (mixed units, not a bound) {published:.3e}"
        lines.append(f"{name:<32}median {row['median']:.3e}, certified {certified}{shown}")
    return lines


def certificate_ratio(scenario: Scenario, dimension: int) -> float:
    r""":math:`\varepsilon/\sigma`, both as L2 norms in one unit; infinite without smoothing noise."""
    if scenario.sigma_level == 0:
        return 0.0 if scenario.eps_level == 0 else math.inf
    return math.sqrt(dimension) * scenario.eps_level / scenario.sigma_level


def _none(value: float) -> float | None:
    return None if value == NONE else value

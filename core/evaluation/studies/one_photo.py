"""Certificates of one photo for the page: what is kept of them, small enough to remember."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from core.base.progress import Progress
from core.certificates.draws import Draws
from core.certificates.pixels import Interval
from core.certificates.registry import intervals_of_mean, intervals_of_median
from core.evaluation.studies.case import Case, make_case
from core.evaluation.studies.certificates import Plan, certify_photo
from core.pictures.images import Photo
from core.problems.scenario import PhotoScenario
from core.runtime.session import Lab
from core.zoo import registry

MEAN, MEDIAN = "pixel_mean", "pixel_median"


@dataclass(frozen=True)
class Limits:
    """An interval picture in grey levels 0 to 255, uint8 ``(c, h, w)``, rounded outwards."""

    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, interval: Interval) -> Limits:
        """Of limits in [0, 1]: what holds for them holds for these."""
        lower, upper = np.floor(255.0 * interval.lower), np.ceil(255.0 * interval.upper)
        return cls(lower.clip(0, 255).astype(np.uint8), upper.clip(0, 255).astype(np.uint8))

    @property
    def width(self) -> float:
        """Mean of upper minus lower, grey levels."""
        return float((self.upper.astype(float) - self.lower).mean())


@dataclass(frozen=True)
class OnePhoto:
    """What :func:`certify_one` keeps.

    Attributes:
        rows, falsification: see :class:`core.evaluation.studies.certificates.Certified`.
        limits: interval pictures by certificate (:data:`MEAN`, :data:`MEDIAN`) and ``eps_rel``;
            radii without a certificate are not in it.
        forwards_per_second: of the sampling with all its statistics.
    """

    rows: pd.DataFrame
    falsification: pd.DataFrame
    limits: dict[tuple[str, float], Limits]
    forwards_per_second: float


def remembered(lab: Lab, photo: Photo, scenario: PhotoScenario, plan: Plan) -> OnePhoto | None:
    """What :func:`certify_one` found before, if the lab still knows it."""
    found: OnePhoto | None = lab.memory.get(_key(lab, photo, scenario, plan))
    return found


def certify_one(
    lab: Lab, photo: Photo, scenario: PhotoScenario, plan: Plan
) -> Generator[Progress, None, OnePhoto]:
    """Certify a photo and remember it; take each step with :meth:`core.runtime.engine.Engine.drive`.

    Args:
        lab: engine, checkpoints and memory.
        photo: what is measured.
        scenario: how, and which network is smoothed with what noise.
        plan: what to compute.

    Raises:
        UserError: see :func:`core.evaluation.studies.case.make_case`.
    """
    yield Progress("preparing", 0.0)
    case = make_case(lab, photo, scenario)
    certified = yield from certify_photo(case, plan, lab.memory, (scenario.key(),))
    found = OnePhoto(
        rows=certified.rows,
        falsification=certified.falsification,
        limits=_limits(certified.draws, case, plan),
        forwards_per_second=certified.draws.forwards_per_second,
    )
    size = sum(2 * limits.lower.nbytes for limits in found.limits.values()) + 2**20
    lab.memory.put(_key(lab, photo, scenario, plan), found, size)
    return found


def _limits(draws: Draws, case: Case, plan: Plan) -> dict[tuple[str, float], Limits]:
    ratios = [radius / case.sigma_g for radius, _ in plan.radii(case)]
    found = {}
    for name, intervals in ((MEAN, intervals_of_mean), (MEDIAN, intervals_of_median)):
        for ratio, interval in zip(ratios, intervals(draws, ratios, plan.alpha), strict=True):
            if interval is not None:
                found[name, ratio * case.sigma_g / case.radius(1.0)] = Limits.of(interval)
    return found


def _key(lab: Lab, photo: Photo, scenario: PhotoScenario, plan: Plan) -> tuple[object, ...]:
    digest = registry.describe(scenario.checkpoint, lab.folder).digest
    return ("certified", photo.digest, scenario.key(), digest, astuple(plan))

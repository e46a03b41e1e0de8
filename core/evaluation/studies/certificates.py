"""Certificates of one photo over a grid of radii, with what attacks reach beside them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any, TypeVar

import pandas as pd
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.base.options import key_of
from core.base.progress import Progress, retold
from core.base.seeds import derive
from core.certificates.center import CANDIDATES
from core.certificates.confidence import Floats
from core.certificates.draws import Design, Draws, discrepancies, draw, moving
from core.certificates.published import as_published_mixed_units_not_a_bound, falsify
from core.certificates.registry import BOUNDS, STATISTICS, Curve, curves, measured
from core.evaluation.studies.case import Case
from core.evaluation.studies.runner import keyed
from core.runtime.session import Memory
from core.smoothing.error import SmoothedError

Found = TypeVar("Found")

VERSION = 1
ATTACK = "apgd"
PUBLISHED_SAMPLES = 1000
PUBLISHED_ALPHA = 0.01
"""S and 1 − c of the paper (appendix C)."""


@dataclass(frozen=True)
class Plan:
    """What is certified, attacked and with how many samples.

    Attributes:
        ratios: radii as multiples of σ.
        eps_rels: further radii, as attack strengths: mostly beyond every certificate.
        attacked_ratios: of ``ratios``, those where attacks are run; all ``eps_rels`` are attacked.
        samples: S of the certificates.
        pilot: see :class:`core.certificates.draws.Design`.
        alpha: error probability of each certificate over all radii.
        measure: samples that a perturbation is measured with; what then lies above its bound is
            measured again with ``samples``, since a median of few draws is that of many plus noise.
        steps, attack_samples: of the attacks; M.
        seed: of everything random.
    """

    ratios: tuple[float, ...] = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
    eps_rels: tuple[float, ...] = (0.005, 0.02, 0.05)
    attacked_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    samples: int = 10_000
    pilot: int = 200
    alpha: float = 0.001
    measure: int = 200
    steps: int = 10
    attack_samples: int = 8
    seed: int = 0

    @classmethod
    def of_one_photo(
        cls, samples: int, *, alpha: float = 0.001, attack: bool = True, steps: int = 10, seed: int = 0
    ) -> Plan:
        """A plan for any number of samples that attacks at three radii and not more, so that it ends
        while somebody waits; without ``attack`` nothing is measured beside the bounds."""
        return cls(
            eps_rels=(0.005, 0.05) if attack else (),
            attacked_ratios=(1.0,) if attack else (),
            samples=samples,
            pilot=max(CANDIDATES, min(cls.pilot, samples // 5)),
            alpha=alpha,
            measure=100,
            steps=steps,
            seed=seed,
        )

    def radii(self, case: Case) -> list[tuple[float, bool]]:
        """(ε, whether it is attacked), increasing."""
        found = {ratio * case.sigma_g: ratio in self.attacked_ratios for ratio in self.ratios}
        found |= {case.radius(eps_rel): True for eps_rel in self.eps_rels}
        return sorted(found.items())


@dataclass(frozen=True)
class Certified:
    """What :func:`certify_photo` returns.

    Attributes:
        rows: one per certificate and radius.
        falsification: one per attacked radius and reading of the published number.
        draws: what the bounds are from, and interval pictures can be made of.
    """

    rows: pd.DataFrame
    falsification: pd.DataFrame
    draws: Draws


def certify_photo(
    case: Case, plan: Plan, memory: Memory | None = None, view: tuple[object, ...] = ()
) -> Generator[Progress, None, Certified]:
    """Draw once, certify every radius, attack some, yielding before every chunk or step.

    Args:
        case: photo and networks.
        plan: what to compute.
        memory: of draws and attacks, so that another α takes neither.
        view: what decides the crop of the photo, for the memory.
    """
    work = _Certification(case, plan, memory or Memory(), view)
    draws = yield from work.certified()
    radii = plan.radii(case)
    found = curves(draws, [radius / case.sigma_g for radius, _ in radii], alpha=plan.alpha)
    at_rest, reached = yield from work.reached()
    rows, refuted = [], []
    for place, (radius, _) in enumerate(radii):
        tried = reached.get(radius, [])
        notice = "; ".join(f"{a.name}: {a.notice}" for a in tried if a.notice)
        for name, curve in found.items():
            bound = float(curve.bounds[place])
            values = [(a.measured[name], a, plan.measure) for a in tried]
            if BOUNDS[name].certificate:
                for number, (value, attack, _) in enumerate(values):
                    if value > bound:
                        again = yield from work.again(radius, attack)
                        values[number] = again[name], attack, plan.samples
            value, worst, count = max(values, key=itemgetter(0), default=(float("nan"), None, plan.measure))
            rows.append({
                **work.columns(radius, name, curve, draws),
                "measure": count,
                "bound": bound,
                "width": float("nan") if curve.widths is None else float(curve.widths[place]),
                "clean": at_rest[name],
                "measured": value,
                "measured_attack": "" if worst is None else worst.name,
                "measured_norm": float("nan") if worst is None else worst.norm,
                "notice": notice,
            })  # fmt: skip
        refuted += [row for a in tried for row in work.refutations(radius, a, draws)]
    study = study_id(case, plan)
    return Certified(keyed(study, pd.DataFrame(rows)), keyed(study, pd.DataFrame(refuted)), draws)


@dataclass(frozen=True, eq=False)
class _Attacked:
    """One perturbation, what :func:`measured` says of it, and its discrepancies for both readings of c."""

    name: str
    notice: str
    norm: float
    measurement: Tensor
    measured: dict[str, float]
    fixed: Floats
    moving: Floats


class _Certification:
    def __init__(self, case: Case, plan: Plan, memory: Memory, view: tuple[object, ...]) -> None:
        self.case, self.plan, self.memory, self.view = case, plan, memory, view
        with torch.no_grad():
            self.still = case.base.fast(case.measurement)
        self.reference = case.problem.space.picture(self.still)

    def remembered(
        self, key: tuple[object, ...], make: Callable[[], Generator[Progress, None, Found]], size: int
    ) -> Generator[Progress, None, Found]:
        """What was made before with the same key, photo and network, or is made now."""
        case, plan = self.case, self.plan
        whole = (
            "certificates", case.image[1], *self.view, case.digests[case.checkpoint],
            case.sigma_g, case.device, case.precision, plan.seed, *key,
        )  # fmt: skip
        found: Found | None = self.memory.get(whole)
        if found is None:
            found = yield from make()
            self.memory.put(whole, found, size)
        return found

    def certified(self) -> Generator[Progress, None, Draws]:
        """The draws that everything is certified from."""
        plan, y = self.plan, self.case.measurement
        return (
            yield from self.remembered(
                ("draws", plan.samples, plan.pilot),
                lambda: self.draw("drawing samples", y, plan.samples, "certify", 0.0, 0.5),
                # Counts take 1,028 bytes a value of the picture, the rest far less.
                1_200 * y.numel() + 100 * plan.samples,
            )
        )

    def reached(self) -> Generator[Progress, None, tuple[dict[str, float], dict[float, list[_Attacked]]]]:
        """What is measured without an attack, and under attack by radius."""
        plan = self.plan
        attacked = [radius for radius, wanted in plan.radii(self.case) if wanted]

        def make() -> Generator[Progress, None, tuple[dict[str, float], dict[float, list[_Attacked]]]]:
            y = self.case.measurement
            clean = yield from self.draw("measuring", y, plan.measure, "measure", 0.5, 0.52)
            found = {}
            for place, radius in enumerate(attacked):
                found[radius] = yield from self.attack(radius, clean, 0.52 + 0.48 * place / len(attacked))
            return measured(clean, clean), found

        key = ("attacks", *attacked, plan.steps, plan.attack_samples, plan.measure)
        return (yield from self.remembered(key, make, 10 * self.case.truth.nbytes * (1 + len(attacked))))

    def draw(
        self, text: str, measurement: Tensor, samples: int, stream: str, low: float, high: float
    ) -> Generator[Progress, None, Draws]:
        """Samples at a measurement, from the same noise wherever ``stream`` is the same."""
        case, plan = self.case, self.plan
        pilot = plan.pilot if stream == "certify" else CANDIDATES  # no thresholds are needed to measure
        design = Design(case.sigma_g, samples, derive(plan.seed, stream), pilot, case.chunk)

        def pictures(points: Tensor) -> Tensor:
            return case.problem.space.picture(case.base.fast(points))

        return retold(
            draw(pictures, measurement, case.truth, self.reference, design, STATISTICS),
            lambda done: Progress(
                f"{text} {done} of {design.forwards}", low + (high - low) * done / design.forwards
            ),
        )

    def attack(self, radius: float, clean: Draws, share: float) -> Generator[Progress, None, list[_Attacked]]:
        """APGD on f, on ĝ, and on ĝ against the clean output, each measured with fresh noise."""
        case, plan = self.case, self.plan
        smoothed = {
            "smoothed": case.target,
            "displacement": self.still,
        }
        objectives: dict[str, BaseError | SmoothedError] = {"f": BaseError(case.base.fast, case.target)}
        for name, target in smoothed.items():
            objectives[name] = SmoothedError(
                case.base.fast, target, case.sigma_g, plan.attack_samples,
                seed=derive(plan.seed, "attack"), chunk=case.chunk,
            )  # fmt: skip
        found = []
        for name, objective in objectives.items():
            terms = Terms(radius, steps=plan.steps)
            for iterate in ATTACKS[ATTACK].iterates(objective, case.measurement, terms):
                yield Progress(f"attacking {name}, ε = {radius:.3g}", share)
                last = iterate
            norm = ball.norms(last.kept).item()
            moved = case.measurement + last.kept
            draws = yield from self.draw("measuring", moved, plan.measure, "measure", share, share)
            readings = [draws.of(make).values[0] for make in (discrepancies, moving)]
            found.append(
                _Attacked(f"{ATTACK} {name}", last.notice(), norm, moved, measured(draws, clean), *readings)
            )
        return found

    def again(self, radius: float, attacked: _Attacked) -> Generator[Progress, None, dict[str, float]]:
        """Measured on fresh draws, as many as the certificates': under the attack, and without it."""
        plan, text, count = self.plan, "measuring again", self.plan.samples

        def make() -> Generator[Progress, None, dict[str, float]]:
            moved = yield from self.draw(text, attacked.measurement, count, "again", 1.0, 1.0)
            still = yield from self.draw(text, self.case.measurement, count, "again", 1.0, 1.0)
            return measured(moved, still)

        key = ("again", attacked.name, radius, plan.steps, plan.attack_samples, count)
        return (yield from self.remembered(key, make, 2**10))

    def columns(self, radius: float, name: str, curve: Curve, draws: Draws) -> dict[str, Any]:
        """Everything that says what a row's bound is."""
        bound = BOUNDS[name]
        return {
            **self._scenery(radius),
            "certificate": name,
            "letter": bound.letter,
            "is_certificate": bound.certificate,
            "bounded": bound.bounded,
            "unit": bound.unit,
            "alpha": curve.alpha,
            "simultaneous": curve.simultaneous,
            "forwards_per_second": draws.forwards_per_second,
        }

    def refutations(self, radius: float, attacked: _Attacked, draws: Draws) -> Iterator[dict[str, Any]]:
        """The published number against one perturbation: c fixed, and c moving with it."""
        ratio = radius / self.case.sigma_g
        claimed = as_published_mixed_units_not_a_bound(
            draws.of(discrepancies).values[0, :PUBLISHED_SAMPLES], [ratio], alpha=PUBLISHED_ALPHA
        )[0]
        for reading, values in (("fixed", attacked.fixed), ("moving", attacked.moving)):
            result = falsify(float(claimed), values)
            yield {
                **self._scenery(radius),
                "attack": attacked.name,
                "notice": attacked.notice,
                "norm": attacked.norm,
                "reading": reading,
                "claimed": result.claimed,
                "median": result.median,
                "low": result.low,
                "high": result.high,
                "exceeded": result.exceeded,
            }

    def _scenery(self, radius: float) -> dict[str, Any]:
        case, plan = self.case, self.plan
        return {
            "version": VERSION,
            **case.columns(radius / case.radius(1.0), radius),
            "sigma": case.sigma,
            "samples": plan.samples,
            "radii": len(plan.radii(case)),
            "pilot": plan.pilot,
            "measure": plan.measure,
            "ratio": radius / case.sigma_g,
            "attack_steps": plan.steps,
            "attack_samples": plan.attack_samples,
            "seed": plan.seed,
        }


def study_id(case: Case, plan: Plan) -> str:
    """Hash of everything that decides the rows' figures."""
    return key_of({
        "version": VERSION, "image": case.image[1], "digest": case.digests[case.checkpoint],
        "sigma": case.sigma, **case.measured, "device": case.device, "precision": case.precision,
        **asdict(plan),
    })  # fmt: skip

"""Attack strength on one photo: every attempt scored on the deployed estimator with fresh noise.

The strongest attempt is chosen on one noise set (``select``) and reported on others
(``report``), none of which any attack has seen.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.registry import ATTACKS
from core.attacks.search import FORWARDS
from core.base.options import key_of
from core.base.progress import Progress
from core.base.seeds import derive
from core.evaluation.studies.attempts import BASE, CLEAN, SMOOTHED, Attempt, carry_out
from core.evaluation.studies.case import Case
from core.evaluation.studies.runner import keyed
from core.pictures.metrics import Quality

VERSION = 1
"""Raised when the protocol changes: rows of different versions have different keys."""


@dataclass(frozen=True)
class Protocol:
    """How attempts are scored.

    Attributes:
        samples: k of the deployed smoothed estimate.
        draws: independent noise sets that each attempt is reported on.
        seed: of everything random.
    """

    samples: int = 50
    draws: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Tables:
    """Tidy rows of one photo at one attack strength.

    Attributes:
        attacks: one row per attempt, tested estimator and noise set.
        paths: one row per attempt and iteration.
    """

    attacks: pd.DataFrame
    paths: pd.DataFrame


def study_photo(
    case: Case, eps_rel: float, attempts: Sequence[Attempt], protocol: Protocol
) -> Generator[Progress, None, Tables]:
    r"""Attack one photo in every way and score it, yielding before every step.

    Args:
        case: photo and networks.
        eps_rel: attack strength; 0 gives the clean rows, without any attempt.
        attempts: what to try.
        protocol: how to score.

    Raises:
        AssertionError: if a perturbation leaves the ball by more than :math:`10^{-5}` of its radius.
    """
    scenery = _scenery(case, eps_rel, protocol)
    tried: list[Attempt | None] = list(attempts) if eps_rel > 0 else [None]
    rows: list[dict[str, Any]] = []
    paths: list[dict[str, Any]] = []
    for place, attempt in enumerate(tried):
        name = attempt.name if attempt else CLEAN
        perturbation, notice, started = torch.zeros_like(case.measurement), "", time.perf_counter()
        if attempt is not None:
            for iterate in carry_out(attempt, case, eps_rel, protocol.seed):
                yield Progress(f"{name}, step {iterate.iteration}", place / len(tried))
                perturbation, notice = iterate.kept, iterate.notice()
                if not ATTACKS[attempt.attack].blind:
                    loss = float(iterate.loss)
                    paths.append({**_columns(attempt), "iteration": iterate.iteration, "loss": loss})
        seconds = time.perf_counter() - started
        reached = ball.norms(perturbation).item()
        yield Progress(f"scoring {name}", (place + 0.8) / len(tried))
        for scored in _scores(case, case.measurement + perturbation, protocol):
            rows.append(
                {
                    **_columns(attempt, bool(notice)),
                    "norm": reached,
                    "notice": notice,
                    "seconds": seconds,
                    **scored,
                }
            )
    attacks = _mark_chosen(pd.DataFrame([{**scenery, **row} for row in rows]))
    study = study_id(case, eps_rel, attempts, protocol)
    return Tables(keyed(study, attacks), keyed(study, pd.DataFrame([{**scenery, **row} for row in paths])))


def noise_seed(protocol: Protocol, noise_set: str, draw: int) -> int:
    """Seed of a scoring noise set; attacks derive theirs under other names."""
    return derive(protocol.seed, f"score {noise_set}", draw)


def _scores(case: Case, attacked: Tensor, protocol: Protocol) -> list[dict[str, Any]]:
    """The tested estimators on one attacked measurement: ĝ on every noise set, then networks."""
    found = []
    sets = [("select", 0), *(("report", draw) for draw in range(protocol.draws))]
    for noise_set, draw in sets:
        picture = case.smoothed(attacked, protocol.samples, noise_seed(protocol, noise_set, draw))
        found.append(_score(SMOOTHED, noise_set, draw, protocol.samples, case.quality(picture)))
    with torch.no_grad():
        for name, estimator in case.estimators.items():
            picture = case.problem.space.picture(estimator.exact(attacked))
            tested = BASE if name == case.checkpoint else name
            found.append(_score(tested, "none", 0, 1, case.quality(picture, name)))
    return found


def _score(tested: str, noise_set: str, draw: int, samples: int, quality: Quality) -> dict[str, Any]:
    return {
        "tested_on": tested,
        "noise_set": noise_set,
        "draw": draw,
        "samples": samples,
        **quality.to_dict(),
    }


def _columns(attempt: Attempt | None, searched: bool = False) -> dict[str, Any]:
    a = attempt or Attempt(CLEAN)
    forwards, gradients = a.compute
    forwards += FORWARDS * max(1, a.samples) if searched else 0
    return {
        "attempt": a.name,
        "attack": a.attack,
        "made_on": a.made_on,
        "attack_samples": a.samples,
        "attack_noise": a.noise,
        "start": a.start,
        "steps": a.steps,
        "keep": a.keep,
        "box": a.box,
        "forwards": forwards,
        "gradients": gradients,
    }


def _scenery(case: Case, eps_rel: float, protocol: Protocol) -> dict[str, Any]:
    """Columns that all rows share."""
    return {
        "version": VERSION,
        **case.columns(eps_rel, case.radius(eps_rel)),
        "others": " ".join(f"{n}:{d}" for n, d in sorted(case.digests.items()) if n != case.checkpoint),
        "sigma_g": case.sigma,
        "attacked_output": "unclamped",
        "company_effect": case.company_effect(),
        "seed": protocol.seed,
    }


def _mark_chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """``chosen``: rows of the attempt with the largest error on the selection noise, separately
    with and without the box. Noise and clean rows compete too: nothing is presumed weak."""
    selection = rows[(rows["tested_on"] == SMOOTHED) & (rows["noise_set"] == "select")]
    worst = selection.loc[selection.groupby("box")["mse"].idxmax(), "attempt"]
    return rows.assign(chosen=rows["attempt"].isin(set(worst)))


def study_id(case: Case, eps_rel: float, attempts: Sequence[Attempt], protocol: Protocol) -> str:
    """Hash of everything that decides the rows' figures, the list of attempts included."""
    return key_of({
        "version": VERSION, "image": case.image[1], "digests": case.digests, "smoothed": case.checkpoint,
        "sigma_g": case.sigma, "eps_rel": eps_rel, **case.measured,
        "device": case.device, "precision": case.precision,
        "attempts": [attempt.name for attempt in attempts] if eps_rel > 0 else [], **asdict(protocol),
    })  # fmt: skip

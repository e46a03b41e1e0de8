"""Digit networks on test digits: accuracy under attack, and certificates; rows into the store.

Both tables hold one row per digit and setting. A part of the work is a few digits (certificates)
or one network under one attack; a killed evaluation continues with the first part that is not
there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from core.attacks import registry
from core.attacks.ball import BALLS
from core.attacks.digits import KINDS, perturb
from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError, Objective
from core.base.options import key_of
from core.base.progress import PartDone
from core.base.seeds import derive
from core.certificates.classification import (
    ESTIMATION,
    SELECTION,
    certificate,
    count_votes,
)
from core.problems.digits.data import Digits
from core.problems.names import DigitsIdentity
from core.results.store import KEY, Store
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.stream import ATTACK_NOISE

ATTACKS = "digits_attacks"
CERTIFICATES = "digits_certificates"

RADII = {
    "clean": (0.0,),
    "sign": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
    "linf": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
    "l2": (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0),
}
"""Radii of each kind of attack, in pixel units; ``clean`` is none."""

STEPS = 20
DRAWS = 16
VOTES = 200
"""Steps of iterated attacks; noise draws in the gradient of a smoothed classifier; votes of its
answer under attack."""


def evaluate_attacks(
    lab: Lab, networks: Sequence[str], digits: Digits, store: Store, *, seed: int = 0
) -> Iterator[PartDone]:
    """Attack each network as it is deployed, with every kind and radius of :data:`RADII`.

    A network trained with noise is attacked and asked in its smoothed form, with its own sigma.
    """
    jobs = [(name, kind, radius) for name in networks for kind, radii in RADII.items() for radius in radii]
    for done, (name, kind, radius) in enumerate(jobs):
        _, digest = lab.network(name, "auto")
        where = (lab.engine.device, _precision(lab, name))
        how = (kind, radius, STEPS, DRAWS, VOTES, seed)
        keys = [_key(ATTACKS, digest, *how, *where, number) for number in digits.numbers.tolist()]
        part = key_of({"keys": keys})
        if not store.holds(part, keys):
            rows = lab.engine.do(
                lambda name=name, kind=kind, radius=radius: _attacked(  # type: ignore[misc]
                    lab, name, digits, kind, radius, seed
                )
            )
            store.put(part, pd.DataFrame({KEY: keys, **rows}))
        yield PartDone(done + 1, len(jobs), f"{name} {kind} {radius:g}")
    store.merge(["network", "attack", "epsilon", "number"])


def _attacked(lab: Lab, name: str, digits: Digits, kind: str, radius: float, seed: int) -> dict[str, Any]:
    estimator, digest = lab.network(name, "auto")
    identity = DigitsIdentity.parse(name)
    smoothed = identity.objective == "smoothing"
    attack, norm = KINDS.get(kind, (None, "l2"))
    device = lab.engine.device
    answers, norms, notices = [], [], []
    # Smoothing multiplies a picture by its draws.
    for places in torch.split(torch.arange(len(digits)), 32 if smoothed else 250):
        batch = digits.take(places)
        pictures, labels = batch.pictures.to(device), batch.labels.to(device)
        seeds = [derive(seed, f"attack {kind} {radius:g}", number) for number in batch.numbers.tolist()]
        perturbation = torch.zeros_like(pictures)
        if attack:
            if smoothed:
                objective: Objective = SmoothedError(
                    estimator.fast, labels, identity.level, DRAWS,
                    seed=seed, chunk=DRAWS * len(batch), loss=CROSS_ENTROPY, stream=ATTACK_NOISE,
                )  # fmt: skip
            else:
                objective = BaseError(estimator.exact, labels, CROSS_ENTROPY)
            last = perturb(objective, pictures, kind, radius, steps=STEPS, seeds=seeds)
            perturbation = last.kept
            notices += [last.notice(place) for place in range(len(batch))]
        attacked = pictures + perturbation
        if smoothed:
            answers += [
                _majority(estimator.fast, p, identity.level, s) for p, s in zip(attacked, seeds, strict=True)
            ]
        else:
            with torch.no_grad():
                answers += estimator.exact(attacked).argmax(1).tolist()
        norms += BALLS[norm].norms(perturbation).tolist()
    labels_list = digits.labels.tolist()
    return {
        "network": name,
        "digest": digest,
        "sigma": identity.level if smoothed else 0.0,
        "attack": kind,
        "epsilon": radius,
        "norm": norms,
        "notice": notices or "",
        "number": digits.numbers.tolist(),
        "label": labels_list,
        "answer": answers,
        "correct": [a == b for a, b in zip(answers, labels_list, strict=True)],
        "steps": registry.ATTACKS[attack].taken(STEPS) if attack else 0,
        "votes": VOTES if smoothed else 0,
        "seed": seed,
        "device": device,
        "precision": _precision(lab, name),
    }


def _majority(classifier: Any, picture: Tensor, sigma: float, seed: int) -> int:
    votes = count_votes(
        classifier, picture.unsqueeze(0), sigma=sigma, samples=VOTES, seed=seed, stream="answer", chunk=VOTES
    )
    return int(votes.argmax())


def evaluate_certificates(
    lab: Lab,
    networks: Sequence[str],
    sigmas: Sequence[float],
    digits: Digits,
    store: Store,
    *,
    n0: int = 100,
    n: int = 10_000,
    alpha: float = 0.001,
    seed: int = 0,
    together: int = 5,
) -> Iterator[PartDone]:
    """Certify every digit with every network and sigma (Cohen et al. 2019, section 4).

    A digit's noise is drawn once and scaled, so networks and sigmas are compared on the same
    draws; digits have noise of their own. The votes are those of
    :func:`core.certificates.classification.certify` with the digit's seed, :func:`seed_of`.
    """
    settings = list(dict.fromkeys((name, sigma) for name in networks for sigma in sigmas))
    stored = store.keys()
    where = (lab.engine.device, lab.engine.resolve("auto"))
    parts = torch.split(torch.arange(len(digits)), together)
    for done, places in enumerate(parts):
        rows: list[dict[str, Any]] = []
        for place in places:
            one = digits.take(place.view(1))
            number = int(one.numbers)
            keys = {
                (name, sigma): _key(
                    CERTIFICATES, lab.network(name, "auto")[1], sigma, n0, n, alpha, seed, *where, number
                )
                for name, sigma in settings
            }
            missing = [setting for setting in settings if keys[setting] not in stored]
            if missing:
                found = lab.engine.do(
                    lambda one=one, missing=missing: _certified(lab, missing, one, n0, n, alpha, seed)  # type: ignore[misc]
                )
                rows += [{KEY: keys[row["network"], row["sigma"]], **row} for row in found]
        if rows:
            store.put(key_of({"keys": [row[KEY] for row in rows]}), pd.DataFrame(rows))
        yield PartDone(done + 1, len(parts), f"{int(places[-1]) + 1} digits")
    store.merge(["network", "sigma", "number"])


def seed_of(seed: int, number: int) -> int:
    """The seed of one digit's certificate."""
    return derive(seed, "digit", number)


def _certified(
    lab: Lab,
    settings: Sequence[tuple[str, float]],
    digit: Digits,
    n0: int,
    n: int,
    alpha: float,
    seed: int,
    chunk: int = 250,
) -> list[dict[str, Any]]:
    picture = digit.pictures.to(lab.engine.device)
    number, label = int(digit.numbers), int(digit.labels)
    networks = {name: lab.network(name, "auto") for name, _ in settings}

    def every(noise: Tensor) -> Tensor:
        """Scores ``(b, settings, classes)`` of the digit under the same noise, scaled for each setting."""
        scores = [networks[name][0].fast(torch.add(picture, noise, alpha=sigma)) for name, sigma in settings]
        return torch.stack(scores, 1)

    selection, estimation = (
        count_votes(
            every, torch.zeros_like(picture), sigma=1.0, samples=samples, seed=seed_of(seed, number),
            stream=stream, chunk=chunk,
        )[0]
        for stream, samples in ((SELECTION, n0), (ESTIMATION, n))
    )  # fmt: skip
    rows = []
    for place, (name, sigma) in enumerate(settings):
        candidate = int(selection[place].argmax())
        found = certificate(candidate, estimation[place], sigma=sigma, alpha=alpha)
        rows.append(
            {
                "network": name,
                "digest": networks[name][1],
                "sigma": sigma,
                "number": number,
                "label": label,
                "answer": found.answer,
                "radius": found.radius,
                "correct": found.answer == label,
                "candidate": candidate,
                "votes": int(found.votes[candidate]),
                "p_lower": found.p_lower,
                "n0": n0,
                "n": n,
                "alpha": alpha,
                "seed": seed,
                "device": lab.engine.device,
                "precision": lab.engine.resolve("auto"),
            }
        )
    return rows


def _precision(lab: Lab, name: str) -> str:
    """A network by itself is attacked in float32; a smoothed one takes many more forwards."""
    smoothed = DigitsIdentity.parse(name).objective == "smoothing"
    return lab.engine.resolve("auto") if smoothed else "float32"


def _key(table: str, *identity: Any) -> str:
    return key_of({"table": table, "identity": list(identity)})

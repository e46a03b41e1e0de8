"""Does an attack get through inside a certified radius? The certificate's falsification.

For every certified digit the smoothed classifier is attacked with PGD in the L2 ball of its own
certified radius, from several starts and with noise of its own each. A digit counts as flipped if at
any end point the votes name another class with confidence (:func:`predict`'s test), so that a tie
of votes is not taken for a flip.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.digits import perturb
from core.attacks.losses import CROSS_ENTROPY
from core.base.options import key_of
from core.base.progress import PartDone
from core.base.seeds import derive
from core.certificates.classification import ABSTAIN, Certificate, Classifier, certify, predict
from core.evaluation.digits.evaluation import seed_of
from core.problems.digits.data import Digits
from core.problems.names import DigitsIdentity
from core.results.store import KEY, Store
from core.runtime.session import Lab
from core.smoothing.error import SmoothedError
from core.smoothing.stream import ATTACK_NOISE

TABLE = "digits_challenges"


def attack_inside(
    classifier: Classifier,
    picture: Tensor,
    found: Certificate,
    *,
    steps: int = 100,
    restarts: int = 5,
    draws: int = 32,
    votes: int = 1000,
    seed: int = 0,
) -> tuple[list[float], list[int], str]:
    """Attack the smoothed classifier inside a certified radius.

    Returns:
        Norms and answers of all end points, and what they must be shown with, if anything: see
        :mod:`core.attacks.search`.

    Args:
        classifier: the base classifier f.
        picture: ``(1, 1, 28, 28)``.
        found: its certificate, not abstaining.
        steps: of PGD, from each of the ``restarts``.
        restarts: random starts, each with its own noise.
        draws: noise draws in the gradient.
        votes: of the answer at an end point.
        seed: of everything.
    """
    target = torch.tensor([found.answer], device=picture.device)
    norms, answers, notice = [], [], ""
    for restart in range(restarts):
        own = derive(seed, "challenge", restart)
        attacked = perturb(
            SmoothedError(
                classifier, target, found.sigma, draws,
                seed=own, chunk=draws, loss=CROSS_ENTROPY, stream=ATTACK_NOISE,
            ),
            picture,
            "l2",
            found.radius,
            steps=steps,
            seeds=[derive(own, "start")],
            step=4.0 / steps,
        )  # fmt: skip
        notice = notice or attacked.notice()
        norms.append(ball.norms(attacked.kept).item())
        answers.append(
            predict(
                classifier, picture + attacked.kept, sigma=found.sigma, n=votes, alpha=found.alpha, seed=own
            )
        )
    return norms, answers, notice


def challenge(
    lab: Lab,
    network: str,
    digits: Digits,
    store: Store,
    *,
    wanted: int,
    n: int = 10_000,
    alpha: float = 0.001,
    steps: int = 100,
    restarts: int = 5,
    seed: int = 0,
) -> Iterator[PartDone]:
    """Certify digits and attack them inside their radius, until ``wanted`` certified ones are done."""
    classifier, digest = lab.network(network, "auto")
    sigma = DigitsIdentity.parse(network).level
    done = 0
    for place in range(len(digits)):
        if done == wanted:
            break
        one = digits.take(torch.tensor([place]))
        number = int(one.numbers)
        how = [sigma, n, alpha, steps, restarts, seed, lab.engine.device, lab.engine.resolve("auto")]
        key = key_of({"table": TABLE, "identity": [digest, *how, number]})
        if not store.holds(key, [key]):

            def work(one: Digits = one, number: int = number, key: str = key) -> pd.DataFrame | None:
                picture = one.pictures.to(lab.engine.device)
                own = seed_of(seed, number)
                *_, found = certify(classifier.fast, picture, sigma=sigma, n=n, alpha=alpha, seed=own)
                if found.abstained:
                    return None
                norms, answers, notice = attack_inside(
                    classifier.fast, picture, found, steps=steps, restarts=restarts, seed=own
                )
                return pd.DataFrame(
                    {
                        KEY: [key],
                        "network": network,
                        "digest": digest,
                        "sigma": sigma,
                        "number": number,
                        "label": int(one.labels),
                        "answer": found.answer,
                        "radius": found.radius,
                        "norm": max(norms),
                        "notice": notice,
                        "kept": sum(answer == found.answer for answer in answers),
                        "abstained": sum(answer == ABSTAIN for answer in answers),
                        "flipped": sum(answer not in (found.answer, ABSTAIN) for answer in answers),
                        "restarts": restarts,
                        "steps": steps,
                        "n": n,
                        "alpha": alpha,
                        "seed": seed,
                        "precision": lab.engine.resolve("auto"),
                    }
                )

            rows = lab.engine.do(work)
            if rows is None:
                continue
            store.put(key, rows)
        done += 1
        yield PartDone(done, wanted, f"test digit {number}")
    store.merge(["network", "number"])

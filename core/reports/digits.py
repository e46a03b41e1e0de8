"""What the store says about the digit networks: curves with intervals, and the claims they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.certificates.confidence import clopper_pearson_lower, clopper_pearson_upper
from core.evaluation.digits.challenge import TABLE as CHALLENGES
from core.evaluation.digits.evaluation import ATTACKS, CERTIFICATES
from core.results.store import Store

STEP = 0.05
"""Distance between the radii at which certified accuracy is given."""


def load() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Per-digit rows of attacks and of certificates; empty frames if nothing was evaluated."""
    return Store(ATTACKS).read(), Store(CERTIFICATES).read()


def proportion(successes: np.ndarray, trials: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, ...]:
    """Shares and their exact (Clopper–Pearson) two-sided intervals, elementwise."""
    tail = (1 - confidence) / 2
    low, high = (limit(successes, trials, tail) for limit in (clopper_pearson_lower, clopper_pearson_upper))
    return successes / trials, low, high


def accuracy_under_attack(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of digits answered rightly, with a 95 % interval over digits.

    Returns:
        ``network``, ``attack``, ``epsilon``, ``digits``, ``accuracy``, ``low``, ``high``. The clean
        accuracy stands at radius 0 of every attack.
    """
    by = ["network", "attack", "epsilon"]
    if not len(rows):
        return _shares(rows, by, "correct")
    attacked = rows[rows["attack"] != "clean"]
    clean = rows[rows["attack"] == "clean"]
    rows = pd.concat([attacked, *(clean.assign(attack=kind) for kind in attacked["attack"].unique())])
    return _shares(rows, by, "correct")


def certified_accuracy(rows: pd.DataFrame, radii: Sequence[float] | None = None) -> pd.DataFrame:
    """Share of digits whose right class is certified at a radius or more; abstentions count as errors.

    Returns:
        ``network``, ``sigma``, ``radius``, ``digits``, ``accuracy``, ``low``, ``high``.
    """
    if radii is None:
        largest = float(rows["radius"].max()) if len(rows) else 0.0
        radii = np.arange(0, largest + 2 * STEP, STEP).round(4).tolist()
    frames = [
        rows.assign(certified=rows["correct"] & (rows["radius"] >= at), radius=at)
        for at in radii
        if len(rows)
    ]
    return _shares(pd.concat(frames) if frames else rows, ["network", "sigma", "radius"], "certified")


def challenge_summary() -> dict[str, int]:
    """Attacks inside certified radii: ``digits``, ``attacks``, ``steps``, and digits ``flipped``."""
    rows = Store(CHALLENGES).read()
    if not len(rows):
        return {"digits": 0, "attacks": 0, "steps": 0, "flipped": 0}
    return {
        "digits": len(rows),
        "attacks": int(rows["restarts"].sum()),
        "steps": int(rows["steps"].min()),
        "flipped": int((rows["flipped"] > 0).sum()),
    }


def _shares(rows: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    if not len(rows):
        return pd.DataFrame(columns=[*by, "digits", "accuracy", "low", "high"])
    table = rows.groupby(by)[column].agg(["sum", "size"]).reset_index()
    share, low, high = proportion(table["sum"].to_numpy(), table["size"].to_numpy())
    return table[by].assign(digits=table["size"], accuracy=share, low=low, high=high)


def findings(attacks: pd.DataFrame, certificates: pd.DataFrame) -> list[dict[str, Any]]:
    """The claims about these networks, each with its figure from the store, or None if not evaluated.

    Returns:
        ``claim``, ``accuracy``, ``low``, ``high``, ``digits``, ``asked``, ``above`` (whether the
        accuracy must be at least, or below, what is asked) and ``holds``.
    """
    empty = pd.DataFrame(columns=["network"])
    under = accuracy_under_attack(attacks) if len(attacks) else empty
    certified = certified_accuracy(certificates, [0.5]) if len(certificates) else empty
    found = []
    for claim, is_certified, where, asked, above in _CLAIMS:
        table = certified if is_certified else under
        entry: dict[str, Any] = {"claim": claim, "asked": asked, "above": above}
        for column, value in where.items():
            table = table[table[column] == value] if len(table) else table
        if not len(table):
            found.append({**entry, "accuracy": None, "holds": False})
            continue
        row = table.iloc[0]
        accuracy = float(row["accuracy"])
        found.append(
            {
                **entry,
                "accuracy": accuracy,
                "low": float(row["low"]),
                "high": float(row["high"]),
                "digits": int(row["digits"]),
                "holds": accuracy >= asked if above else accuracy < asked,
            }
        )
    return found


_SIGN = {"attack": "sign", "epsilon": 0.2}
_CLAIMS: tuple[tuple[str, bool, dict[str, Any], float, bool], ...] = (
    ("digits-std, clean", False, {"network": "digits-std", "attack": "sign", "epsilon": 0.0}, 0.985, True),
    ("digits-std, one signed step of ε = 0.2", False, {"network": "digits-std", **_SIGN}, 0.5, False),
    (
        "digits-adv-sign, one signed step of ε = 0.2",
        False,
        {"network": "digits-adv-sign", **_SIGN},
        0.85,
        True,
    ),
    (
        "digits-rs-0.50 smoothed with σ = 0.5, certified at radius 0.5",
        True,
        {"network": "digits-rs-0.50", "sigma": 0.5},
        0.8,
        True,
    ),
)
"""What is claimed, whether of certificates, the row of the table, the bound, and its side."""

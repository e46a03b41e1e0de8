"""A small store of the two studies with planted answers, for figures and pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.base.options import key_of
from core.evaluation.studies.attempts import Attempt
from core.results.store import Store

CHECKPOINT, SIGMA, DIMENSION = "sr-x2-rs-0.40", 0.4, 76_800
ADV = "sr-x2-adv-0.10"
IMAGES = ("i1", "i2", "i3", "i4")
CLEAN = 0.001

STRENGTH = {
    Attempt("noise"): 0.2,
    Attempt("fgm", "f", start="zero", steps=1): 0.4,
    Attempt("pgd", "f", start="random 1", steps=10, keep="final"): 0.5,
    Attempt("pgd", "smoothed", 1, "fixed", "random 1", 10): 0.45,
    Attempt("pgd", "smoothed", 16, "fixed", "random 1", 10): 0.8,
    Attempt("apgd", "smoothed", 1, "fixed", "zero", 10): 0.6,
    Attempt("apgd", "smoothed", 16, "fixed", "zero", 10): 0.9,
    Attempt("apgd", "smoothed", 16, "fixed", "random 1", 10): 0.95,
    Attempt("apgd", "smoothed", 16, "fixed", "random 2", 10): 0.92,
    Attempt("apgd", "smoothed", 8, "fixed", "zero", 50): 1.0,
    Attempt("apgd", ADV, start="zero", steps=10): 0.3,
    Attempt("apgd", "smoothed", 16, "fixed", "zero", 10, box=True): 0.85,
}
"""Attempts with their share of the strongest one's rise of the error."""

LIGHT = [attempt for attempt in STRENGTH if attempt.attack in ("noise", "pgd") and attempt.samples in (0, 16)]


def rise(eps_rel: float, image: str) -> float:
    """Planted rise of the mean squared error under the strongest attempt."""
    return 4.0 * eps_rel**2 * (1 + 0.2 * IMAGES.index(image))


def attacks(scale: float = 1.0) -> pd.DataFrame:
    """Rows of ``attacks``; ``scale`` multiplies what attempts on ĝ reach."""
    rows = []
    for image in IMAGES:
        for eps_rel in (0.0, 0.01, 0.05, 1.0):
            tried = list(STRENGTH) if eps_rel == 0.05 else (LIGHT if eps_rel else [Attempt("clean")])
            errors = {
                a: CLEAN
                + STRENGTH.get(a, 0) * rise(eps_rel, image) * (scale if a.made_on == "smoothed" else 1)
                for a in tried
            }
            best = max((a for a in tried if not a.box), key=lambda a: errors[a])
            for attempt, error in errors.items():
                tested: list[tuple[str, str, int]] = [("smoothed", "select", 0)]
                tested += [("smoothed", "report", 0), ("smoothed", "report", 1), ("f", "none", 0)]
                tested += [(ADV, "none", 0)]
                for tested_on, noise_set, draw in tested:
                    mse = min(0.3, error * (1 + 0.01 * draw))
                    rows.append({
                        **_scenery(image, eps_rel), **_attempt(attempt),
                        "tested_on": tested_on, "noise_set": noise_set, "draw": draw, "samples": 50,
                        "chosen": attempt == best or attempt.box,
                        "mse": mse, "psnr": -10 * np.log10(mse), "ssim": 1 - mse,
                    })  # fmt: skip
    return _keyed(rows)


def paths() -> pd.DataFrame:
    """Rows of ``attack_paths``: losses that rise to 0.1 and dip at every third step."""
    rows = []
    for image in IMAGES:
        for attempt in STRENGTH:
            for step in range(attempt.steps + 1):
                loss = 0.1 * (1 - np.exp(-step / 5)) - 0.01 * (step % 3 == 2)
                rows.append({
                    **_scenery(image, 0.05), **_attempt(attempt), "iteration": step, "loss": loss,
                })  # fmt: skip
    return _keyed(rows)


def certificates() -> pd.DataFrame:
    """Rows of ``certificates``: B reaches ε = σ, A twice as far, F nowhere; nothing else."""
    kinds = {
        "percentile_error": ("A", "mse", True, 2.0, 0.004), "mean_error": ("B", "mse", True, 1.0, 0.01),
        "percentile_discrepancy": ("A", "mse", True, 2.0, 0.004), "center": ("F", "rms", True, 0.0, 0.0),
        "displacement": ("E", "rms", False, 2.0, 0.02), "as_published": ("P", "mse", False, 1e9, 0.004),
    }  # fmt: skip
    rows = []
    for image in IMAGES:
        for name, (letter, unit, certificate, reach, bound) in kinds.items():
            for ratio in (0.5, 1.0, 2.0, 4.0, 35.0):
                rows.append({
                    **_radius(image, ratio), "certificate": name, "letter": letter, "unit": unit,
                    "is_certificate": certificate, "bounded": f"what {letter} bounds",
                    "alpha": 0.001 if certificate else np.nan,
                    "bound": bound * (1 + ratio) if ratio <= reach else np.inf,
                    "clean": CLEAN, "measured": CLEAN * (1 + ratio) if ratio != 0.5 else np.nan,
                })  # fmt: skip
    return _keyed(rows)


def falsification() -> pd.DataFrame:
    """Rows of ``falsification``: c fixed exceeded from ε = 4σ on, c moving never."""
    rows = []
    for image in IMAGES:
        for ratio in (1.0, 4.0, 35.0):
            for reading in ("fixed", "moving"):
                median = 0.004 * (1 + (0.1 * ratio if reading == "fixed" and ratio > 1 else -0.01))
                rows.append({
                    **_radius(image, ratio), "attack": "apgd smoothed", "reading": reading,
                    "claimed": 0.004, "median": median, "low": 0.99 * median, "high": 1.01 * median,
                    "exceeded": 0.99 * median > 0.004,
                })  # fmt: skip
    return _keyed(rows)


def fill(root: Path) -> None:
    """Write all four tables."""
    for name, rows in (
        ("attacks", attacks()), ("attack_paths", paths()), ("certificates", certificates()),
        ("falsification", falsification()),
    ):  # fmt: skip
        store = Store(name, root)
        store.put("all", rows)
        store.merge(["key"])


def _scenery(image: str, eps_rel: float) -> dict[str, Any]:
    epsilon = eps_rel * np.sqrt(DIMENSION)
    return {
        "study": "s", "image": f"{image}.png", "image_digest": image, "checkpoint": CHECKPOINT, "digest": "d",
        "sigma_g": SIGMA, "eps_rel": eps_rel, "epsilon": epsilon, "norm": epsilon * (1 - 1e-7),
        "dimension": DIMENSION, "grey_levels": 70 * eps_rel, "norm_kind": "L2", "units": "standardised",
        "seed": 0, "precision": "float32", "attacked_output": "unclamped", "company_effect": 0.0,
    }  # fmt: skip


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.name, "attack": attempt.attack, "made_on": attempt.made_on,
        "attack_samples": attempt.samples, "attack_noise": attempt.noise, "start": attempt.start,
        "steps": attempt.steps, "keep": attempt.keep, "box": attempt.box, "gradients": attempt.compute[1],
    }  # fmt: skip


def _radius(image: str, ratio: float) -> dict[str, Any]:
    eps_rel = ratio * SIGMA / np.sqrt(DIMENSION)
    return {
        "study": "s", "image": f"{image}.png", "image_digest": image, "checkpoint": CHECKPOINT, "digest": "d",
        "sigma": SIGMA, "samples": 1000, "dimension": DIMENSION,
        "attack_steps": 10, "attack_samples": 8, "measure": 200,
        "ratio": ratio, "epsilon": ratio * SIGMA, "eps_rel": eps_rel, "grey_levels": 70 * eps_rel,
    }  # fmt: skip


def _keyed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(key=[key_of({"row": place}) for place in range(len(rows))])

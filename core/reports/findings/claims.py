"""The claims, each a rule that turns a grid into evidence and evidence into an answer.

Smoothing networks are taken smoothed, with the sigma_g chosen on validation photos. Differences
are paired over test photos; “the best” of a kind is the one of highest mean on these photos.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from core.base.statistics import mean_interval, resampling
from core.reports.findings import text
from core.reports.findings.grid import Grid, grid, published
from core.reports.findings.text import Claim, Evidence, Finding
from core.results import summary as results

SMALL, LARGE = 0.02, 0.05
"""Attack strengths up to which an attack is called small, and from which on large (thesis 4.4.1)."""

WITHIN = 0.5
"""dB that claim (a) allows."""


def _best(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    return str(frame[list(names)].mean().idxmax())


def _difference(frame: pd.DataFrame, better: str, worse: str) -> tuple[float, float, float]:
    """Mean paired difference over images and its interval."""
    return mean_interval((frame[better] - frame[worse]).to_numpy())


def _contest(
    grid: Grid, metric: str, wanted: Callable[[float], bool], threshold: float
) -> tuple[Evidence, ...]:
    """Best smoothed less best adversarially trained estimator at the attack strengths wanted."""
    lines = []
    for eps_rel in filter(wanted, grid.eps_rels):
        frame = grid.of(metric, eps_rel)
        smoothed, trained = _best(frame, tuple(grid.levels)), _best(frame, grid.adversarial)
        value, low, high = _difference(frame, smoothed, trained)
        text = f"ε_rel = {eps_rel:g}, {metric.upper()}: {smoothed} less {trained}"
        unit = " dB" if metric == "psnr" else ""
        lines.append(Evidence(text, value, low, high, threshold, unit, value > threshold))
    return tuple(lines)


def _close_when_small(grid: Grid) -> tuple[Evidence, ...]:
    return _contest(grid, "psnr", lambda eps_rel: eps_rel <= SMALL, -WITHIN)


def _smoothing_has_the_ssim(grid: Grid) -> tuple[Evidence, ...]:
    return _contest(grid, "ssim", lambda eps_rel: eps_rel >= LARGE, 0.0)


def _training_has_the_psnr(grid: Grid) -> tuple[Evidence, ...]:
    lines = _contest(grid, "psnr", lambda eps_rel: eps_rel >= LARGE, 0.0)
    return tuple(replace(line, supports=line.value < 0) for line in lines)


def _best_level_grows(grid: Grid) -> tuple[Evidence, ...]:
    """The best sigma_f at each attack strength; its interval: the best one's in the resamples."""
    lines = []
    names = list(grid.levels)
    levels = np.array([grid.levels[name] for name in names])
    for metric in ("psnr", "ssim"):
        previous = -np.inf
        for eps_rel in grid.eps_rels:
            values = grid.of(metric, eps_rel)[names].to_numpy()
            best = float(levels[values.mean(0).argmax()])
            low = high = float("nan")
            if len(values) > 1:
                resampled = levels[(resampling(len(values)).T @ values).argmax(1)]
                low, high = np.quantile(resampled, [0.025, 0.975], method="nearest")
            text = f"ε_rel = {eps_rel:g}: best σ_f by {metric.upper()}"
            lines.append(Evidence(text, best, float(low), float(high), previous, "", best >= previous))
            previous = best
    return tuple(lines)


def _level_trades(grid: Grid) -> tuple[Evidence, ...]:
    """Each step to a larger sigma_f: clean PSNR must fall, PSNR under the strongest attack rise."""
    lines = []
    weakest, strongest = grid.eps_rels[0], grid.eps_rels[-1]
    for smaller, larger in pairwise(grid.levels):
        for eps_rel, sign in ((weakest, -1), (strongest, +1)):
            value, low, high = _difference(grid.of("psnr", eps_rel), larger, smaller)
            text = f"ε_rel = {eps_rel:g}, PSNR: {larger} less {smaller}"
            lines.append(Evidence(text, value, low, high, 0.0, " dB", sign * value > 0))
    return tuple(lines)


def _beats_the_measurement(grid: Grid) -> tuple[Evidence, ...]:
    """The best network less the bilinear measurement, at each attack strength."""
    lines = []
    for metric, unit in (("psnr", " dB"), ("ssim", "")):
        for eps_rel in grid.eps_rels:
            frame = grid.of(metric, eps_rel)
            if "bilinear" not in frame:
                return ()
            best = _best(frame, grid.networks)
            value, low, high = _difference(frame, best, "bilinear")
            text = f"ε_rel = {eps_rel:g}, {metric.upper()}: {best} less bilinear"
            lines.append(Evidence(text, value, low, high, 0.0, unit, value > 0))
    return tuple(lines)


def _yes_or_no(evidence: tuple[Evidence, ...]) -> str:
    return "yes" if evidence and all(line.supports for line in evidence) else "no"


def _from_where_on(evidence: tuple[Evidence, ...]) -> str:
    """The attack strength from which on no line supports, for each metric."""
    if not evidence:
        return "not reported"
    half = len(evidence) // 2
    answers = []
    for name, lines in (("PSNR", evidence[:half]), ("SSIM", evidence[half:])):
        losing = len(lines) - next((n for n, line in enumerate(reversed(lines)) if line.supports), half)
        where = f"from {lines[losing].text.split(',')[0]} on" if losing < half else "never in this grid"
        answers.append(f"by {name} {where}")
    return ", ".join(answers)


CLAIMS = (
    Claim("a", f"at ε_rel ≤ {SMALL} the best smoothed network is within {WITHIN} dB of the best "
          "adversarially trained one, or better", _close_when_small, _yes_or_no),
    Claim("b", f"at ε_rel ≥ {LARGE} smoothing has the higher SSIM", _smoothing_has_the_ssim, _yes_or_no),
    Claim("c", f"at ε_rel ≥ {LARGE} adversarial training has the higher PSNR",
          _training_has_the_psnr, _yes_or_no),
    Claim("d", "the best σ_f grows with ε_rel (never falls)", _best_level_grows, _yes_or_no),
    Claim("e", "σ_f trades clean for robust accuracy monotonically: with each step to a larger σ_f, clean "
          "PSNR falls and PSNR under the strongest attack rises", _level_trades, _yes_or_no),
    Claim("f", "from which ε_rel on does no network beat the bilinear measurement?",
          _beats_the_measurement, _from_where_on),
)  # fmt: skip


def findings(root: Path | None = None) -> list[Finding]:
    """All claims for each factor whose grid stands in the store."""
    found = []
    for factor in (2, 4):
        ours = grid(factor, root)
        if ours is None:
            continue
        theirs = published(factor)
        for claim in CLAIMS:
            evidence, published_evidence = tuple(claim.gather(ours)), tuple(claim.gather(theirs))
            found.append(
                Finding(
                    claim, f"×{factor}", {"factor": factor}, ours.images, ours.attack, claim.answer(evidence),
                    evidence, ours.draws, claim.answer(published_evidence), published_evidence,
                )
            )  # fmt: skip
    return found


def to_markdown(found: list[Finding]) -> str:
    """The findings file."""
    images = results.span({finding.images for finding in found})
    attack = results.attack_words(finding.attack for finding in found)
    draws = results.said(finding.draws for finding in found)
    return text.to_markdown(
        "Findings",
        f"**Here {results.on_f_alone()}** (`python -m core study attacks`).",
        "Written by `python -m core findings` from the results store: "
        f"{images} test photos, {attack}; smoothing networks smoothed (k = {draws}) with the σ_g chosen on "
        "validation photos. Differences are paired over photos, with 95 % (Student’s t) "
        "intervals; “~” marks a line whose interval contains its threshold. “Thesis” applies the same "
        "rule to the published tables, which have no intervals and compare with ours in order, not in "
        "decibels.",
        found=found,
    )

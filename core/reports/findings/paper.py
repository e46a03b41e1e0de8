"""The paper's claims about its five objectives, answered from the results store with intervals.

Differences are paired over test pictures. “The best” smoothing noise is the one of highest mean PSNR
on the very pictures that are reported, as in the paper: read it as a description, not as a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from core.reports.findings import text
from core.reports.findings.panel import Panel, best_level, difference, ratio
from core.reports.findings.text import Claim, Evidence, Finding
from core.reports.tables.paper import PARTS
from core.reports.titles import FIVE
from core.results.evaluations import per_image
from core.results.summary import attack_words, said

HARDLY = 0.1
"""dB that claim (e) calls hardly any."""

PROBLEMS = sorted(PARTS.values(), key=lambda problem: problem.name)
SAMPLES = PROBLEMS[0].scenario().samples
FEW, *_, MANY = PROBLEMS[0].grid.tables["4"][0].samples
"""Samples of the paper's tests, and the fewest and most of its Table 4."""

WHOLE_CURVE = 6
"""Smoothing noises, none included, from which on a curve says where its best is."""

SHOWN = ("ord", "smt-grad")
"""The objectives that claims (a) and (b) are judged on: without a defence, and the paper's best."""


def _named(panel: Panel) -> str:
    return panel.problem.setting(panel.problem.scenario_at(panel.setting))


def _attacks(panel: Panel) -> list[float]:
    return [eps for eps in panel.strengths if eps > 0]


def _over_sigma(panel: Panel, objective: str, eps: float, column: str) -> pd.DataFrame:
    """Picture × smoothing noise; only noises that every picture has."""
    rows = panel.rows[(panel.rows["sigma"] == 0) | (panel.rows["samples"] == SAMPLES)]
    part = Panel(panel.problem, panel.setting, rows)
    return part.frame(column, "sigma", objective=objective, eps=eps).dropna(axis=1)


def _over_objectives(
    panel: Panel, eps: float, sigma: float, column: str, samples: int = SAMPLES
) -> pd.DataFrame:
    """Picture × objective."""
    return panel.frame(column, "objective", eps=eps, sigma=sigma, samples=samples if sigma > 0 else 1)


def _arch(panel: Panel) -> Iterator[Evidence]:
    """PSNR at the best noise between the ends of the curve, less PSNR at the better end."""
    for words, column in (("mean", "psnr"), ("median draw", "psnr_median")):
        for objective in SHOWN:
            for eps in _attacks(panel):
                frame = _over_sigma(panel, objective, eps, column)
                if frame.shape[1] < WHOLE_CURVE:
                    continue
                means = frame.mean()
                best, end = float(means.iloc[1:-1].idxmax()), float(means.iloc[[0, -1]].idxmax())
                value, low, high = difference(frame, best, end)
                where = f"{_named(panel)}, ε = {eps:g}, {FIVE[objective]}, {words}"
                text = f"{where}: σ = {best:g} less σ = {end:g}"
                yield Evidence(text, value, low, high, 0.0, " dB", value > 0)


def _best_noise_grows(panel: Panel) -> Iterator[Evidence]:
    """The best noise at each attack strength; its interval: the best one's in the resamples."""
    for objective in SHOWN:
        previous = -np.inf
        for eps in _attacks(panel):
            frame = _over_sigma(panel, objective, eps, "psnr")
            if frame.shape[1] < WHOLE_CURVE:
                continue
            best, low, high = best_level(frame.columns.to_numpy(float), frame.to_numpy())
            text = f"{_named(panel)}, ε = {eps:g}, {FIVE[objective]}: best σ"
            yield Evidence(text, best, low, high, previous, " grey levels", best >= previous)
            previous = best


def _lowest_discrepancy(panel: Panel) -> Iterator[Evidence]:
    """Smt-Grad's discrepancy against the lowest of the other four, in per cent, at its best noise."""
    for eps in _attacks(panel):
        over = _over_sigma(panel, "smt-grad", eps, "psnr").drop(columns=0.0, errors="ignore")
        if over.empty:
            continue
        sigma = float(over.mean().idxmax())
        for words, column in (
            ("as published (mixed units)", "as_published"),
            ("certified for ‖ξ‖ ≤ σ/2", "certified_half"),
            ("median", "median"),
        ):
            frame = _over_objectives(panel, eps, sigma, column).dropna(axis=1)
            if "smt-grad" not in frame or frame.shape[1] < 2:
                continue
            best = str(frame.drop(columns="smt-grad").mean().idxmin())
            value, low, high = ratio(frame, "smt-grad", best)
            text = f"{_named(panel)}, ε = {eps:g}, σ = {sigma:g}, {words}: Smt-Grad against {FIVE[best]}"
            yield Evidence(text, value, low, high, 0.0, " %", value < 0)


def _robustness_costs(panel: Panel) -> Iterator[Evidence]:
    """Clean PSNR of each robust objective less Ord's."""
    frame = _over_objectives(panel, 0.0, 0.0, "psnr")
    for objective in FIVE:
        if objective != "ord" and objective in frame and "ord" in frame:
            value, low, high = difference(frame, objective, "ord")
            text = f"{_named(panel)}, clean: {FIVE[objective]} less Ord"
            yield Evidence(text, value, low, high, 0.0, " dB", value < 0)


def _samples_hardly_count(panel: Panel) -> Iterator[Evidence]:
    """PSNR and discrepancy at the largest number of samples against the smallest."""
    (point,) = panel.problem.grid.tables["4"]
    if panel.setting != point.setting:
        return
    few, *_, many = point.samples
    for column, words in (("psnr_published", "PSNR"), ("psnr", "PSNR of the mean"),
                          ("as_published", "discrepancy as published")):  # fmt: skip
        first, last = (_over_objectives(panel, point.eps, point.sigma, column, n) for n in (few, many))
        for objective in FIVE:
            if objective not in first or objective not in last:
                continue
            text = f"{_named(panel)}, {FIVE[objective]}: {words}, S = {many} less S = {few}"
            both = pd.DataFrame({few: first[objective], many: last[objective]})
            if column.startswith("psnr"):
                value, low, high = difference(both, many, few)
                yield Evidence(text, value, low, high, 0.0, " dB", abs(value) < HARDLY)
            else:
                value, low, high = ratio(both, many, few)
                yield Evidence(text, value, low, high, 0.0, " %", value < 0)


def _answer(evidence: tuple[Evidence, ...]) -> str:
    supporting = sum(line.supports for line in evidence)
    if not evidence:
        return "not evaluated"
    if supporting in (0, len(evidence)):
        return "yes" if supporting else "no"
    return f"in {supporting} of {len(evidence)} lines"


CLAIMS = (
    Claim("a", "PSNR over the smoothing noise is an arch: best at neither none nor the largest noise",
          _arch, _answer),
    Claim("b", "the best smoothing noise grows with the attack (never falls)", _best_noise_grows, _answer),
    Claim("c", "Smt-Grad has the lowest certified discrepancy", _lowest_discrepancy, _answer),
    Claim("d", "robustness costs clean PSNR", _robustness_costs, _answer),
    Claim("e", f"with S from {FEW} to {MANY} PSNR changes by less than {HARDLY} dB and the "
          "discrepancy falls", _samples_hardly_count, _answer),
)  # fmt: skip


def findings(root: Path | None = None) -> list[Finding]:
    """All claims for each problem that stands in the store."""
    found = []
    for problem in PROBLEMS:
        rows = per_image(problem, "test", root)
        panels = [Panel(problem, float(setting), part) for setting, part in rows.groupby(problem.apart)]
        if not panels:
            continue
        images = min(panel.images for panel in panels)
        of, about = problem.name.replace("_", " ").capitalize(), {"problem": problem.name}
        for claim in CLAIMS:
            evidence = tuple(line for panel in panels for line in claim.gather(panel))
            found.append(
                Finding(claim, of, about, images, said(rows["attack"]), claim.answer(evidence), evidence)
            )
    return found


def to_markdown(found: list[Finding]) -> str:
    """The findings file."""
    counts = ", ".join(dict.fromkeys(f"{finding.of.lower()} {finding.images}" for finding in found))
    return text.to_markdown(
        "Findings: denoising and compressed sensing",
        "Written by `python -m core findings --problem denoising` from the results store. "
        f"Attack: {attack_words(finding.attack for finding in found)}; "
        f"S = {SAMPLES} unless said otherwise; differences paired over pictures ({counts}) with 95 % "
        "intervals (Student’s t); “~” marks a line whose interval contains its threshold.",
        found=found,
    )

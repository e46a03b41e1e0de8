"""The paper's claims about its five objectives, answered from the results store with intervals.

Differences are paired over test pictures. “The best” smoothing noise is the one of highest mean PSNR
on the very pictures that are reported, as in the paper: read it as a description, not as a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.base.statistics import mean_interval, resampling
from core.problems.denoising import DENOISING
from core.problems.problem import Problem
from core.reports.findings import text
from core.reports.findings.text import Claim, Evidence, Finding
from core.results import inverse as results
from core.results.evaluations import per_image
from core.results.summary import attack_words, said

HARDLY = 0.1
"""dB that claim (e) calls hardly any."""

SAMPLES = DENOISING.scenario().samples
FEW, *_, MANY = DENOISING.grid.tables["4"][0].samples
"""Samples of the paper's tests, and the fewest and most of its Table 4."""


@dataclass(frozen=True)
class Panel:
    """One problem in one setting: per-picture rows of all networks, attacks and noises.

    Attributes:
        setting: sigma_b or the ratio.
        rows: of :func:`core.results.evaluations.per_image`.
    """

    problem: Problem
    setting: float
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """In a few words."""
        return self.problem.setting(self.problem.scenario_at(self.setting))

    @property
    def attacks(self) -> list[float]:
        """Attack strengths above zero."""
        return sorted(self.rows.loc[self.rows["eps"] > 0, "eps"].unique())

    def over_sigma(self, objective: str, eps: float, column: str) -> pd.DataFrame:
        """Picture × smoothing noise; only noises that every picture has."""
        rows = self.rows[(self.rows["objective"] == objective) & (self.rows["eps"] == eps)]
        rows = rows[(rows["sigma"] == 0) | (rows["samples"] == SAMPLES)]
        return rows.pivot(index="image", columns="sigma", values=column).dropna(axis=1)

    def over_objectives(self, eps: float, sigma: float, column: str, samples: int = SAMPLES) -> pd.DataFrame:
        """Picture × objective."""
        rows = self.rows[(self.rows["eps"] == eps) & (self.rows["sigma"] == sigma)]
        rows = rows[rows["samples"] == (samples if sigma > 0 else 1)]
        return rows.pivot(index="image", columns="objective", values=column)


WHOLE_CURVE = 6
"""Smoothing noises, none included, from which on a curve says where its best is."""

SHOWN = ("ord", "smt-grad")
"""The objectives that claims (a) and (b) are judged on: without a defence, and the paper's best."""


def _arch(panel: Panel) -> Iterator[Evidence]:
    """PSNR at the best noise between the ends of the curve, less PSNR at the better end."""
    for words, column in (("mean", "psnr"), ("median draw", "psnr_median")):
        for objective in SHOWN:
            for eps in panel.attacks:
                frame = panel.over_sigma(objective, eps, column)
                if frame.shape[1] < WHOLE_CURVE:
                    continue
                means = frame.mean()
                best, end = float(means.iloc[1:-1].idxmax()), float(means.iloc[[0, -1]].idxmax())
                value, low, high = mean_interval((frame[best] - frame[end]).to_numpy())
                where = f"{panel.name}, ε = {eps:g}, {results.NAMES[objective]}, {words}"
                text = f"{where}: σ = {best:g} less σ = {end:g}"
                yield Evidence(text, value, low, high, 0.0, " dB", value > 0)


def _best_noise_grows(panel: Panel) -> Iterator[Evidence]:
    """The best noise at each attack strength; its interval: the best one's in the resamples."""
    for objective in SHOWN:
        previous = -np.inf
        for eps in panel.attacks:
            frame = panel.over_sigma(objective, eps, "psnr")
            if frame.shape[1] < WHOLE_CURVE:
                continue
            sigmas, values = frame.columns.to_numpy(float), frame.to_numpy()
            best = float(sigmas[values.mean(0).argmax()])
            low = high = float("nan")
            if len(values) > 1:
                drawn = sigmas[(resampling(len(values)).T @ values).argmax(1)]
                low, high = (float(v) for v in np.quantile(drawn, [0.025, 0.975], method="nearest"))
            text = f"{panel.name}, ε = {eps:g}, {results.NAMES[objective]}: best σ"
            yield Evidence(text, best, low, high, previous, " grey levels", best >= previous)
            previous = best


def _lowest_discrepancy(panel: Panel) -> Iterator[Evidence]:
    """Smt-Grad's discrepancy against the lowest of the other four, in per cent, at its best noise."""
    for eps in panel.attacks:
        over = panel.over_sigma("smt-grad", eps, "psnr").drop(columns=0.0, errors="ignore")
        if over.empty:
            continue
        sigma = float(over.mean().idxmax())
        for words, column in (
            ("as published (mixed units)", "as_published"),
            ("certified for ‖ξ‖ ≤ σ/2", "certified_half"),
            ("median", "median"),
        ):
            frame = panel.over_objectives(eps, sigma, column).dropna(axis=1)
            if "smt-grad" not in frame or frame.shape[1] < 2:
                continue
            best = str(frame.drop(columns="smt-grad").mean().idxmin())
            ratios = np.log(frame["smt-grad"] / frame[best]).to_numpy()
            value, low, high = (100 * float(np.expm1(v)) for v in mean_interval(ratios))
            text = (
                f"{panel.name}, ε = {eps:g}, σ = {sigma:g}, {words}: Smt-Grad against {results.NAMES[best]}"
            )
            yield Evidence(text, value, low, high, 0.0, " %", value < 0)


def _robustness_costs(panel: Panel) -> Iterator[Evidence]:
    """Clean PSNR of each robust objective less Ord's."""
    frame = panel.over_objectives(0.0, 0.0, "psnr")
    for objective in results.NAMES:
        if objective != "ord" and objective in frame and "ord" in frame:
            value, low, high = mean_interval((frame[objective] - frame["ord"]).to_numpy())
            text = f"{panel.name}, clean: {results.NAMES[objective]} less Ord"
            yield Evidence(text, value, low, high, 0.0, " dB", value < 0)


def _samples_hardly_count(panel: Panel) -> Iterator[Evidence]:
    """PSNR and discrepancy at the largest number of samples against the smallest."""
    (point,) = panel.problem.grid.tables["4"]
    if panel.setting != point.setting:
        return
    few, *_, many = point.samples
    for column, words in (("psnr_published", "PSNR"), ("psnr", "PSNR of the mean"),
                          ("as_published", "discrepancy as published")):  # fmt: skip
        first, last = (panel.over_objectives(point.eps, point.sigma, column, n) for n in (few, many))
        for objective in results.NAMES:
            if objective not in first or objective not in last:
                continue
            text = f"{panel.name}, {results.NAMES[objective]}: {words}, S = {many} less S = {few}"
            if column.startswith("psnr"):
                value, low, high = mean_interval((last[objective] - first[objective]).to_numpy())
                yield Evidence(text, value, low, high, 0.0, " dB", abs(value) < HARDLY)
            else:
                ratios = np.log(last[objective] / first[objective]).to_numpy()
                value, low, high = (100 * float(np.expm1(v)) for v in mean_interval(ratios))
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


def panels(root: Path | None = None) -> list[Panel]:
    """Every problem and setting that stands in the store."""
    return [
        Panel(problem, float(setting), part)
        for problem in results.PAPER
        for setting, part in per_image(problem, "test", root).groupby(problem.own[0])
    ]


def findings(root: Path | None = None) -> list[Finding]:
    """All claims for each problem that stands in the store."""
    there = panels(root)
    found = []
    for problem in results.PAPER:
        mine = [panel for panel in there if panel.problem is problem]
        if not mine:
            continue
        images = min(panel.rows["image"].nunique() for panel in mine)
        attack = said(text for panel in mine for text in panel.rows["attack"].unique())
        for claim in CLAIMS:
            evidence = tuple(line for panel in mine for line in claim.gather(panel))
            of, about = problem.name.replace("_", " ").capitalize(), {"problem": problem.name}
            found.append(Finding(claim, of, about, images, attack, claim.answer(evidence), evidence))
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

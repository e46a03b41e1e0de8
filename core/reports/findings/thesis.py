"""The claims of the thesis and two that go beyond it, each a rule: from a panel to evidence to an answer.

Smoothing networks are taken smoothed, with the sigma_g chosen on validation photos. Differences
are paired over test photos; “the best” of a kind is the one of highest mean on these photos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd

from core.attacks.terms import HEADINGS, STRONGEST, THESIS
from core.base.statistics import mean_interval
from core.problems.super_resolution import EPS_REL, FACTORS, SIGMA_F, SUPER_RESOLUTION
from core.reports.findings import text
from core.reports.findings.panel import Panel, best_level, difference
from core.reports.findings.text import Claim, Evidence, Finding
from core.reports.tables.thesis import QUALITY
from core.results import summary as results
from core.results.evaluations import OF_MEDIAN, chosen, per_image
from core.results.published import published

SMALL, LARGE = 0.02, 0.05
"""Attack strengths up to which an attack is called small, and from which on large (thesis 4.4.1)."""

WITHIN = 0.5
"""dB that claim (a) allows."""

ALONE = "psnr_alone"
"""Column of a panel: PSNR of a smoothed estimate's base network under its own attack."""

UNITS = {"psnr": " dB", "ssim": ""}
NETWORKS = ("standard", "smoothing", "adversarial")


def _best(frame: pd.DataFrame, names: Iterable[str]) -> str:
    return str(frame[list(names)].mean().idxmax())


def _contest(
    panel: Panel, metric: str, wanted: Callable[[float], bool], threshold: float
) -> Iterator[Evidence]:
    """Best smoothed less best adversarially trained estimator at the attack strengths wanted."""
    for eps in filter(wanted, panel.strengths):
        frame = panel.frame(metric, "estimator", eps=eps)
        smoothed, trained = (_best(frame, panel.estimators(kind)) for kind in ("smoothing", "adversarial"))
        value, low, high = difference(frame, smoothed, trained)
        text = f"ε_rel = {eps:g}, {metric.upper()}: {smoothed} less {trained}"
        yield Evidence(text, value, low, high, threshold, UNITS[metric], value > threshold)


def _close_when_small(panel: Panel) -> Iterator[Evidence]:
    return _contest(panel, "psnr", lambda eps: eps <= SMALL, -WITHIN)


def _smoothing_has_the_ssim(panel: Panel) -> Iterator[Evidence]:
    return _contest(panel, "ssim", lambda eps: eps >= LARGE, 0.0)


def _training_has_the_psnr(panel: Panel) -> Iterator[Evidence]:
    lines = _contest(panel, "psnr", lambda eps: eps >= LARGE, 0.0)
    return (replace(line, supports=line.value < 0) for line in lines)


def _best_level_grows(panel: Panel) -> Iterator[Evidence]:
    """The best sigma_f at each attack strength; its interval: the best one's in the resamples."""
    levels = panel.estimators("smoothing")
    for metric in UNITS:
        previous = -np.inf
        for eps in panel.strengths:
            values = panel.frame(metric, "estimator", eps=eps)[list(levels)].to_numpy()
            best, low, high = best_level(np.array(list(levels.values())), values)
            text = f"ε_rel = {eps:g}: best σ_f by {metric.upper()}"
            yield Evidence(text, best, low, high, previous, "", best >= previous)
            previous = best


def _level_trades(panel: Panel) -> Iterator[Evidence]:
    """Each step to a larger sigma_f: clean PSNR must fall, PSNR under the strongest attack rise."""
    weakest, *_, strongest = panel.strengths
    for smaller, larger in pairwise(panel.estimators("smoothing")):
        for eps, sign in ((weakest, -1), (strongest, +1)):
            value, low, high = difference(panel.frame("psnr", "estimator", eps=eps), larger, smaller)
            text = f"ε_rel = {eps:g}, PSNR: {larger} less {smaller}"
            yield Evidence(text, value, low, high, 0.0, " dB", sign * value > 0)


def _beats_the_measurement(panel: Panel) -> Iterator[Evidence]:
    """The best network less the bilinear measurement, at each attack strength."""
    if "bilinear" not in set(panel.rows["estimator"]):
        return
    for metric, unit in UNITS.items():
        for eps in panel.strengths:
            frame = panel.frame(metric, "estimator", eps=eps)
            best = _best(frame, panel.estimators(*NETWORKS))
            value, low, high = difference(frame, best, "bilinear")
            text = f"ε_rel = {eps:g}, {metric.upper()}: {best} less bilinear"
            yield Evidence(text, value, low, high, 0.0, unit, value > 0)


def _gained(panel: Panel, other: str, what: str) -> Iterator[Evidence]:
    """PSNR of each smoothed estimate less another column of the same row, under every attack."""
    for eps in filter(None, panel.strengths):
        for name in panel.estimators("smoothing"):
            rows = panel.rows[(panel.rows["estimator"] == name) & (panel.rows["eps"] == eps)]
            value, low, high = mean_interval((rows["psnr"] - rows[other]).to_numpy())
            text = f"ε_rel = {eps:g}, PSNR: {name} smoothed less {what}"
            yield Evidence(text, value, low, high, 0.0, " dB", value > 0)


def _averaging_gains(panel: Panel) -> Iterator[Evidence]:
    """What averaging adds to training with noise: the base network f alone stands for that."""
    return _gained(panel, ALONE, "f alone") if ALONE in panel.rows else iter(())


def _the_mean_is_better(panel: Panel) -> Iterator[Evidence]:
    """The mean of the draws less their median, under the attack on the mean."""
    there = OF_MEDIAN[0] in panel.rows and panel.rows[OF_MEDIAN[0]].notna().any()
    return _gained(panel, OF_MEDIAN[0], "the median of its draws") if there else iter(())


def _how_often(evidence: tuple[Evidence, ...]) -> str:
    if not evidence:
        return "not reported"
    clear = sum(line.supports and line.clear for line in evidence)
    return f"in {sum(line.supports for line in evidence)} of {len(evidence)} cases, clearly in {clear}"


def _yes_or_no(evidence: tuple[Evidence, ...]) -> str:
    """Yes if every line supports the claim; and whether that may be chance, where lines have intervals."""
    against = [line for line in evidence if not line.supports]
    answer = "yes" if evidence and not against else "no"
    measured = [line for line in against or evidence if not np.isnan(line.low)]
    chance = measured and not (any if against else all)(line.clear for line in measured)
    return f"{answer}, which may be chance" if chance else answer


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
    Claim("g", "the smoothed estimate has a higher PSNR than its base network f alone, each attacked itself "
          "(here: what averaging adds to training with noise)", _averaging_gains, _how_often),
    Claim("h", "the mean of the draws has a higher PSNR than their median, value by value, under the attack "
          "on the mean (the median's own attack may do better)", _the_mean_is_better, _how_often),
)  # fmt: skip


def measured(factor: int, root: Path | None = None, attacks: str = THESIS) -> Panel | None:
    """The deployed estimators of one factor; None while its grid is incomplete.

    PSNR and SSIM are each of the estimate whose smoothing noise is chosen for it.
    """
    rows = per_image(SUPER_RESOLUTION, "test", root, attacks=attacks)
    rows = results.of_the_grid(rows[rows["factor"] == factor])
    if rows.empty:
        return None
    each = ["estimator", "eps", "image"]
    deployed = {
        metric: results.deployed(rows, chosen(SUPER_RESOLUTION, root, attacks, metric)) for metric in UNITS
    }
    by_ssim = deployed["ssim"].set_index(each)["ssim"]
    alone = rows[(rows["objective"] == "smoothing") & (rows["sigma"] == 0)].set_index(each)["psnr"]
    found = deployed["psnr"].set_index(each).assign(ssim=by_ssim, **{ALONE: alone}).reset_index()
    panel = Panel(SUPER_RESOLUTION, factor, found)
    wanted = {"smoothing": len(SIGMA_F), "adversarial": len(EPS_REL), "standard": 1, "interpolation": 1}
    if any(len(panel.estimators(kind)) < count for kind, count in wanted.items()):
        return None
    counts = panel.rows.groupby("eps")["estimator"].nunique() * panel.images
    return panel if len(panel.rows) == counts.sum() and counts.nunique() == 1 else None


def printed(factor: int) -> Panel:
    """The thesis's means in the same shape: one “image”."""
    rows = published(SUPER_RESOLUTION, *QUALITY).query("factor == @factor")
    short = {"smoothing": "rs", "adversarial": "adv", "standard": "std"}
    names = [f"{short[o]}-{v:g}" for o, v in zip(rows["objective"], rows["level"], strict=True)]
    return Panel(SUPER_RESOLUTION, factor, rows.assign(estimator=names, image="mean"))


def findings(root: Path | None = None) -> list[Finding]:
    """All claims for each factor whose grid stands in the store, the strongest attack before the thesis's."""
    found = []
    for factor, attacks in product(FACTORS, (STRONGEST, THESIS)):
        ours, theirs = measured(factor, root, attacks), printed(factor)
        if ours is None:
            continue
        attack, draws = (results.said(ours.rows[word]) for word in ("attack", "draws"))
        for claim in CLAIMS:
            evidence, published_evidence = tuple(claim.gather(ours)), tuple(claim.gather(theirs))
            found.append(
                Finding(
                    claim, f"×{factor}", {"factor": factor}, ours.images, attack, claim.answer(evidence),
                    evidence, draws, claim.answer(published_evidence), published_evidence, attacks,
                )
            )  # fmt: skip
    return found


def to_markdown(found: list[Finding]) -> str:
    """The findings file."""
    ways = {attacks: [f for f in found if f.attacks == attacks] for attacks in {f.attacks: 0 for f in found}}
    said = "; ".join(
        f"**{HEADINGS[attacks]}**: {results.attack_words(f.attack for f in mine)}, "
        f"{results.span({f.images for f in mine})} test photos"
        for attacks, mine in ways.items()
    )
    draws = results.said(finding.draws for finding in found)
    return text.to_markdown(
        "Findings",
        f"Written by `python -m core findings` from the results store. {said}. Smoothing networks are "
        f"smoothed (k = {draws}) with the σ_g chosen on validation photos under the same kind of attack. "
        "Differences are paired over photos, with 95 % (Student’s t) intervals; “~” marks a line whose "
        "interval contains its threshold. “Published” applies the same rule to the published tables, which "
        "have no intervals and compare with ours in order, not in decibels.",
        f"Where it says “{HEADINGS[THESIS]}”, {results.on_f_alone(SUPER_RESOLUTION.name)} "
        "(`python -m core study attacks`).",
        found=found,
    )

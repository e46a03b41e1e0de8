"""Items on how a study was made: units, radius, target, noise, intervals, compute, modes, bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.attacks.selection import NORM_SLACK
from core.base.statistics import mean_interval
from core.evaluation.studies.attempts import BASE, SMOOTHED
from core.evaluation.studies.checklist.rows import CASE, NotTried, Rows, need
from core.results.summary import noticed

ROUNDING = 1e-4
"""Largest change of an output that its batch's company may cause by rounding."""


def recorded(rows: Rows) -> tuple[bool, str]:
    """Every row says ε, σ, d, its norm, units, seed, samples and precision, and ε = √d·ε_rel."""
    names = ["epsilon", "sigma_g", "dimension", "norm", "norm_kind", "units", "seed", "samples", "precision"]
    missing = [n for n in names if n not in rows.attacks or rows.attacks[n].isna().any()]
    if missing:
        return False, f"missing or empty: {', '.join(missing)}"
    consistent = np.isclose(
        rows.attacks["epsilon"], rows.attacks["eps_rel"] * np.sqrt(rows.attacks["dimension"]), rtol=1e-6
    ).all()
    return bool(consistent), f"{', '.join(names)} in each of {len(rows.attacks)} rows; ε = √d·ε_rel" + (
        "" if consistent else " does not hold"
    )


def inside(rows: Rows) -> tuple[bool, str]:
    """No perturbation is longer than its radius."""
    attacked = need(rows.attacks.query("eps_rel > 0"), "attacks")
    excess = float((attacked["norm"] / attacked["epsilon"]).max(skipna=False))
    return excess <= 1 + NORM_SLACK, f"largest ‖e‖/ε is {excess:.7f} over {len(attacked)} rows"


def deployed(rows: Rows) -> tuple[bool, str]:
    """In every case ĝ itself is attacked."""
    attacked = need(rows.attacked(), "the smoothed estimate under attack")
    by_case = attacked.groupby(CASE)["made_on"].agg(lambda made: (made == SMOOTHED).any())
    return bool(by_case.all()), f"ĝ itself attacked in {int(by_case.sum())} of {len(by_case)} cases"


def unclamped(rows: Rows) -> tuple[bool, str]:
    """Attacks differentiate the output before it is clamped to [0, 1], and found a gradient there."""
    outputs, told = sorted(set(rows.attacks["attacked_output"])), noticed(rows.attacks, "attempt")
    evidence = "; ".join([f"attacked output: {', '.join(outputs)}", *told[:1]])
    return outputs == ["unclamped"] and not told, evidence


def fresh(rows: Rows) -> tuple[bool, str]:
    """Every attempt is chosen on one noise set and reported on another."""
    sets = rows.attacks[rows.attacks["tested_on"] == SMOOTHED].groupby([*CASE, "attempt"])["noise_set"]
    complete = sets.agg(lambda found: {"select", "report"} <= set(found))
    return bool(complete.all()), (
        f"{int(complete.sum())} of {len(complete)} attempts chosen on one noise set and reported on another"
    )


def intervals(rows: Rows) -> tuple[bool, str]:
    """There are several images, and several draws of the noise for each."""
    attacks = rows.attacks
    report = attacks[
        (attacks["tested_on"] == SMOOTHED) & (attacks["noise_set"] == "report") & attacks["chosen"]
    ]
    report = report[~report["box"] & (report["eps_rel"] > 0)]
    draws = report.groupby([*CASE, "attempt"])["psnr"]
    if report["image_digest"].nunique() < 2 or (draws.count() < 2).any():
        raise NotTried("fewer than two images, or two draws of the noise for each")
    eps, images = max(report.groupby("eps_rel"), key=lambda group: group[1]["image_digest"].nunique())
    mean, low, high = mean_interval(images.groupby("image_digest")["psnr"].mean().to_numpy())
    return True, (
        f"{mean:.2f} dB [{low:.2f}, {high:.2f}] over images at ε_rel = {eps:g}; "
        f"standard deviation over noise {np.sqrt(draws.var().mean()):.3f} dB"
    )


def boxes(rows: Rows) -> tuple[bool, str]:
    """The same attack stands there with and without the box [0, 1]."""
    boxed = rows.smoothed(box=True).query("eps_rel > 0").set_index([*CASE, "attempt"])["psnr"]
    twins = rows.attacked().assign(attempt=lambda r: r["attempt"] + " box")
    both = pd.concat({"free": twins.set_index([*CASE, "attempt"])["psnr"], "box": boxed}, axis=1).dropna()
    if both.empty:
        raise NotTried("no attack with and without the box")
    return True, (
        f"the same attack reaches {both['free'].mean():.2f} dB without the box, "
        f"{both['box'].mean():.2f} dB with it, on {len(both)} cases"
    )


def equal_compute(rows: Rows) -> tuple[bool, str]:
    """Every defence is attacked itself with as many gradients a photo: the smoothed estimates and
    the adversarially trained networks beside them."""
    every = rows.attacks if rows.every_defence is None else rows.every_defence
    attacked = every[(every["tested_on"] == SMOOTHED) & (every["noise_set"] == "select")].query("eps_rel > 0")
    smoothed = attacked["made_on"].isin([BASE, SMOOTHED])
    defence = attacked["made_on"].where(~smoothed, "smoothed " + attacked["checkpoint"])
    attacked = attacked.assign(defence=defence)[smoothed | attacked["made_on"].str.contains("-adv-")]
    spent = attacked.groupby(["defence", *CASE])["gradients"].sum().groupby("defence").max()
    if not any("-adv-" in name for name in spent.index):
        raise NotTried("no adversarially trained network was attacked beside the smoothed estimate")
    same = spent.nunique() == 1
    told = ", ".join(f"{name} {int(count):,}" for name, count in spent.items())
    return same, f"gradients a photo, at most: {told}"


def evaluation_mode(rows: Rows) -> tuple[bool, str]:
    """An image's output does not depend on the batch it is in."""
    effect = float(rows.attacks["company_effect"].max())
    return effect <= ROUNDING, f"an image's output changes by at most {effect:.1g} with its batch's company"


def below_certificates(rows: Rows) -> tuple[bool, str]:
    """No attack inside a certified radius reaches more than its bound."""
    table = need(rows.certificates, "certificates")
    judged = table[table["is_certificate"] & np.isfinite(table["bound"]) & table["measured"].notna()]
    judged = need(judged, "attacks inside a certified radius")
    over = int((judged["measured"] > judged["bound"]).sum())
    return over == 0, (
        f"{over} of {len(judged)} measured errors above their bound, "
        f"on {judged['image_digest'].nunique()} images and {judged['epsilon'].nunique()} radii"
    )

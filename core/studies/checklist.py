"""What an honest attack evaluation passes: each item judged from a study's rows, by code.

Pure functions of the tables that :mod:`core.studies.attacks` and
:mod:`core.studies.certificates` write. An item without the rows it needs is *not tried*, which
is never a pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.attacks.selection import NORM_SLACK
from core.statistics import mean_interval
from core.studies.attempts import BASE, SMOOTHED

PASSED, FAILED, NOT_TRIED = "passed", "failed", "not tried"

SHARE = 0.95
"""Share of images that an item about single images must hold on."""

PLATEAU = 0.1
"""An error has reached a plateau when the last doubling of effort raises it by less than this
share of its whole rise."""

DESTROYED_PSNR = 12.0
"""dB below which a picture counts as destroyed."""

ROUNDING = 1e-4
"""Largest change of an output that its batch's company may cause by rounding."""

CASE = ["image_digest", "digest", "sigma_g", "eps_rel"]
"""One photo, defence and attack strength."""

ATTEMPT = ["attempt", "attack", "made_on", "attack_samples", "attack_noise", "start", "steps", "chosen"]


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Attributes:
        name: what is asked.
        status: ``passed``, ``failed`` or ``not tried``.
        evidence: the figures it was judged by, in one sentence.
    """

    name: str
    status: str
    evidence: str


class _NotTried(Exception):
    """The rows that an item needs are missing; the message says which."""


@dataclass(frozen=True)
class Rows:
    """The tables that items are judged by; ``paths`` and ``certificates`` may be empty.

    ``every_defence`` is ``attacks`` before one checkpoint was picked, to compare the compute.
    """

    attacks: pd.DataFrame
    paths: pd.DataFrame
    certificates: pd.DataFrame
    every_defence: pd.DataFrame | None = None

    def smoothed(self, noise_set: str = "report", *, box: bool | None = False) -> pd.DataFrame:
        """Rows of the deployed estimate under attacks, averaged over draws of the noise set."""
        found = self.attacks
        found = found[(found["tested_on"] == SMOOTHED) & (found["noise_set"] == noise_set)]
        if box is not None:
            found = found[found["box"] == box]
        keys = [
            *CASE,
            "attempt",
            "attack",
            "made_on",
            "attack_samples",
            "attack_noise",
            "start",
            "steps",
            "chosen",
        ]
        return found.groupby(keys, as_index=False, dropna=False)[["mse", "psnr", "ssim"]].mean()

    def attacked(self) -> pd.DataFrame:
        """:meth:`smoothed` without the clean rows."""
        return self.smoothed().query("eps_rel > 0")

    def worst(self) -> pd.DataFrame:
        """The chosen attempt of each case."""
        return self.smoothed().query("chosen")

    def against(self, weak: pd.Series) -> pd.Series:
        """Error of the strongest attack over that of a weaker one, by case (only common ones)."""
        strong = self.worst().set_index(CASE)["mse"]
        return (strong / weak).dropna()


Judge = Callable[[Rows], tuple[bool, str]]


def checklist(
    attacks: pd.DataFrame,
    paths: pd.DataFrame | None = None,
    certificates: pd.DataFrame | None = None,
    *,
    checkpoint: str | None = None,
) -> list[Item]:
    """Judge every item.

    Args:
        attacks: rows of the table ``attacks``.
        paths: rows of ``attack_paths``.
        certificates: rows of ``certificates``.
        checkpoint: judge this defence; the others' rows only serve to compare the compute.
            Without it all defences are judged together.
    """

    def picked(table: pd.DataFrame | None) -> pd.DataFrame:
        if table is None or table.empty:
            return pd.DataFrame()
        return table if checkpoint is None else table[table["checkpoint"] == checkpoint]

    rows = Rows(picked(attacks), picked(paths), picked(certificates), attacks)
    return [judge(name, rows) for name in ITEMS]


def judge(name: str, rows: Rows) -> Item:
    """Judge one item of :data:`ITEMS`."""
    if rows.attacks.empty:
        return Item(name, NOT_TRIED, "there are no attacks yet")
    try:
        holds, evidence = ITEMS[name](rows)
    except _NotTried as missing:
        return Item(name, NOT_TRIED, str(missing))
    return Item(name, PASSED if holds else FAILED, evidence)


def _need(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    if rows.empty:
        raise _NotTried(f"no rows of {what}")
    return rows


def _shared(ratios: pd.Series, what: str, *, least: float = 1.0) -> tuple[bool, str]:
    """Whether a ratio reaches ``least`` on :data:`SHARE` of the cases."""
    if ratios.empty:
        raise _NotTried(f"no case with {what}")
    share = float((ratios >= least).mean())
    gain = 10 * np.log10(ratios.mean())
    return share >= SHARE, (
        f"at least as strong as {what} on {share:.0%} of {len(ratios)} cases, by {gain:+.2f} dB of mean error"
    )


# -- items ---------------------------------------------------------------------------------


def _recorded(rows: Rows) -> tuple[bool, str]:
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


def _inside(rows: Rows) -> tuple[bool, str]:
    attacked = _need(rows.attacks.query("eps_rel > 0"), "attacks")
    excess = float((attacked["norm"] / attacked["epsilon"]).max())
    return excess <= 1 + NORM_SLACK, f"largest ‖e‖/ε is {excess:.7f} over {len(attacked)} rows"


def _deployed(rows: Rows) -> tuple[bool, str]:
    attacked = _need(rows.attacked(), "the smoothed estimate under attack")
    by_case = attacked.groupby(CASE)["made_on"].agg(lambda made: (made == SMOOTHED).any())
    return bool(by_case.all()), f"ĝ itself attacked in {int(by_case.sum())} of {len(by_case)} cases"


def _transfer(rows: Rows) -> tuple[bool, str]:
    attacked = _need(rows.attacked(), "the smoothed estimate under attack")
    sources = attacked.groupby(CASE)["made_on"].agg(set)
    complete = sources.map(lambda made: {BASE, SMOOTHED} <= made and any("-adv-" in m for m in made))
    if not complete.any():
        raise _NotTried("no case with transfer from base, smoothed and adversarially trained networks")
    cases = sources[complete].index
    selection = rows.smoothed("select").set_index(CASE).loc[cases].reset_index()
    groups = selection.groupby(CASE)
    kept = groups.apply(lambda g: g.loc[g["chosen"], "mse"].max() >= g["mse"].max(), include_groups=False)
    names = sorted(set.union(*sources[complete]) - {""})
    return bool(kept.all()), (
        f"made on {', '.join(names)}; the worst per image kept in {int(kept.sum())} of {len(kept)} cases"
    )


def _restarts(rows: Rows) -> tuple[bool, str]:
    attacked = rows.attacked()
    keys = [*CASE, "attack", "made_on", "attack_samples", "attack_noise", "steps"]
    repeated = attacked[attacked["made_on"] == SMOOTHED].groupby(keys)["start"].nunique()
    repeated = repeated[repeated > 1]
    if repeated.empty:
        raise _NotTried("no attack on ĝ with more than one start")
    return True, f"{int(repeated.min())} to {int(repeated.max())} starts, zero and random"


def _iterations(rows: Rows) -> tuple[bool, str]:
    paths = _need(rows.paths, "losses over iterations")
    paths = paths[(paths["made_on"] == SMOOTHED) & (paths["attack"] == "apgd")]
    long = _need(paths, "APGD on ĝ").query("steps == steps.max() and attack_noise == 'fixed' and not box")
    table = _need(long, "APGD on ĝ").pivot_table(index=[*CASE, "attempt"], columns="iteration", values="loss")
    best = table.cummax(axis=1)
    last = int(best.columns.max())
    rise = (best[last] - best[0]).mean()
    late = (best[last] - best[last // 2]).mean()
    share = float(late / rise) if rise > 0 else 1.0
    return rise > 0 and share < PLATEAU, (
        f"{last} steps raise the loss by {rise:.4g}, the second half of them by {share:.1%} of that"
    )


def _more_restarts(rows: Rows) -> tuple[bool, str]:
    attacked = rows.attacked()
    keys = [*CASE, "attack", "made_on", "attack_samples", "attack_noise", "steps"]
    groups = attacked[attacked["made_on"] == SMOOTHED].groupby(keys)["mse"]
    table = groups.agg(["max", "count"]).query("count >= 3")
    if table.empty:
        raise _NotTried("no attack on ĝ with three starts")
    all_but_one = groups.agg(lambda g: np.mean([g.drop(i).max() for i in g.index])).loc[table.index]
    clean = rows.smoothed().query("eps_rel == 0").set_index(["image_digest", "digest", "sigma_g"])["mse"]
    rise = _rise(table["max"], clean)
    share = float((table["max"] - all_but_one).mean() / rise)
    return share < PLATEAU, f"the last of {int(table['count'].max())} starts adds {share:.1%} of the rise"


def _more_samples(rows: Rows) -> tuple[bool, str]:
    attacked = rows.attacked()
    fixed = attacked[attacked["made_on"] == SMOOTHED].query("attack == 'apgd' and attack_noise == 'fixed'")
    tables = [
        group.pivot_table(index=CASE, columns="attack_samples", values="mse").dropna()
        for _, group in fixed.groupby(["start", "steps"])
    ]
    table = max(tables, key=lambda table: table.shape[1], default=pd.DataFrame())
    if table.shape[1] < 2 or table.empty:
        raise _NotTried("no APGD on ĝ with several M")
    *_, fewer, most = sorted(table.columns)
    clean = rows.smoothed().query("eps_rel == 0").set_index(["image_digest", "digest", "sigma_g"])["mse"]
    share = float((table[most] - table[fewer]).mean() / _rise(table[most], clean))
    return share < PLATEAU, f"M = {most} instead of {fewer} adds {share:.1%} of the rise"


def _rise(attacked: pd.Series, clean: pd.Series) -> float:
    """Mean error under attack above the clean one of the same images."""
    if clean.empty:
        raise _NotTried("no clean rows (eps_rel = 0)")
    cases = attacked.reset_index()[["image_digest", "digest", "sigma_g"]].apply(tuple, axis=1)
    return max(float((attacked.to_numpy() - clean.reindex(cases).to_numpy()).mean()), 1e-300)


def _monotone(rows: Rows) -> tuple[bool, str]:
    table = rows.worst().pivot_table(
        index=["image_digest", "digest", "sigma_g"], columns="eps_rel", values="mse"
    )
    table = table.dropna()
    if table.shape[1] < 3 or table.empty:
        raise _NotTried("fewer than three attack strengths on the same images")
    means = table.mean()
    return bool((np.diff(means) > 0).all()), "mean error " + " < ".join(
        f"{mean:.4g} (ε_rel = {eps:g})" for eps, mean in means.items()
    )


def _huge(rows: Rows) -> tuple[bool, str]:
    worst = rows.worst()
    largest = float(worst["eps_rel"].max())
    if largest < 0.5:
        raise _NotTried("no attack of ε_rel ≥ 0.5")
    psnr = float(worst.loc[worst["eps_rel"] == largest, "psnr"].mean())
    return psnr < DESTROYED_PSNR, f"{psnr:.1f} dB at ε_rel = {largest:g}; below {DESTROYED_PSNR:g} asked"


def _beats(attack: str, what: str, made_on: str = "") -> Judge:
    def beats(rows: Rows) -> tuple[bool, str]:
        attacked = rows.attacked()
        weak = attacked[attacked["attack"] == attack]
        if made_on:
            weak = weak[weak["made_on"] == made_on]
        return _shared(rows.against(weak.groupby(CASE)["mse"].max()), what)

    return beats


def _gradient_free(rows: Rows) -> tuple[bool, str]:
    attacked = rows.attacked()
    free = attacked.query("attack == 'spsa'").groupby(CASE)["mse"].max()
    gradients = attacked[~attacked["attack"].isin(["spsa", "noise", "clean"])].groupby(CASE)["mse"].max()
    return _shared((gradients / free).dropna(), "the gradient-free attack")


def _unclamped(rows: Rows) -> tuple[bool, str]:
    outputs = sorted(set(rows.attacks["attacked_output"]))
    return outputs == ["unclamped"], f"attacked output: {', '.join(outputs)}"


def _fresh(rows: Rows) -> tuple[bool, str]:
    sets = rows.attacks[rows.attacks["tested_on"] == SMOOTHED].groupby([*CASE, "attempt"])["noise_set"]
    complete = sets.agg(lambda found: {"select", "report"} <= set(found))
    return bool(complete.all()), (
        f"{int(complete.sum())} of {len(complete)} attempts chosen on one noise set and reported on another"
    )


def _intervals(rows: Rows) -> tuple[bool, str]:
    attacks = rows.attacks
    report = attacks[
        (attacks["tested_on"] == SMOOTHED) & (attacks["noise_set"] == "report") & attacks["chosen"]
    ]
    report = report[~report["box"] & (report["eps_rel"] > 0)]
    draws = report.groupby([*CASE, "attempt"])["psnr"]
    if report["image_digest"].nunique() < 2 or (draws.count() < 2).any():
        raise _NotTried("fewer than two images, or two draws of the noise for each")
    eps, images = max(report.groupby("eps_rel"), key=lambda group: group[1]["image_digest"].nunique())
    mean, low, high = mean_interval(images.groupby("image_digest")["psnr"].mean().to_numpy())
    return True, (
        f"{mean:.2f} dB [{low:.2f}, {high:.2f}] over images at ε_rel = {eps:g}; "
        f"standard deviation over noise {np.sqrt(draws.var().mean()):.3f} dB"
    )


def _boxes(rows: Rows) -> tuple[bool, str]:
    boxed = rows.smoothed(box=True).query("eps_rel > 0").set_index([*CASE, "attempt"])["psnr"]
    twins = rows.attacked().assign(attempt=lambda r: r["attempt"] + " box")
    both = pd.concat({"free": twins.set_index([*CASE, "attempt"])["psnr"], "box": boxed}, axis=1).dropna()
    if both.empty:
        raise _NotTried("no attack with and without the box")
    return True, (
        f"the same attack reaches {both['free'].mean():.2f} dB without the box, "
        f"{both['box'].mean():.2f} dB with it, on {len(both)} cases"
    )


def _equal_compute(rows: Rows) -> tuple[bool, str]:
    every = rows.attacks if rows.every_defence is None else rows.every_defence
    tested = every[every["tested_on"] == SMOOTHED]
    attacked = tested.query("eps_rel > 0 and noise_set == 'select'")
    totals = attacked.groupby(["digest", "sigma_g", "image_digest", "eps_rel"])["gradients"].sum()
    by_defence = totals.groupby(["digest", "sigma_g"]).agg(["min", "max"])
    if len(by_defence) < 2:
        raise _NotTried("one defence alone: study a second one to compare")
    table = totals.unstack(["digest", "sigma_g"]).dropna()
    if table.empty:
        raise _NotTried("no photo and attack strength that two defences share")
    same = bool((table.nunique(axis=1) == 1).all())
    return same, (
        f"{int(by_defence['min'].min())} to {int(by_defence['max'].max())} gradients a photo "
        f"over {len(by_defence)} defences"
    )


def _evaluation_mode(rows: Rows) -> tuple[bool, str]:
    effect = float(rows.attacks["company_effect"].max())
    return effect <= ROUNDING, f"an image's output changes by at most {effect:.1g} with its batch's company"


def _below_certificates(rows: Rows) -> tuple[bool, str]:
    table = _need(rows.certificates, "certificates")
    judged = table[table["is_certificate"] & np.isfinite(table["bound"]) & table["measured"].notna()]
    judged = _need(judged, "attacks inside a certified radius")
    over = int((judged["measured"] > judged["bound"]).sum())
    return over == 0, (
        f"{over} of {len(judged)} measured errors above their bound, "
        f"on {judged['image_digest'].nunique()} images and {judged['epsilon'].nunique()} radii"
    )


ITEMS: dict[str, Judge] = {
    "ε, σ, d, norm and units recorded": _recorded,
    "‖e‖ ≤ ε": _inside,
    "The deployed estimator is the one attacked": _deployed,
    "Transfer tried, worst per image kept": _transfer,
    "Restarts": _restarts,
    "Loss rises with iterations to a plateau": _iterations,
    "Error rises with restarts to a plateau": _more_restarts,
    "Error rises with samples to a plateau": _more_samples,
    "Error monotone in ε": _monotone,
    "A huge ε destroys the picture": _huge,
    "Beats Gaussian noise of equal norm": _beats("noise", "Gaussian noise"),
    "Beats the one-step gradient method": _beats("fgm", "one step"),
    "Beats the thesis's attack on f": _beats("pgd", "PGD on f", BASE),
    "A gradient-free check agrees": _gradient_free,
    "No gradient masked by clamping": _unclamped,
    "Fresh noise at evaluation": _fresh,
    "Intervals over noise and images": _intervals,
    "Clipped and unclipped reported apart": _boxes,
    "Equal compute for each defence": _equal_compute,
    "Batch norm in evaluation mode": _evaluation_mode,
    "Measured error never above a certified bound": _below_certificates,
}
"""The list of science notes, section 2, with the acceptance test of the thesis's attack."""

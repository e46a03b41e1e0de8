"""Attack strength as figures show it: means over photos with 95 % intervals, and paired gains.

All functions take rows of the table ``attacks`` (or ``attack_paths``) of one defence.
"""

from __future__ import annotations

import pandas as pd

from core.evaluation.studies.attempts import BASE, SMOOTHED
from core.evaluation.studies.reading import thesis_gap
from core.results.summary import METRICS, summarise

STRONGEST = "strongest"
NOISE = "noise"
ALGORITHMS = ("pgd", "apgd")
"""Attacks that are compared on the smoothed estimate."""

SURVIVES, REFUTED, OPEN = "survives", "does not survive", "undecided"

_LINE = ["eps_rel", "grey_levels", "line", "attack_samples"]


def report(rows: pd.DataFrame) -> pd.DataFrame:
    """The smoothed estimate under every attempt without the box: means over the report noise, one
    row per photo, strength and attempt, with ``select``: the error on the selection noise."""
    tested = rows[(rows["tested_on"] == SMOOTHED) & ~rows["box"]]
    keys = ["image_digest", "eps_rel", "grey_levels", "attempt"]
    fixed = ["attack", "made_on", "attack_samples", "attack_noise", "start", "steps", "keep", "chosen"]
    noise = tested["noise_set"] == "report"
    means = tested[noise].groupby([*keys, *fixed], as_index=False)[list(METRICS)].mean()
    select = tested[tested["noise_set"] == "select"].groupby(keys)["mse"].mean()
    return means.merge(select.rename("select"), on=keys)


def curve(rows: pd.DataFrame, algorithm: str = "pgd") -> pd.DataFrame:
    """Quality of ĝ over attack strength (thesis, Figures A.1 and A.2).

    Args:
        rows: of the table ``attacks``.
        algorithm: of the attacks on ĝ: ``pgd`` (the same as on f) or ``apgd``.

    Returns:
        As :func:`core.results.summary.summarise`, by ``eps_rel``, ``grey_levels``, ``line`` and
        ``attack_samples``. Lines: ``f`` (the thesis's attack), ``smoothed`` (on ĝ, one for each M),
        ``noise`` and ``strongest``; all of them meet at the clean rows.
    """
    table = report(rows)
    attacked, clean = table[table["eps_rel"] > 0], table[table["attack"] == "clean"]
    parts = [
        attacked[thesis(attacked)].assign(line=BASE),
        _shortest(_on_smoothed(attacked, algorithm)).assign(line=SMOOTHED),
        attacked[attacked["attack"] == "noise"].assign(line=NOISE),
        attacked[attacked["chosen"]].assign(line=STRONGEST, attack_samples=0),
    ]
    lines = pd.concat(parts)[["line", "attack_samples"]].drop_duplicates()
    start = clean.drop(columns="attack_samples").merge(lines, how="cross")
    table = pd.concat([*parts, start]).rename(columns={"image_digest": "image"})
    return summarise(table, _LINE)


def gains(rows: pd.DataFrame, eps_rel: float) -> pd.DataFrame:
    """What attacks on ĝ take beyond the thesis's attack on f, photo by photo.

    Returns:
        As :func:`core.results.summary.summarise` of the differences, by ``attack`` (``pgd``, ``apgd``) and
        ``attack_samples``; positive where the attack on ĝ is the stronger one.
    """
    table = report(rows[rows["eps_rel"] == eps_rel])
    both = pd.concat([_shortest(_on_smoothed(table, name)) for name in ALGORITHMS])
    return summarise(_beyond(table, both), ["attack", "attack_samples"])


def finding(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether the thesis's finding, that attacks on ĝ are weaker than attacks on f, survives.

    Returns:
        :func:`core.evaluation.studies.reading.thesis_gap`, with ``own``, ``own_low``, ``own_high``: PSNR that
        the strongest attack made on ĝ itself (chosen per photo on the selection noise) takes beyond
        the thesis's attack on f; and ``answer``: ``survives`` where that interval lies below 0,
        ``does not survive`` where it lies above, else ``undecided``.
    """
    gaps = thesis_gap(rows)
    table = report(rows[rows["eps_rel"] > 0])
    on_smoothed = table[(table["made_on"] == SMOOTHED) & (table["attack"] != "spsa")]
    best = on_smoothed.loc[on_smoothed.groupby(["image_digest", "eps_rel"])["select"].idxmax()]
    own = summarise(_beyond(table, best), ["eps_rel"], ["psnr"])
    names = {"psnr": "own", "psnr_low": "own_low", "psnr_high": "own_high"}
    gaps = gaps.merge(own.rename(columns=names).drop(columns="images"), on="eps_rel")
    gaps["answer"] = OPEN
    gaps.loc[gaps["own_low"] > 0, "answer"] = REFUTED
    gaps.loc[gaps["own_high"] < 0, "answer"] = SURVIVES
    return gaps


def restarts(rows: pd.DataFrame, eps_rel: float) -> pd.DataFrame:
    """Quality after the strongest of the first 1, 2, … starts, chosen per photo on the selection noise.

    Returns:
        As :func:`core.results.summary.summarise`, by ``starts``; of the attack on ĝ with the most starts.
    """
    table = _on_smoothed(report(rows[rows["eps_rel"] == eps_rel]), "apgd")
    settings = table.groupby(["attack_samples", "steps"])["start"].nunique()
    if settings.empty:
        return pd.DataFrame()
    samples, steps = settings.idxmax()
    table = table[(table["attack_samples"] == samples) & (table["steps"] == steps)]
    order = sorted(table["start"].unique(), key=lambda start: (start != "zero", start))
    parts = []
    for count in range(1, len(order) + 1):
        first = table[table["start"].isin(order[:count])]
        parts.append(first.loc[first.groupby("image_digest")["select"].idxmax()].assign(starts=count))
    return summarise(pd.concat(parts).rename(columns={"image_digest": "image"}), ["starts"])


def iterations(paths: pd.DataFrame, eps_rel: float) -> pd.DataFrame:
    """Highest loss so far of attacks on ĝ over the iterations, means over photos.

    Only fixed noise: with fresh noise two losses cannot be compared.

    Returns:
        As :func:`core.results.summary.summarise`, by ``attempt``, ``attack``, ``attack_samples``, ``start``,
        ``steps`` and ``iteration``; ``loss`` is the mean squared error in standardised units.
    """
    on_smoothed = (paths["made_on"] == SMOOTHED) & paths["attack"].isin(ALGORITHMS) & ~paths["box"]
    kept = paths[on_smoothed & (paths["attack_noise"] == "fixed") & (paths["eps_rel"] == eps_rel)]
    kept = kept.sort_values("iteration").assign(image=kept["image_digest"])
    kept = kept.assign(loss=kept.groupby(["image", "attempt"])["loss"].cummax())
    names = ["attempt", "attack", "attack_samples", "start", "steps", "iteration"]
    return summarise(kept, names, ["loss"])


def thesis(table: pd.DataFrame) -> pd.Series:
    """Which rows are of the thesis's attack: PGD on f, its last iterate."""
    chosen: pd.Series = (table["attack"] == "pgd") & (table["made_on"] == BASE) & (table["keep"] == "final")
    return chosen


def _on_smoothed(table: pd.DataFrame, algorithm: str) -> pd.DataFrame:
    """Attacks on ĝ with fixed draws."""
    mine = (table["made_on"] == SMOOTHED) & (table["attack"] == algorithm)
    return table[mine & (table["attack_noise"] == "fixed")]


def _shortest(table: pd.DataFrame) -> pd.DataFrame:
    """One attempt for each M: the standard number of steps, from the first start."""
    if table.empty:
        return table
    table = table[table["steps"] == table["steps"].min()]
    order = table.assign(late=table["start"] != "zero").sort_values(["late", "start"], kind="stable")
    keys = ["image_digest", "eps_rel", "attack_samples"]
    return order.drop_duplicates(keys).drop(columns="late")


def _beyond(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """``other`` with its metrics replaced by what it takes beyond the thesis's attack."""
    keys = ["image_digest", "eps_rel"]
    theirs = table[thesis(table)].set_index(keys)[list(METRICS)]
    both = other.join(theirs.add_suffix("_thesis"), on=keys, how="inner")
    for metric in METRICS:
        lost = both[f"{metric}_thesis"] - both[metric]
        both[metric] = -lost if metric == "mse" else lost
    return both.rename(columns={"image_digest": "image"})

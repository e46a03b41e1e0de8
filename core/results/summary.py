"""What the results store says, as tidy frames: means with 95 % intervals, and published numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.attacks.registry import ATTACKS
from core.attacks.terms import STRONGEST
from core.base.statistics import mean_intervals
from core.problems.names import OWN, TO_SMOOTH, Identity
from core.problems.super_resolution import EPS_REL
from core.results.store import Store

METRICS = ("mse", "psnr", "ssim")
NOTICE = "notice"
"""Column of what a row's figures must be shown with: see :mod:`core.attacks.search`."""

STUDY = "attacks"
ON_F_ALONE = "smoothed networks are attacked on f alone"

PROTOCOL = ("attack", "made", "draws")
"""How rows were made, in words: see :func:`with_protocol`."""


def with_protocol(rows: pd.DataFrame) -> pd.DataFrame:
    """Per-image rows with :data:`PROTOCOL` from their columns ``attack``, ``attack_steps``, ``keep``,
    ``samples``: ``PGD-10``, how it was done, and ``50``; empty without an attack or smoothing."""
    how = ["attack", "attack_steps", "keep"]
    ways = [
        (ATTACKS[key].called(steps), ATTACKS[key].says(steps, keep, "l2")) if keep else ("", "")
        for key, steps, keep in rows[how].drop_duplicates().itertuples(index=False)
    ]
    places = rows.groupby(how, sort=False, observed=True).ngroup()
    attack, made = np.array(ways, dtype=object).reshape(-1, 2)[places].T
    draws = rows["samples"].astype(str).where(rows["sigma"] > 0, "")
    return rows.assign(attack=attack, made=made, draws=draws)


def said(texts: Iterable[str]) -> str:
    """What several rows say, each once; empty texts say nothing.

    >>> said(["", "PGD-20", "PGD-10", "PGD-10"])
    'PGD-10 or PGD-20'
    """
    found = {part for text in texts for part in text.split(" or ") if part}
    return " or ".join(sorted(found, key=lambda text: (len(text), text)))


def attack_words(attacks: Iterable[str]) -> str:
    """How networks of a sweep were attacked, in a few words, by the column ``attack`` of some rows."""
    attack = said(attacks)
    if attack == ATTACKS[STRONGEST].title:
        return "the strongest attack known on each estimator"
    return f"{attack} on each network, on f alone where it is smoothed" if attack else "no attack"


def on_f_alone(problem: str, root: Path | None = None) -> str:
    """That smoothed networks were attacked on f alone, and what that hides, as far as a study says.

    The study's difference is between the thesis's attack (PGD on f) and the strongest attack found on the
    smoothed estimate, means over its photos: its least and its largest over the studied networks, from
    the strength on where it is a decibel for each.

    Args:
        problem: whose networks, by its name.
        root: folder of results.
    """
    store = Store(STUDY, root) if root else Store(STUDY)
    what = ["image_digest", "checkpoint", "sigma_g", "eps_rel", "attack", "made_on", "keep", "chosen", "psnr"]
    where = [("tested_on", "==", "smoothed"), ("noise_set", "==", "report"), ("box", "==", False)]
    rows = store.read(what, where) if store.path.exists() else pd.DataFrame(columns=what)
    rows = rows[rows["checkpoint"].map(lambda name: Identity.parse(name).problem == problem).astype(bool)]
    on_f = (rows["attack"] == "pgd") & (rows["made_on"] == "f") & (rows["keep"] == "final")
    keys = ["checkpoint", "sigma_g", "eps_rel"]
    psnr = {
        name: rows[which].groupby([*keys, "image_digest"])["psnr"].mean()
        for name, which in (("f", on_f), ("strongest", rows["chosen"].astype(bool)))
    }
    more = (psnr["f"] - psnr["strongest"]).dropna().groupby(keys).mean().reset_index(name="dB")
    more = more[more["eps_rel"] <= max(EPS_REL)]
    least = more.groupby("eps_rel")["dB"].min()
    clear = [eps_rel for eps_rel in least.index if (least[least.index >= eps_rel] >= 1).all()]
    if not clear:
        return ON_F_ALONE
    shown = more.loc[more["eps_rel"] >= clear[0], "dB"]
    return (
        f"{ON_F_ALONE}: attacks on the smoothed estimate take {shown.min():.1f} to {shown.max():.1f} dB more "
        f"(ε_rel ≥ {clear[0]:g})"
    )


def span(counts: Iterable[int]) -> str:
    """The least and the most of some counts.

    >>> span([40, 10, 40]), span([60, 60]), span([])
    ('10 to 40', '60', 'no')
    """
    found = sorted(map(int, counts))
    return " to ".join(str(end) for end in dict.fromkeys((found[0], found[-1]))) if found else "no"


def summarise(
    rows: pd.DataFrame,
    by: Sequence[str],
    metrics: Sequence[str] = METRICS,
    words: Sequence[str] = (),
) -> pd.DataFrame:
    """Means over images with 95 % intervals (Student’s t).

    Args:
        rows: per-image rows with an ``image`` column.
        by: columns that tell the groups apart.
        metrics: columns to average.
        words: columns of text to gather, see :func:`said`.

    Returns:
        One row per group, sorted: ``by``, ``images`` (how many), ``words``, and for each metric
        ``<metric>``, ``<metric>_low``, ``<metric>_high``.
    """
    by = list(by)
    rows = rows.sort_values([*by, "image"], kind="stable", ignore_index=True)
    number = rows.groupby(by, observed=True).ngroup().to_numpy()
    counts = np.bincount(number) if len(rows) else np.zeros(0, dtype=int)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int) if len(counts) else counts
    table = rows.loc[starts, by].reset_index(drop=True)
    table["images"] = counts
    for word in words:
        table[word] = rows.groupby(by, observed=True)[word].agg(said).to_numpy()
    for metric in metrics:
        values = rows[metric].to_numpy(dtype=np.float64)
        columns = np.full((3, len(counts)), np.nan)
        for count in np.unique(counts):
            groups = np.flatnonzero(counts == count)
            matrix = values[starts[groups, None] + np.arange(count)]
            columns[:, groups] = mean_intervals(matrix)
        table[metric], table[f"{metric}_low"], table[f"{metric}_high"] = columns
    return table


def in_order(rows: pd.DataFrame, **columns: Sequence[str]) -> pd.DataFrame:
    """The rows, with columns of text whose values are sorted as they are given."""
    sorted_so = {name: pd.CategoricalDtype(values, ordered=True) for name, values in columns.items()}
    return rows.astype(sorted_so)


def notices(table: str, by: str, root: Path | None = None) -> list[str]:
    """What figures of a table must be shown with: one sentence for each attack that could not climb.

    Args:
        table: its name.
        by: the column that says whose attack it was.
        root: folder of results.
    """
    store = Store(table, root) if root else Store(table)
    if NOTICE not in store.columns:  # rows of before attacks were watched
        return []
    return noticed(store.read([by, NOTICE], [(NOTICE, "!=", "")]), by)


def noticed(rows: pd.DataFrame, by: str) -> list[str]:
    """The same of rows in hand."""
    if NOTICE not in rows:
        return []
    told = rows[rows[NOTICE].fillna("") != ""].drop_duplicates(by)
    return [f"{row[by]}: {row[NOTICE]}" for row in told.to_dict("records")]


def at(summary: pd.DataFrame, samples: int | None = None, **where: object) -> pd.DataFrame:
    """The rows with these values in these columns; smoothed ones with so many ``samples``, if said."""
    for column, wanted in where.items():
        summary = summary[summary[column] == wanted]
    return summary if samples is None else summary[
        (summary["samples"] == samples) | (summary["sigma"] == 0)
    ]  # fmt: skip


def deployed(summary: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Every estimator as it would be used: smoothing networks smoothed with their chosen
    ``sigma``, all others as they are."""
    keys = ["estimator", "eps", "sigma"]
    smoothed = summary.merge(chosen[keys], on=keys)
    return pd.concat([summary[~summary["objective"].isin(TO_SMOOTH)], smoothed], ignore_index=True)


def of_the_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the interpolations and of the shipped networks with the global skip: there a kind of
    training and a level name one network, which added networks may share."""
    return table[table["residual"] & ~table["estimator"].str.contains(OWN, regex=False)]


def attack_norms(rows: pd.DataFrame) -> pd.DataFrame:
    """Sizes of perturbations (thesis, Table A.1), without the box.

    Args:
        rows: of the table ``attacks``, of one defence; may be empty.

    Returns:
        By ``eps_rel`` and ``epsilon``: ``images``, and over them the mean norms ``e_f`` of the thesis's
        attack on f (PGD, last iterate) and ``e_g`` of PGD on ĝ; nan where there is none.
    """
    names = ["eps_rel", "epsilon", "images", "e_f", "e_g"]
    if rows.empty:
        return pd.DataFrame(columns=names, dtype=float)
    once = rows[~rows["box"]].drop_duplicates(["image_digest", "eps_rel", "attempt"])
    pgd = once[(once["attack"] == "pgd") & (once["eps_rel"] > 0)]
    on_f = pgd[(pgd["made_on"] == "f") & (pgd["keep"] == "final")]
    groups = {"images": pgd, "e_f": on_f, "e_g": pgd[pgd["made_on"] == "smoothed"]}
    means = {name: group.groupby(names[:2])["norm"].mean() for name, group in groups.items()}
    means["images"] = pgd.groupby(names[:2])["image_digest"].nunique()
    return pd.concat(means, axis=1).reset_index()

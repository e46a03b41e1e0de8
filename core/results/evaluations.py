"""The tables of evaluations, one reader for all of them: rows, means with 95 % intervals, chosen noises.

A row of an evaluation is one photo, estimator, setting, attack strength, smoothing noise and number of
samples. Problems share the table ``evaluations``; two tables are older, and have some columns under
other names or not at all. Frames of all of them have the columns ``estimator``, ``eps`` and ``sigma``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.attacks.terms import STRONGEST, STRONGEST_SSIM, THESIS
from core.base.errors import UserError
from core.problems.names import TO_SMOOTH
from core.problems.problem import Problem
from core.results import summary
from core.results.store import KEY, RESULTS, Store
from core.results.summary import METRICS, PROTOCOL, summarise, with_protocol

CERTIFIED_AT = {"certified_quarter": 0.25, "certified_half": 0.5, "certified_one": 1.0}
"""Certified discrepancies at radii that are these multiples of the smoothing noise."""

DRAWS = ("psnr_median", "ssim_median", "psnr_published", "ssim_published")
DISCREPANCIES = ("median", "certified", *CERTIFIED_AT, "as_published")
"""Quality of single draws of a smoothed estimate, and how far draws are from the base network's output."""

MADE = ("attack", "attack_steps", "keep", "samples")
"""What the words of :data:`core.results.summary.PROTOCOL` are made of."""


ATTEMPTS = ("attack_on", "attempt")
"""Columns of rows of the strongest attacks: the estimator that the worst perturbation was made on, and which
of several attacks found it, of :mod:`core.attacks.strongest`."""

OF_MEDIAN = ("psnr_of_median", "ssim_of_median")
"""Of those rows too: quality of the median of the draws, value by value, under the attack on their mean."""


@dataclass(frozen=True)
class Table:
    """A table of evaluations.

    Attributes:
        name: of the table in the store.
        group: what one mean is over the photos of, and the problem's own fields if they are not there.
        estimator, image, eps, sigma: what the file calls the estimator, the picture, attack strength and
            smoothing noise.
        split: whether it tells validation from test photos.
        discrepancies: whether it has :data:`DRAWS` and :data:`DISCREPANCIES`.
        columns: all that it has; None for those of every row.
        absent: values of other problems' own fields in it.
        dtypes: of columns that are narrower in it.
        attacks: of :data:`core.attacks.terms.ATTACKED`.
    """

    name: str
    group: tuple[str, ...]
    estimator: str = "estimator"
    image: str = "image"
    eps: str = "eps"
    sigma: str = "sigma"
    split: bool = True
    discrepancies: bool = True
    columns: tuple[str, ...] | None = None
    absent: Mapping[str, float] = field(default_factory=dict)
    dtypes: Mapping[str, str] = field(default_factory=dict)
    attacks: str = THESIS

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns that means are taken of."""
        if self.attacks != THESIS:
            return (*METRICS, *OF_MEDIAN)
        return (*METRICS, *DRAWS, *DISCREPANCIES) if self.discrepancies else METRICS

    @property
    def names(self) -> dict[str, str]:
        """What columns of frames are called in its file, where that differs."""
        return {"estimator": self.estimator, "eps": self.eps, "sigma": self.sigma}

    @property
    def order(self) -> tuple[str, ...]:
        """Columns that its file is sorted by."""
        group = [self.names.get(name, name) for name in self.group]
        return (*(["split"] if self.split else []), *group, self.image)

    def stored(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows as :func:`core.evaluation.rows.rows_of` works them out, as this table has them."""
        absent = {name: value for name, value in self.absent.items() if name not in rows}
        rows = rows.assign(**absent).rename(columns=self.names)
        kept = self.columns or tuple(name for name in rows if name not in (*ATTEMPTS, *OF_MEDIAN))
        if self.attacks != THESIS:
            kept = (*(n for n in kept if n not in (*DRAWS, *DISCREPANCIES)), *ATTEMPTS, *OF_MEDIAN)
        return rows[list(kept)].astype(dict(self.dtypes))


def _digits(name: str, group: tuple[str, ...], columns: tuple[str, ...]) -> Table:
    """A table with rows of digits, whose places among the test digits are their ``number``."""
    shared = (KEY, "network", "digest", "sigma", "number", "label", "answer", "seed", "precision")
    return Table(name, group, "network", "number", split=False, discrepancies=False, columns=shared + columns)


_COMMON = (KEY, "image", "image_digest", "objective", "digest", "attack", "attack_steps", "keep", "epsilon",
           "norm", "notice", "samples", "seed", "precision", "device")  # fmt: skip

TABLES = {
    table.name: table
    for table in (
        Table(
            "evaluations",
            ("problem", "dataset", "setting", "objective", "level", "estimator", "eps", "sigma", "samples"),
        ),
        Table(
            "super_resolution",
            ("factor", "objective", "level", "residual", "estimator", "eps", "sigma"),
            eps="eps_rel",
            sigma="sigma_g",
            discrepancies=False,
            columns=(*_COMMON, "split", "factor", "level", "residual", "estimator", "dimension", "eps_rel",
                     "sigma_g", *METRICS),
            dtypes=dict.fromkeys(METRICS, "float32"),
        ),
        Table(
            "inverse_problems",
            ("problem", "dataset", "sigma_b", "ratio", "objective", "estimator", "eps", "sigma", "samples"),
            estimator="network",
            split=False,
            columns=(*_COMMON, "problem", "dataset", "network", "side", "sigma_b", "ratio", "eps", "sigma",
                     "alpha", *METRICS, *DRAWS, *DISCREPANCIES),
            absent={"sigma_b": 0.0, "ratio": 1.0},
        ),
        _digits(
            "digits_attacks", ("network", "attack", "epsilon"),
            ("attack", "epsilon", "norm", "notice", "correct", "steps", "votes", "device"),
        ),
        _digits(
            "digits_certificates", ("network", "sigma"),
            ("radius", "correct", "candidate", "votes", "p_lower", "n0", "n", "alpha", "device"),
        ),
        _digits(
            "digits_challenges", ("network",),
            ("radius", "norm", "notice", "kept", "abstained", "flipped", "restarts", "steps", "n", "alpha"),
        ),
    )
}  # fmt: skip


def table_of(problem: Problem, attacks: str = THESIS) -> Table:
    """The table of a problem's evaluations under a kind of attack, of :data:`core.attacks.terms.ATTACKED`."""
    table = TABLES[problem.table]
    return table if attacks == THESIS else replace(table, name=f"{table.name}_{attacks}", attacks=attacks)


def per_image(
    problem: Problem,
    split: str = "test",
    root: Path | None = None,
    digests: Sequence[str] | None = None,
    attacks: str = THESIS,
) -> pd.DataFrame:
    """One row per photo and setting; see also :func:`core.results.summary.with_protocol`.

    Args:
        problem: whose rows.
        split: ``test`` or ``validation``.
        root: folder of results.
        digests: of checkpoints, to read only theirs.
        attacks: of :data:`core.attacks.terms.ATTACKED`.

    Returns:
        The table's ``group``, the problem's own fields, ``image``, ``epsilon``, ``norm``, the metrics and
        :data:`core.results.summary.PROTOCOL`. A discrepancy without a value (no certificate) is nan.

    Raises:
        UserError: if one picture was scored twice, under two protocols.
    """
    table = table_of(problem, attacks)
    store = Store(table.name, root or RESULTS)
    where: list[tuple[str, str, Any]] = [("split", "==", split)] if table.split else []
    if "problem" in table.group:
        where.append(("problem", "==", problem.name))
    if digests is not None:
        where.append(("digest", "in", list(digests)))
    own = [name for name in problem.own if name in store.columns]  # none where it has no row
    group = list(dict.fromkeys((*table.group, *own)))
    columns = dict.fromkeys((*group, "image", "epsilon", "norm", *MADE, *table.metrics))
    rows = store.read([table.names.get(name, name) for name in columns], where)
    rows = rows.rename(columns={name: column for column, name in table.names.items()})
    rows = rows.assign(**dict.fromkeys(set(problem.own) - set(rows), np.nan))
    if rows.duplicated([*group, "image"]).any():
        raise UserError(
            f"{store.path} holds results of two protocols (crops, attack, samples, seed, precision or device "
            "differ): keep each in a folder of its own, with --results or LAB_RESULTS."
        )
    if table.discrepancies and attacks == THESIS:
        found = list(DISCREPANCIES)
        rows[found] = rows[found].replace(np.inf, np.nan)
    return with_protocol(rows)


def load(
    problem: Problem, split: str = "test", root: Path | None = None, attacks: str = THESIS
) -> pd.DataFrame:
    """Means over photos with 95 % intervals: :func:`core.results.summary.summarise` of :func:`per_image`.

    Without smoothing the noise is 0; :data:`core.results.summary.PROTOCOL` says how the rows were made.
    Empty if nothing was evaluated yet.
    """
    table, rows = table_of(problem, attacks), per_image(problem, split, root, attacks=attacks)
    return summarise(rows, list(dict.fromkeys((*table.group, *problem.own))), table.metrics, PROTOCOL)


def notices(problem: Problem, root: Path | None = None, attacks: str = THESIS) -> list[str]:
    """What figures of a problem's table must be shown with: see :func:`core.results.summary.notices`."""
    table = table_of(problem, attacks)
    return summary.notices(table.name, table.estimator, root)


CHOSEN_BY = {THESIS: ("ssim",), STRONGEST: ("psnr", "ssim"), STRONGEST_SSIM: ("ssim",)}
"""Metrics by which the smoothing noise is chosen: by SSIM in ``patsatzi2023``, section 4.3."""


def choose(rows: pd.DataFrame, problem: Problem, attacks: str = THESIS) -> pd.DataFrame:
    """The smoothing noises of highest mean quality, from validation rows.

    Args:
        rows: of :func:`per_image`.
        problem: whose rows.
        attacks: of :data:`core.attacks.terms.ATTACKED`: it decides by which metrics.

    Returns:
        One row per network made to be smoothed, attack strength and metric (``by``): the table's ``group``
        without the objective, and ``images``. Of equal values the smallest.
    """
    table = table_of(problem, attacks)
    names = [name for name in table.group if name not in ("objective", "sigma")]
    groups = rows[rows["objective"].isin(TO_SMOOTH)].groupby([*names, "sigma"], as_index=False)
    means = groups.agg(psnr=("psnr", "mean"), ssim=("ssim", "mean"), images=("ssim", "size"))
    found = []
    for by in CHOSEN_BY[attacks]:
        best = means.sort_values([*names, by, "sigma"], ascending=[True] * len(names) + [False, True])
        found.append(best.drop_duplicates(names)[[*names, "sigma", "images"]].assign(by=by))
    return pd.concat(found, ignore_index=True)


def chosen(
    problem: Problem, root: Path | None = None, attacks: str = THESIS, metric: str = ""
) -> pd.DataFrame:
    """:func:`choose` of what stands in the store; for one metric, what is shown of it."""
    found = choose(per_image(problem, "validation", root, attacks=attacks), problem, attacks)
    by = CHOSEN_BY[attacks]
    return found[found["by"] == (metric if metric in by else by[0])] if metric else found


def strongest_of(problem: Problem, root: Path | None = None) -> str:
    """The strongest kind of attack that a problem's test photos were evaluated under."""
    there = not per_image(problem, "test", root, attacks=STRONGEST).empty
    return STRONGEST if there else THESIS

"""Per-image figures of all estimators as they would be deployed, ours and published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.problems.super_resolution import SUPER_RESOLUTION
from core.results import summary as results
from core.results.evaluations import chosen, per_image
from core.training.recipes import EPS_REL, SIGMA_F


@dataclass(frozen=True)
class Grid:
    """Per-image figures of one factor's deployed estimators, as frames (image × estimator).

    Attributes:
        eps_rels: attack strengths, ascending.
        levels: sigma_f of the smoothing networks, by name, ascending.
        adversarial, networks: names of the adversarially trained, and of all networks.
        attack, draws: how they were attacked, and of how many draws smoothed ones are the mean.
    """

    eps_rels: tuple[float, ...]
    levels: dict[str, float]
    adversarial: tuple[str, ...]
    networks: tuple[str, ...]
    _frames: dict[tuple[str, float], pd.DataFrame]
    attack: str = ""
    draws: str = ""

    @property
    def images(self) -> int:
        """How many photos the figures are from."""
        return len(next(iter(self._frames.values())))

    def of(self, metric: str, eps_rel: float) -> pd.DataFrame:
        """Values of ``psnr``, ``ssim`` or ``mse``: one row per image, one column per estimator."""
        return self._frames[metric, eps_rel]


def grid(factor: int, root: Path | None = None) -> Grid | None:
    """The deployed estimators of one factor; None while its grid is incomplete."""
    rows = per_image(SUPER_RESOLUTION, "test", root)
    rows = results.of_the_grid(rows[rows["factor"] == factor])
    rows = results.deployed(rows, chosen(SUPER_RESOLUTION, root))
    frames = {
        (metric, eps_rel): part.pivot(index="image", columns="estimator", values=metric)
        for eps_rel, part in rows.groupby("eps_rel")
        for metric in results.METRICS
    }
    names = rows.drop_duplicates("estimator").sort_values("level")
    kinds = {kind: tuple(part["estimator"]) for kind, part in names.groupby("objective")}
    wanted = {"smoothing": len(SIGMA_F), "adversarial": len(EPS_REL), "standard": 1, "interpolation": 1}
    complete = all(len(kinds.get(kind, ())) >= count for kind, count in wanted.items())
    if not complete or any(frame.isna().any(axis=None) for frame in frames.values()):
        return None
    widths = {frame.shape[1] for frame in frames.values()}
    if len(widths) > 1:
        return None
    levels = dict(zip(names["estimator"], names["level"], strict=True))
    return Grid(
        tuple(sorted({eps_rel for _, eps_rel in frames})),
        {name: levels[name] for name in kinds["smoothing"]},
        kinds["adversarial"],
        (*kinds["standard"], *kinds["smoothing"], *kinds["adversarial"]),
        frames,
        results.said(rows["attack"]),
        results.said(rows["draws"]),
    )


def published(factor: int) -> Grid:
    """The thesis's means in the shape of :class:`Grid`: one “image”."""
    table = results.published().query("factor == @factor")
    short = {"smoothing": "rs", "adversarial": "adv", "standard": "std"}
    table = table.assign(
        estimator=[f"{short[o]}-{v:g}" for o, v in zip(table["objective"], table["level"], strict=True)],
        image="mean",
    )
    names = table.drop_duplicates("estimator").sort_values("level")
    kinds = {kind: tuple(part["estimator"]) for kind, part in names.groupby("objective")}
    levels = dict(zip(names["estimator"], names["level"], strict=True))
    return Grid(
        tuple(sorted(table["eps_rel"].unique())),
        {name: levels[name] for name in kinds["smoothing"]},
        kinds["adversarial"],
        tuple(levels),
        {
            (metric, eps_rel): part.pivot(index="image", columns="estimator", values=metric)
            for eps_rel, part in table.groupby("eps_rel")
            for metric in results.METRICS
        },
    )

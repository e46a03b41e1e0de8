"""Tables 4.1 to 4.4 and A.1 to A.3 of the thesis: ours, published, and the difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.base.errors import UserError
from core.pictures.units import radius
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.tables.table import Table, marked
from core.results import evaluations
from core.results import summary as results
from core.results.store import RESULTS, Store

SPACE = (
    "Published PSNR of standard and adversarial training was computed on standardised, unclamped values, "
    "that of smoothing on clamped pictures, and on other photos: compare orders, not decibels."
)

QUALITY = {"4.1": (2, (0.0, 0.01, 0.02)), "4.2": (2, (0.05, 0.1, 0.2)),
           "4.3": (4, (0.0, 0.01, 0.02)), "4.4": (4, (0.05, 0.1, 0.2))}  # fmt: skip
"""Factor and attack strengths of the quality tables."""

SIGMA = {"A.2": 2, "A.3": 4}
"""Factor of the tables of chosen smoothing noise."""

NAMES = (*QUALITY, "A.1", *SIGMA)

NORM_NETWORK = "sr-x2-rs-0.20"
"""The network of our Table A.1: that of the thesis's Figure A.1."""

LABELS = {
    "smoothing": "smoothing, σ_f = {:g}",
    "standard": "standard",
    "adversarial": "adversarial, ε_rel = {:g}",
}


def build(name: str, root: Path | None = None) -> Table:
    """One table from the store and the published numbers; needs neither pictures nor torch.

    Raises:
        UserError: if there is no such table.
    """
    if name in QUALITY:
        return _quality(name, *QUALITY[name], root).noting(evaluations.notices(SUPER_RESOLUTION, root))
    if name in SIGMA:
        return _sigma(name, SIGMA[name], root)
    if name == "A.1":
        return _norms(root).noting(results.notices("attacks", "checkpoint", root))
    raise UserError(f"There is no Table {name}: choose one of {', '.join(NAMES)}.")


def _label(objective: str, level: float, estimator: str) -> str:
    return LABELS[objective].format(level) if objective in LABELS else estimator


def _quality(name: str, factor: int, eps_rels: tuple[float, ...], root: Path | None) -> Table:
    ours = results.deployed(
        evaluations.load(SUPER_RESOLUTION, "test", root), evaluations.chosen(SUPER_RESOLUTION, root)
    )
    ours = results.of_the_grid(ours[(ours["factor"] == factor) & ours["eps_rel"].isin(eps_rels)])
    published = results.published()
    published = published[(published["factor"] == factor) & published["eps_rel"].isin(eps_rels)]
    keys = ["objective", "level", "eps_rel"]
    long = _melt(ours, [*keys, "estimator"]).merge(
        _melt(published, keys)[[*keys, "metric", "published"]], on=[*keys, "metric"], how="outer"
    )
    order = {"smoothing": 0, "standard": 1, "adversarial": 2, "interpolation": 3}
    metrics = {metric: place for place, metric in enumerate(results.METRICS)}
    long = long.assign(
        row=[_label(*who) for who in zip(long.objective, long.level, long.estimator, strict=True)],
        column=[f"ε_rel = {eps_rel:g}" for eps_rel in long.eps_rel],
        place=long.objective.map(order),
        metric_place=long.metric.map(metrics),
    ).sort_values(["place", "level", "row", "eps_rel", "metric_place"], ignore_index=True)
    return Table(
        name,
        f"×{factor} super-resolution under attack, ε_rel {', '.join(f'{e:g}' for e in eps_rels)}; "
        f"{results.on_f_alone(root)}",
        marked(long[["row", "column", "metric", "ours", "low", "high", "published"]]),
        (
            f"Ours: means over {results.span(ours['images'])} test photos, "
            f"{results.attack_words(ours['attack'])}; smoothing networks smoothed with the σ_g of Table "
            f"{'A.2' if factor == 2 else 'A.3'}, k = {results.said(ours['draws']) or '–'}.",
            SPACE,
        ),
    )


def _melt(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row per metric; a summary has limits, a published table has none."""
    parts = []
    for metric in results.METRICS:
        if f"{metric}_low" in table:
            part = table[keys].assign(
                metric=metric, ours=table[metric], low=table[f"{metric}_low"], high=table[f"{metric}_high"]
            )
        else:
            part = table[keys].assign(metric=metric, published=table[metric])
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _unmarked(cells: pd.DataFrame, metric: str) -> pd.DataFrame:
    return cells.assign(
        metric=metric,
        low=float("nan"),
        high=float("nan"),
        difference=cells["ours"] - cells["published"],
        best_ours=False,
        best_published=False,
    )


def _sigma(name: str, factor: int, root: Path | None) -> Table:
    keys = ["level", "eps_rel"]
    rows = evaluations.per_image(SUPER_RESOLUTION, "validation", root)
    rows = results.of_the_grid(rows[rows["factor"] == factor])
    chosen = evaluations.choose(rows, SUPER_RESOLUTION)
    published = results.published_sigma_g().query("factor == @factor")
    cells = chosen[[*keys, "sigma_g"]].merge(
        published[[*keys, "sigma_g"]], on=keys, how="outer", suffixes=("_ours", "_published")
    )
    cells = cells.sort_values(keys, ignore_index=True)
    cells = pd.DataFrame(
        {
            "row": [f"σ_f = {level:g}" for level in cells["level"]],
            "column": [f"ε_rel = {eps_rel:g}" for eps_rel in cells["eps_rel"]],
            "ours": cells["sigma_g_ours"],
            "published": cells["sigma_g_published"],
        }
    )
    note = (
        f"Ours: σ_g of highest mean SSIM under attack on {results.span(chosen['images'])} validation photos, "
        f"out of {rows['sigma_g'].nunique()} values."
    )
    return Table(name, f"Chosen smoothing noise σ_g, ×{factor}", _unmarked(cells, "sigma_g"), (note,))


def _norms(root: Path | None) -> Table:
    published = results.published_norms()
    rows = evaluations.per_image(SUPER_RESOLUTION, "test", root)
    rows = rows[(rows["estimator"] == NORM_NETWORK) & (rows["sigma_g"] == 0)]
    reached = rows.groupby("eps_rel")["norm"].mean()
    mine, network = _norms_on_smoothed(root)
    cells = []
    for row in published.itertuples():
        found = {
            "ε": (radius(row.eps_rel, 3 * 160 * 160), row.eps),
            "‖e_f‖": (reached.get(row.eps_rel, float("nan")), row.norm_e_f),
            "‖e_g‖": (mine.get(row.eps_rel, float("nan")), row.norm_e_g),
        }
        cells += [
            {"row": f"ε_rel = {row.eps_rel:g}", "column": column, "ours": ours, "published": theirs}
            for column, (ours, theirs) in found.items()
        ]
    notes = (
        f"Ours: mean over {rows['image'].nunique()} test photos of the perturbations made on {NORM_NETWORK} "
        "(e_f: on the base network).",
        f"e_g: of PGD on {network} smoothed, from the study of attacks."
        if len(mine)
        else "e_g, made on the smoothed estimate, comes from `python -m core study attacks`.",
    )
    return Table(
        "A.1", "Size of the adversarial perturbations", _unmarked(pd.DataFrame(cells), "norm"), notes
    )


def _norms_on_smoothed(root: Path | None) -> tuple[pd.Series, str]:
    """Mean norms on ĝ by ``eps_rel``, of :data:`NORM_NETWORK` or else of the network whose smoothed
    estimate was attacked on most photos, and which it is."""
    rows = Store("attacks", root or RESULTS).read()
    if rows.empty:
        return pd.Series(dtype=float), ""
    counts = rows.groupby("checkpoint")["image_digest"].nunique()
    network = NORM_NETWORK if NORM_NETWORK in counts else str(counts.idxmax())
    sizes = results.attack_norms(rows[rows["checkpoint"] == network]).dropna(subset="e_g")
    return sizes.groupby("eps_rel")["e_g"].mean(), network

"""Tables 4.1 to 4.4 and A.1 to A.3 of the thesis: ours, published, and the difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.attacks.terms import ATTACKED, THESIS
from core.pictures.units import radius
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.tables.table import Table, joined, labels
from core.results import evaluations
from core.results import summary as results
from core.results.published import published
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
    "denoised": "standard behind a denoiser of σ = {:g}",
    "standard": "standard",
    "adversarial": "adversarial, ε_rel = {:g}",
    "interpolation": "",
}
"""By objective, in the order of the rows; an interpolation is called by its name."""


def build(name: str, root: Path | None = None, attacks: str = THESIS) -> Table:
    """One table, by its name, from the store and the published numbers; needs neither pictures nor torch.

    Args:
        name: of :data:`NAMES`.
        root: folder of results.
        attacks: of :data:`core.attacks.terms.ATTACKED`; Table A.1 is of the thesis's alone.
    """
    if name in QUALITY:
        notices = evaluations.notices(SUPER_RESOLUTION, root, attacks)
        return _quality(name, *QUALITY[name], root, attacks).noting(notices)
    if name in SIGMA:
        return _sigma(name, SIGMA[name], root, attacks)
    return _norms(root).noting(results.notices("attacks", "checkpoint", root))


def _quality(name: str, factor: int, eps_rels: tuple[float, ...], root: Path | None, attacks: str) -> Table:
    ours = results.deployed(
        evaluations.load(SUPER_RESOLUTION, "test", root, attacks),
        evaluations.chosen(SUPER_RESOLUTION, root, attacks, "psnr"),
    )
    who = ["objective", "level", "estimator"]
    ours = results.of_the_grid(ours[(ours["factor"] == factor) & ours["eps"].isin(eps_rels)])
    mine, theirs = (
        table.assign(
            place=table["objective"].map({objective: n for n, objective in enumerate(LABELS)}),
            row=[LABELS[kind].format(level) or name for kind, level, name in table[who].to_numpy()],
            column=labels("ε_rel = {:g}", table["eps"]),
        )
        for table in (ours, published(SUPER_RESOLUTION, name).assign(estimator=""))
    )
    return Table(
        name,
        f"×{factor} super-resolution under attack, ε_rel {', '.join(f'{e:g}' for e in eps_rels)}; "
        f"{results.on_f_alone(SUPER_RESOLUTION.name, root) if attacks == THESIS else ATTACKED[attacks]}",
        joined(
            mine, theirs, ["place", "level", "row", "eps", "column"], {name: name for name in results.METRICS}
        ),
        (
            f"Ours: means over {results.span(ours['images'])} test photos, "
            f"{results.attack_words(ours['attack'])}; smoothing networks smoothed with the σ_g of Table "
            f"{'A.2' if factor == 2 else 'A.3'}, k = {results.said(ours['draws']) or '–'}.",
            SPACE,
        ),
    )


def _sigma(name: str, factor: int, root: Path | None, attacks: str) -> Table:
    rows = evaluations.per_image(SUPER_RESOLUTION, "validation", root, attacks=attacks)
    rows = results.of_the_grid(rows[rows["factor"] == factor])
    chosen = evaluations.choose(rows, SUPER_RESOLUTION, attacks)
    by = evaluations.CHOSEN_BY[attacks][0]
    chosen = chosen[chosen["by"] == by]
    mine, theirs = (
        table.assign(
            row=labels("σ_f = {:g}", table["level"]),
            column=labels("ε_rel = {:g}", table["eps"]),
        )
        for table in (chosen, published(SUPER_RESOLUTION, name))
    )
    note = (
        f"Ours: σ_g of highest mean {by.upper()} under attack on {results.span(chosen['images'])} "
        f"validation photos, out of {rows['sigma'].nunique()} values."
    )
    cells = joined(mine, theirs, ["level", "eps", "row", "column"], {"sigma_g": "sigma"}, best=False)
    return Table(name, f"Chosen smoothing noise σ_g, ×{factor}", cells, (note,))


def _norms(root: Path | None) -> Table:
    rows = evaluations.per_image(SUPER_RESOLUTION, "test", root)
    rows = rows[(rows["estimator"] == NORM_NETWORK) & (rows["sigma"] == 0)]
    on_f = rows.groupby("eps")["norm"].mean()
    on_g, network = _norms_on_smoothed(root)
    theirs = published(SUPER_RESOLUTION, "A.1")
    theirs = theirs.assign(row=labels("ε_rel = {:g}", theirs["eps"]), column="")
    mine = theirs.assign(
        epsilon=[radius(eps, 3 * 160 * 160) for eps in theirs["eps"]],
        norm_e_f=theirs["eps"].map(on_f),
        norm_e_g=theirs["eps"].map(on_g),
    )
    columns = {"ε": "epsilon", "‖e_f‖": "norm_e_f", "‖e_g‖": "norm_e_g"}
    cells = joined(mine, theirs, ["eps", "row", "column"], columns, best=False)
    cells = cells.assign(column=cells["metric"], metric="norm")
    notes = (
        f"Ours: mean over {rows['image'].nunique()} test photos of the perturbations made on {NORM_NETWORK} "
        "(e_f: on the base network).",
        f"e_g: of PGD on {network} smoothed, from the study of attacks."
        if len(on_g)
        else "e_g, made on the smoothed estimate, comes from `python -m core study attacks`.",
    )
    return Table("A.1", "Size of the adversarial perturbations", cells, notes)


def _norms_on_smoothed(root: Path | None) -> tuple[pd.Series, str]:
    """Mean norms on ĝ by attack strength, of :data:`NORM_NETWORK` or else of the network whose smoothed
    estimate was attacked on most photos, and which it is."""
    rows = Store("attacks", root or RESULTS).read()
    if rows.empty:
        return pd.Series(dtype=float), ""
    counts = rows.groupby("checkpoint")["image_digest"].nunique()
    network = NORM_NETWORK if NORM_NETWORK in counts else str(counts.idxmax())
    sizes = results.attack_norms(rows[rows["checkpoint"] == network]).dropna(subset="e_g")
    return sizes.groupby("eps_rel")["e_g"].mean(), network

"""The studies' tables for people: means over photos, one line per setting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.base.statistics import mean_interval
from core.evaluation.studies.attempts import BASE, SMOOTHED


def certificate_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per certificate and radius.

    Returns:
        ``certificate``, ``ratio``, ``epsilon``, ``eps_rel``, ``grey_levels``, ``images``,
        ``certified`` (share of images with a bound), ``bound`` (median over images, ``inf`` where
        most have none), ``clean`` and ``measured`` (medians), ``exceeded`` (images on which an
        attack measured above the bound).
    """
    keys = ["certificate", "ratio", "epsilon", "eps_rel", "grey_levels"]
    marked = rows.assign(
        certified=np.isfinite(rows["bound"]), exceeded=rows["measured"] > rows["bound"], images=1
    )
    groups = marked.groupby(keys, as_index=False, sort=True)
    return groups.agg(
        images=("images", "sum"),
        certified=("certified", "mean"),
        bound=("bound", "median"),
        clean=("clean", "median"),
        measured=("measured", "median"),
        exceeded=("exceeded", "sum"),
    )


def certified_range(rows: pd.DataFrame) -> pd.DataFrame:
    """How far each certificate reaches, and where attacks were measured beyond it.

    Returns:
        One line per certificate: ``reach``, ``reach_rel``, ``reach_grey_levels``: the largest
        radius of the grid with a bound on at least half of the images (0 if there is none); and
        ``attacked_to``, ``attacked_to_grey_levels``: the largest radius that was attacked.
    """
    lines = []
    for name, group in rows.groupby("certificate", sort=False):
        radii = group.groupby(["epsilon", "eps_rel", "grey_levels"], as_index=False).agg(
            certified=("bound", lambda bounds: np.isfinite(bounds).mean()),
            attacked=("measured", lambda values: values.notna().any()),
        )
        reach = radii[radii["certified"] >= 0.5].max()
        attacked = radii[radii["attacked"]].max()
        lines.append({
            "certificate": name,
            "reach": np.nan_to_num(reach["epsilon"]), "reach_rel": np.nan_to_num(reach["eps_rel"]),
            "reach_grey_levels": np.nan_to_num(reach["grey_levels"]),
            "attacked_to": np.nan_to_num(attacked["epsilon"]),
            "attacked_to_grey_levels": np.nan_to_num(attacked["grey_levels"]),
        })  # fmt: skip
    return pd.DataFrame(lines)


def falsification_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per radius and reading of the published number (c fixed, c moving).

    Returns:
        ``reading``, ``ratio``, ``eps_rel``, ``images``, ``refuted`` (images where some attack's
        whole confidence interval exceeds the number), ``claimed`` and ``median`` (of the strongest
        attack; medians over images) and ``factor``, their ratio.
    """
    names = ["reading", "ratio", "eps_rel", "image_digest"]
    strongest = rows.loc[rows.groupby(names)["median"].idxmax()]
    table = strongest.groupby(["reading", "ratio", "eps_rel"], as_index=False).agg(
        images=("image_digest", "nunique"),
        refuted=("exceeded", "sum"),
        claimed=("claimed", "median"),
        median=("median", "median"),
    )
    return table.assign(factor=table["median"] / table["claimed"])


def thesis_gap(rows: pd.DataFrame) -> pd.DataFrame:
    """How much stronger the strongest attack is than the thesis's on f, both tested on ĝ.

    Args:
        rows: of the table ``attacks``, of one checkpoint.

    Returns:
        One line per ``eps_rel`` (with ``grey_levels``): ``images``; ``thesis`` and ``strongest``
        mean PSNR; ``gap``, ``gap_low``, ``gap_high``: PSNR the strongest takes beyond the thesis's,
        mean and 95 % interval over images; ``share`` of images on which it is at least as strong.
    """
    report = rows[(rows["tested_on"] == SMOOTHED) & (rows["noise_set"] == "report") & ~rows["box"]]
    report = report[report["eps_rel"] > 0]
    keys = ["eps_rel", "grey_levels", "image_digest"]
    theirs = (report["attack"] == "pgd") & (report["made_on"] == BASE) & (report["keep"] == "final")
    pair = pd.concat(
        {
            "thesis": report[theirs].groupby(keys)["psnr"].mean(),
            "strongest": report[report["chosen"]].groupby(keys)["psnr"].mean(),
        },
        axis=1,
    ).dropna()
    lines = []
    for (eps_rel, grey_levels), group in pair.groupby(["eps_rel", "grey_levels"]):
        gaps = (group["thesis"] - group["strongest"]).to_numpy()
        gap, low, high = mean_interval(gaps)
        lines.append({
            "eps_rel": eps_rel, "grey_levels": grey_levels, "images": len(gaps),
            "thesis": group["thesis"].mean(), "strongest": group["strongest"].mean(),
            "gap": gap, "gap_low": low, "gap_high": high, "share": float((gaps >= 0).mean()),
        })  # fmt: skip
    return pd.DataFrame(lines)


def transfer_matrix(rows: pd.DataFrame, metric: str = "psnr") -> pd.DataFrame:
    """Made on (row), tested on (column): mean of a metric over images and report noise.

    Of several attempts made on the same network the strongest on the row's own network counts,
    per image; without the box.

    Args:
        rows: of the table ``attacks``, at one attack strength.
        metric: ``psnr``, ``ssim`` or ``mse``.
    """
    scored = rows[(rows["noise_set"] != "select") & ~rows["box"] & (rows["made_on"] != "")]
    keys = ["image_digest", "made_on", "attempt"]
    means = scored.groupby([*keys, "tested_on"], as_index=False)[[metric, "mse"]].mean()
    own = means[means["made_on"] == means["tested_on"]]
    best = own.loc[own.groupby(["image_digest", "made_on"])["mse"].idxmax(), keys]
    table = means.merge(best, on=keys).pivot_table(index="made_on", columns="tested_on", values=metric)
    names = [BASE, SMOOTHED, *sorted(set(table.columns) - {BASE, SMOOTHED})]
    return table.reindex(index=[n for n in names if n in table.index], columns=names)

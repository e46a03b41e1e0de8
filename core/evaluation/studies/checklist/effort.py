"""Items on whether more effort or a larger radius does what it must."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.evaluation.studies.attempts import SMOOTHED
from core.evaluation.studies.checklist.rows import CASE, SCENE, NotTried, Rows, need

PLATEAU = 0.1
"""An error has reached a plateau when the last doubling of effort raises it by less than this
share of its whole rise."""

DESTROYED_PSNR = 12.0
"""dB below which a picture counts as destroyed."""


def restarts(rows: Rows) -> tuple[bool, str]:
    """Attacks on ĝ have several starts."""
    attacked = rows.attacked()
    keys = [*CASE, "attack", "made_on", "attack_samples", "attack_noise", "steps"]
    repeated = attacked[attacked["made_on"] == SMOOTHED].groupby(keys)["start"].nunique()
    repeated = repeated[repeated > 1]
    if repeated.empty:
        raise NotTried("no attack on ĝ with more than one start")
    return True, f"{int(repeated.min())} to {int(repeated.max())} starts, zero and random"


def iterations(rows: Rows) -> tuple[bool, str]:
    """The second half of the longest attack adds little to its loss."""
    paths = need(rows.paths, "losses over iterations")
    paths = paths[(paths["made_on"] == SMOOTHED) & (paths["attack"] == "apgd")]
    long = need(paths, "APGD on ĝ").query("steps == steps.max() and attack_noise == 'fixed' and not box")
    table = need(long, "APGD on ĝ").pivot_table(index=[*CASE, "attempt"], columns="iteration", values="loss")
    best = table.cummax(axis=1)
    last = int(best.columns.max())
    rise = (best[last] - best[0]).mean()
    late = (best[last] - best[last // 2]).mean()
    share = float(late / rise) if rise > 0 else 1.0
    return rise > 0 and share < PLATEAU, (
        f"{last} steps raise the loss by {rise:.4g}, the second half of them by {share:.1%} of that"
    )


def more_restarts(rows: Rows) -> tuple[bool, str]:
    """The last start adds little to the error."""
    attacked = rows.attacked()
    keys = [*CASE, "attack", "made_on", "attack_samples", "attack_noise", "steps"]
    groups = attacked[attacked["made_on"] == SMOOTHED].groupby(keys)["mse"]
    table = groups.agg(["max", "count"]).query("count >= 3")
    if table.empty:
        raise NotTried("no attack on ĝ with three starts")
    all_but_one = groups.agg(lambda g: np.mean([g.drop(i).max() for i in g.index])).loc[table.index]
    rise = _rise(table["max"], rows)
    share = float((table["max"] - all_but_one).mean() / rise)
    return share < PLATEAU, f"the last of {int(table['count'].max())} starts adds {share:.1%} of the rise"


def more_samples(rows: Rows) -> tuple[bool, str]:
    """The last doubling of M adds little to the error."""
    attacked = rows.attacked()
    fixed = attacked[attacked["made_on"] == SMOOTHED].query("attack == 'apgd' and attack_noise == 'fixed'")
    tables = [
        group.pivot_table(index=CASE, columns="attack_samples", values="mse").dropna()
        for _, group in fixed.groupby(["start", "steps"])
    ]
    table = max(tables, key=lambda table: table.shape[1], default=pd.DataFrame())
    if table.shape[1] < 2 or table.empty:
        raise NotTried("no APGD on ĝ with several M")
    *_, fewer, most = sorted(table.columns)
    share = float((table[most] - table[fewer]).mean() / _rise(table[most], rows))
    return share < PLATEAU, f"M = {most} instead of {fewer} adds {share:.1%} of the rise"


def _rise(attacked: pd.Series, rows: Rows) -> float:
    """Mean error under attack above the clean one of the same images."""
    clean = rows.smoothed().query("eps_rel == 0").set_index(SCENE)["mse"]
    if clean.empty:
        raise NotTried("no clean rows (eps_rel = 0)")
    cases = attacked.reset_index()[SCENE].apply(tuple, axis=1)
    return max(float((attacked.to_numpy() - clean.reindex(cases).to_numpy()).mean()), 1e-300)


def monotone(rows: Rows) -> tuple[bool, str]:
    """The mean error grows with the radius."""
    table = rows.worst().pivot_table(index=SCENE, columns="eps_rel", values="mse")
    table = table.dropna()
    if table.shape[1] < 3 or table.empty:
        raise NotTried("fewer than three attack strengths on the same images")
    means = table.mean()
    return bool((np.diff(means) > 0).all()), "mean error " + " < ".join(
        f"{mean:.4g} (ε_rel = {eps:g})" for eps, mean in means.items()
    )


def huge(rows: Rows) -> tuple[bool, str]:
    """The largest radius leaves no picture."""
    worst = rows.worst()
    largest = float(worst["eps_rel"].max())
    if largest < 0.5:
        raise NotTried("no attack of ε_rel ≥ 0.5")
    psnr = float(worst.loc[worst["eps_rel"] == largest, "psnr"].mean())
    return psnr < DESTROYED_PSNR, f"{psnr:.1f} dB at ε_rel = {largest:g}; below {DESTROYED_PSNR:g} asked"

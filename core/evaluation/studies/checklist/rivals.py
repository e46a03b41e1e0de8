"""Items that hold the strongest attack against other ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.evaluation.studies.attempts import BASE, SMOOTHED
from core.evaluation.studies.checklist.rows import CASE, Judge, NotTried, Rows, need

SHARE = 0.95
"""Share of images that an item about single images must hold on."""


def shared(ratios: pd.Series, what: str, *, least: float = 1.0) -> tuple[bool, str]:
    """Whether a ratio reaches ``least`` on :data:`SHARE` of the cases."""
    if ratios.empty:
        raise NotTried(f"no case with {what}")
    share = float((ratios >= least).mean())
    gain = 10 * np.log10(ratios.mean())
    return share >= SHARE, (
        f"at least as strong as {what} on {share:.0%} of {len(ratios)} cases, by {gain:+.2f} dB of mean error"
    )


def transfer(rows: Rows) -> tuple[bool, str]:
    """Attacks made on f, ĝ and adversarially trained networks are tried, and the worst is kept."""
    attacked = need(rows.attacked(), "the smoothed estimate under attack")
    sources = attacked.groupby(CASE)["made_on"].agg(set)
    complete = sources.map(lambda made: {BASE, SMOOTHED} <= made and any("-adv-" in m for m in made))
    if not complete.any():
        raise NotTried("no case with transfer from base, smoothed and adversarially trained networks")
    cases = sources[complete].index
    selection = rows.smoothed("select").set_index(CASE).loc[cases].reset_index()
    groups = selection.groupby(CASE)
    kept = groups.apply(lambda g: g.loc[g["chosen"], "mse"].max() >= g["mse"].max(), include_groups=False)
    names = sorted(set.union(*sources[complete]) - {""})
    return bool(kept.all()), (
        f"made on {', '.join(names)}; the worst per image kept in {int(kept.sum())} of {len(kept)} cases"
    )


def beats(attack: str, what: str, made_on: str = "") -> Judge:
    """The strongest attack is at least as strong as every one of another kind."""

    def beats(rows: Rows) -> tuple[bool, str]:
        attacked = rows.attacked()
        weak = attacked[attacked["attack"] == attack]
        if made_on:
            weak = weak[weak["made_on"] == made_on]
        return shared(rows.against(weak.groupby(CASE)["mse"].max()), what)

    return beats


def gradient_free(rows: Rows) -> tuple[bool, str]:
    """The strongest attack with gradients is at least as strong as the one without."""
    attacked = rows.attacked()
    free = attacked.query("attack == 'spsa'").groupby(CASE)["mse"].max()
    gradients = attacked[~attacked["attack"].isin(["spsa", "noise", "clean"])].groupby(CASE)["mse"].max()
    return shared((gradients / free).dropna(), "the gradient-free attack")

"""Figures of one run of denoising or compressed sensing: quality, and what the draws say and certify."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.certificates.confidence import largest_ratio
from core.experiment.outcome import Outcome
from core.problems.problem import Problem
from pages.widgets.page.names import Name
from pages.widgets.scenario import inverse_names, quality_table


def units(problem: Problem) -> str:
    """The note on units that goes with ε and σ, and with everything published."""
    ours = "ε and σ are in one unit here."
    if not problem.published:
        return ours
    return (
        f"{ours} The published certificate divides an ε of pictures in [0, 1] by a σ on 0–255, 255 times too "
        "small a ratio: its numbers stand beside ours “as published (mixed units)” and bound nothing."
    )


def quality(outcome: Outcome, called: dict[str, Name]) -> None:
    """PSNR, SSIM and MSE of every estimator, clean and attacked; the best attacked figures are bold."""
    s = outcome.scenario
    trivial, linear = inverse_names.problems()[s.problem.name].measured, outcome.baselines["linear"]
    rows = {f"{trivial} (no network)": (linear.clean.quality, linear.attacked.quality)}
    for name in inverse_names.in_order(outcome.networks):
        for full, pair in (
            (called[name].full, outcome.networks[name]),
            (inverse_names.smoothed(s, name).full, outcome.smoothed[name].pair),
        ):
            rows[full] = pair.clean.quality, pair.attacked.quality
    quality_table.draw(rows)


def discrepancies(outcome: Outcome) -> None:
    """How far single draws are from the output, and what is certified of that."""
    s = outcome.scenario
    reach = outcome.certifiable
    furthest = f"at most, certified up to ε = {reach:.2g}"
    rows = {}
    for name in inverse_names.in_order(outcome.networks):
        found = outcome.smoothed[name]
        draws = found.attacked.draws
        # The very largest ratio may miss its own order statistic by rounding.
        ratio = largest_ratio(s.samples, s.alpha) * (1 - 1e-9)
        certified = draws.bounds([ratio], s.alpha)[0] if reach > 0 else math.inf
        rows[inverse_names.short(name)] = {
            "median, not attacked": _both(found.clean.draws.median),
            "median, attacked": _both(draws.median),
            f"at most, certified at ε = {s.eps_level:g}": _both(found.attacked.bound),
            furthest: _both(certified),
        }
        if s.problem.published:
            rows[inverse_names.short(name)]["as published (mixed units, not a bound)"] = _both(
                found.attacked.as_published
            )
    st.table(
        pd.DataFrame(rows).T.rename_axis("Discrepancy of one draw, MSE ≈ grey levels"), border="horizontal"
    )
    st.caption(
        f"With confidence {1 - s.alpha:g}, half of all noisy reconstructions stay within a certified "
        f"discrepancy, whatever the attack up to ε grey levels. {units(s.problem)}"
    )


def _both(value: float) -> str:
    """A discrepancy in both units, or that there is none."""
    return "none" if math.isinf(value) else f"{value:.2e} ≈ {inverse_names.root(value):.2f}"

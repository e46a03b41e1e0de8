"""Figures of one outcome in tables: quality of every estimator, what single draws do, what is certified."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.certificates.confidence import largest_ratio
from core.experiment.outcome import Outcome
from core.pictures import metrics
from core.pictures.metrics import Quality
from core.problems.problem import Problem
from pages.widgets.page import names
from pages.widgets.page.numbers import signed
from pages.widgets.scenario.outcome_panels import shown

FLIP = "lab.flip"
"""Key of the switch that adds the perceived difference, here and to the pictures."""


def flip_switch() -> None:
    """Draw it; without the package it says how to have it."""
    there = metrics.has_flip()
    said = "maps of it stand among the pictures" if there else f"install it: `{metrics.FLIP_INSTALL}`"
    st.toggle("Perceived difference (FLIP)", key=FLIP, disabled=not there,
              help=f"What a person sees change when the pictures alternate, 0 to 1; {said}.")  # fmt: skip


def quality(outcome: Outcome) -> None:
    """Draw PSNR, SSIM and MSE of every estimator, clean and attacked, and FLIP if it is asked for; the best
    attacked figures are bold."""
    called = names.of(outcome.scenario)
    pairs = {called[name].full: pair for name, pair in outcome.baselines.items()}
    pairs |= {each.name.full: each.pair for each in shown(outcome)}
    rows = {title: (pair.clean.quality, pair.attacked.quality) for title, pair in pairs.items()}
    best_psnr = max(attacked.psnr for _, attacked in rows.values())
    best_ssim = max(attacked.ssim for _, attacked in rows.values())
    table = pd.DataFrame(
        [_row(clean, attacked, best_psnr, best_ssim) for clean, attacked in rows.values()],
        index=pd.Index(rows, name="Estimator"),
    )
    if st.session_state.get(FLIP):
        for column, kind in (("FLIP clean", "clean"), ("attacked   ", "attacked")):
            pictures = [getattr(pair, kind).picture for pair in pairs.values()]
            table[column] = [f"{metrics.flip(each, outcome.truth).mean():.4f}" for each in pictures]
    st.table(table, border="horizontal")


def _row(clean: Quality, attacked: Quality, best_psnr: float, best_ssim: float) -> dict[str, str]:
    return {
        "PSNR clean": f"{clean.psnr:.2f} dB",
        "attacked": _bold(f"{attacked.psnr:.2f} dB", attacked.psnr == best_psnr),
        "difference": f"{signed(attacked.psnr - clean.psnr, 2)} dB",
        "SSIM clean": f"{clean.ssim:.4f}",
        "attacked ": _bold(f"{attacked.ssim:.4f}", attacked.ssim == best_ssim),
        "difference ": signed(attacked.ssim - clean.ssim, 4),
        "MSE clean": f"{clean.mse:.5f}",
        "attacked  ": f"{attacked.mse:.5f}",
        "difference  ": signed(attacked.mse - clean.mse, 5),
        **_on_luma(clean, attacked),
    }


def _on_luma(clean: Quality, attacked: Quality) -> dict[str, str]:
    if clean.psnr_luma is None or attacked.psnr_luma is None:
        return {}
    return {
        "PSNR on luma, border cut, clean": f"{clean.psnr_luma:.2f} dB",
        "attacked   ": f"{attacked.psnr_luma:.2f} dB",
    }


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text


def certified(outcome: Outcome) -> str:
    """What is certified of the smoothed network at the attack's strength, in one line; or that nothing is."""
    s, bound = outcome.scenario, outcome.chosen.attacked.bound
    space, at = s.problem.space, names.strength(s)
    if bound < math.inf:
        return (
            f"Certified median discrepancy of {s.checkpoint} at {at}: at most "
            f"**{names.root(bound):.1f} grey levels**"
        )
    reach = space.grey_levels(outcome.certifiable)
    how = (
        "without smoothing noise nothing ever is"
        if s.sigma_level == 0
        else f"{s.samples:,} samples at σ = {space.grey_levels(s.sigma_level):.4g} reach "
        f"**{reach:.2g} grey levels**"
    )
    return f"Certified of {s.checkpoint} at {at}: **nothing** ({how})"


def discrepancies(outcome: Outcome) -> None:
    """Draw how far single draws are from the output, and what is certified of that."""
    s, reach = outcome.scenario, outcome.certifiable
    furthest = f"at most, certified up to ε = {reach:.2g}"
    rows = {}
    for name, found in outcome.smoothed.items():
        draws = found.attacked.draws
        # The very largest ratio may miss its own order statistic by rounding.
        ratio = largest_ratio(s.samples, s.alpha) * (1 - 1e-9)
        certified = draws.bounds([ratio], s.alpha)[0] if reach > 0 else math.inf
        rows[name] = {
            "median, not attacked": _both(found.clean.draws.median),
            "median, attacked": _both(draws.median),
            f"at most, certified at ε = {s.eps_level:g}": _both(found.attacked.bound),
            furthest: _both(certified),
        }
        if s.problem.published:
            rows[name]["as published (mixed units, not a bound)"] = _both(found.attacked.as_published)
    st.table(
        pd.DataFrame(rows).T.rename_axis("Discrepancy of one draw, MSE ≈ grey levels"), border="horizontal"
    )
    st.caption(
        f"With confidence {1 - s.alpha:g}, half of all noisy reconstructions stay within a certified "
        f"discrepancy, whatever the attack up to ε. {units(s.problem)}"
    )


def _both(value: float) -> str:
    """A discrepancy in both units, or that there is none."""
    return "none" if math.isinf(value) else f"{value:.2e} ≈ {names.root(value):.2f}"


def units(problem: Problem) -> str:
    """The note on units that goes with ε and σ, and with everything published."""
    ours = "ε and σ are in one unit here."
    if not problem.published:
        return ours
    return (
        f"{ours} The published certificate divides an ε of pictures in [0, 1] by a σ on 0–255, 255 times too "
        "small a ratio: its numbers stand beside ours “as published (mixed units)” and bound nothing."
    )

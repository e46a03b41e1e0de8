"""Guarantees: what can be certified, and what attacks reach, on one axis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.base.options import Control, Options, Widget, option
from core.base.references import PAPER, cite
from core.certificates.confidence import largest_ratio
from core.certificates.registry import DISPLACEMENT, ERROR
from core.pictures.units import grey_levels, radius
from core.problems.controls import STANDARDISED
from core.reports.figures import bounds as figures
from pages.widgets.page import chart, links, refusals, results_data, share, style
from pages.widgets.page.controls import DEFENCE, Controls, one_of
from pages.widgets.studies import bounds_panels, certify_live

EMPTY = (
    "There is no study of certificates yet: run `python -m core study certificates --data photos_test`, or "
    "restore the results folder from git. “Certify a photo” works without it."
)
VIEWS = {"photo": "Certify a photo", "bounds": "Test photos", "reach": "Reach of samples"}
FORMERLY = {"Bounds": "bounds", "On a photo": "photo", "S, α and σ": "reach"}
WHATS = {ERROR: "Error to the truth", DISPLACEMENT: "Change of the output"}
REACH = ("part", ["reach"])
SAYS = {
    "bounds": f"Lines are bounds that randomized smoothing ({cite('cohen2019')}) guarantees for every attack "
    "up to ε; open marks and stars are what the strongest attacks found do. An attack that one can see on a "
    "whole photo cannot be certified.",
    "photo": "An attack that fails proves nothing about the next one. Randomized smoothing "
    f"({cite('cohen2019')}) yields bounds that hold for every attack up to a strength ε: choose a photo, "
    "press Certify, and see how far they reach, and the interval that holds for every pixel.",
    "reach": "How far S samples can certify at all: the limit grows with σ, hardly with S, and shrinks with "
    "every further value of a picture. Above a line there is no certificate.",
}
ALPHAS = (0.05, 0.01, 0.001, 1e-6)
SAMPLES = (100, 1_000, 10_000, 100_000, 1_000_000)
LEVELS = (0.05, 0.1, 0.2, 0.4, 0.5, 1.0)
DIMENSIONS = {
    76_800: "76,800: 160×160 colour photo",
    4_800: "4,800: 40×40 colour measurement",
    784: "784: 28×28 digit",
}
NUMBERS = Control("Samples S", Widget.SLIDER, form="{:,}", when=REACH)
RISK = Control("Error probability α", Widget.SLIDER, names={1e-6: "0.000001"}, when=REACH)
NOISE = Control("Smoothing noise σ", Widget.SLIDER, unit=STANDARDISED, when=REACH)


@dataclass(frozen=True)
class View(Options):
    """What is shown."""

    part: str = option(
        "photo", "", Control("View", Widget.SEGMENTS, names=VIEWS, formerly=FORMERLY), choices=tuple(VIEWS),
        before="bounds",
    )  # fmt: skip
    defence: str = option("", "", replace(DEFENCE, when=("part", ["bounds"])))
    mixed: bool = option(
        False,
        f"The paper's certificate ({cite(PAPER)}) compares ε on [0, 1] with σ on 0–255, 255 times too small "
        "a ratio, and lets its reference move. Beside it: attacks inside its ball that exceed it.",
        Control("As published (not a bound)", Widget.TOGGLE, when=("part", ["bounds", "photo"])),
    )
    bounded: str = one_of("Bounded", WHATS, when=("mixed", [False]))
    S: int = option(10_000, "", NUMBERS, choices=SAMPLES)
    alpha: float = option(0.001, "", RISK, choices=ALPHAS)
    noise: float = option(0.4, "", NOISE, choices=LEVELS)
    d: int = one_of("Values d of a measurement", DIMENSIONS, widget=Widget.SELECT, when=REACH)


CONTROLS = Controls(View, "certificates", page="bounds")


def page() -> None:
    """Choose a view; see bounds and attacks on one axis."""
    style.show()
    heading = st.empty()
    CONTROLS.begin()
    asked = st.container(horizontal=True, vertical_alignment="bottom")
    with asked:
        CONTROLS.draw("part", label_visibility="collapsed")
    view = CONTROLS["part"]
    heading.markdown(f"#### What can be guaranteed?\n{SAYS[view]}")
    if view == "reach":
        _reach()
        links.write({"part": view, **CONTROLS.to_query()})
        return
    with asked:
        CONTROLS.draw("bounded", label_visibility="collapsed")
        CONTROLS.draw("mixed")
    mixed = CONTROLS["mixed"]
    # The published number is said to bound the other one.
    what = DISPLACEMENT if mixed else CONTROLS["bounded"]
    command = certify_live.show(what, mixed=mixed) if view == "photo" else _bounds(what, mixed=mixed)
    address = {"part": view} | CONTROLS.to_query() | (certify_live.to_query() if view == "photo" else {})
    share.show_view(address, command)


def _bounds(what: str, *, mixed: bool) -> str:
    """The study's bounds; returns the command that prints them, or nothing where there are none."""
    rows = results_data.study("certificates")
    if rows.empty:
        st.info(EMPTY, icon=":material/database_off:")
        return ""
    rows = results_data.defence(CONTROLS, rows, "sigma")
    attacks = results_data.study("attacks")
    if len(attacks):
        mine = attacks["checkpoint"].isin(rows["checkpoint"]) & attacks["sigma_g"].isin(rows["sigma"])
        attacks = attacks[mine]
    refuted = results_data.study("falsification")
    if len(refuted):
        refuted = refuted[refuted["study"].isin(rows["study"])]
    results_data.warn_of_earlier_version(rows)
    bounds_panels.show(
        rows, attacks, refuted, what, mixed=mixed, interpolation=results_data.interpolation_error(rows)
    )
    one = rows.iloc[0]
    return f"python -m core study certificates --checkpoint {one['checkpoint']} --sigma {one['sigma']:g}"


def _reach() -> None:
    CONTROLS.row("S", "alpha", "noise", "d")
    samples, alpha, sigma, d = (CONTROLS[name] for name in ("S", "alpha", "noise", "d"))
    ratio = largest_ratio(samples, alpha)
    furthest = max(ratio, 0.0) * sigma / radius(1.0, d)
    st.markdown(
        f"With S = {samples:,} and α = {RISK.said(alpha)}, no certificate of a median reaches beyond ε = "
        f"{max(ratio, 0.0):.2f} σ, that is ε_rel = **{furthest:.3g}**, **{grey_levels(furthest):.2g} grey "
        "levels** RMS."
    )
    figure = figures.reach(sigma, d, ALPHAS, (samples, alpha))
    with st.container(key="tall"):
        chart.show(figure, "certificates.reach", SAYS["reach"], height="stretch")
    st.caption(
        "ε = σ Φ⁻¹(α^(1/S)), the largest radius at which the largest of S draws is still above the shifted "
        "median with confidence 1 − α. More noise reaches further and costs quality, as Findings show."
    )


with refusals.said():
    page()

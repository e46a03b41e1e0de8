"""Certificates: what can be guaranteed, and what attacks reach, on one axis."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, cite
from core.certificates.confidence import largest_ratio
from core.certificates.registry import DISPLACEMENT, ERROR
from core.pictures.units import grey_levels, radius
from core.reports.figures import bounds as figures
from pages.widgets.page import choice, refusals, results_data, share, style
from pages.widgets.page.numbers import both_units
from pages.widgets.studies import bounds_panels, certify_live

EMPTY = (
    "There is no study of certificates yet: run `python -m core study certificates --data photos_test`, or "
    "restore the results folder from git. “On a photo” works without it."
)
VIEWS = {"bounds": "Bounds", "photo": "On a photo", "reach": "S, α and σ"}
WHATS = {ERROR: "Error to the truth", DISPLACEMENT: "Change of the output"}
SAYS = {
    "bounds": f"What randomized smoothing ({cite('cohen2019')}) guarantees for every attack up to ε (lines), "
    "beside what the "
    "strongest attacks found do (open marks and stars). Visible attacks on whole photos cannot be certified.",
    "photo": "Certify any photo live: draw noisy outputs, bound every attack up to ε, attack it beside that, "
    "and see the interval that holds for each pixel.",
    "reach": "How far S samples can certify at all: the limit grows with σ, hardly with S, and shrinks with "
    "every further value of a picture. Above a line every certificate says none.",
}
DIMENSIONS = {"76800": 76_800, "4800": 4_800, "784": 784}
MEANS = {"76800": "160×160 colour photo", "4800": "40×40 colour measurement", "784": "28×28 digit"}
ALPHAS = ("0.05", "0.01", "0.001", "0.000001")
SAMPLES = (100, 1_000, 10_000, 100_000, 1_000_000)


def page() -> None:
    """Choose a view; see bounds and attacks on one axis."""
    style.show()
    title, picking, sharing = st.columns([5.2, 1.6, 1], vertical_alignment="center")
    heading = title.empty()
    left, middle, right = st.columns([3, 3, 2.6], vertical_alignment="bottom")
    with left:
        view = choice.one_of("View", VIEWS, key="part")
    heading.markdown(f"#### Certificates\n{SAYS[view]}")
    if view == "reach":
        _reach()
        return
    with right:
        mixed = st.toggle(
            "As published (mixed units, not a bound)", key="mixed", bind="query-params",
            help=f"The paper's certificate ({cite(PAPER)}) compares ε on [0, 1] with σ on 0–255, "
            "255 times too small a ratio, and lets its reference move. Beside it: attacks inside "
            "its ball that exceed it.",
        )  # fmt: skip
    what = DISPLACEMENT  # which the published number is said to bound
    if not mixed:
        with middle:
            what = choice.one_of("Bounded", WHATS, key="bounded")
    command = certify_live.show(what, mixed=mixed) if view == "photo" else _bounds(what, picking, mixed=mixed)
    if command:
        with sharing:
            share.show_page(command, pinned=results_data.chosen_defence() if view == "bounds" else None)


def _bounds(what: str, picking: st.delta_generator.DeltaGenerator, *, mixed: bool) -> str:
    """The study's bounds; returns the command that prints them, or nothing where there are none."""
    rows = results_data.study("certificates")
    if rows.empty:
        st.info(EMPTY, icon=":material/database_off:")
        return ""
    rows = results_data.defence(rows, "sigma", picking)
    attacks = results_data.study("attacks")
    if len(attacks):
        mine = attacks["checkpoint"].isin(rows["checkpoint"]) & attacks["sigma_g"].isin(rows["sigma"])
        attacks = attacks[mine]
    refuted = results_data.study("falsification")
    if len(refuted):
        refuted = refuted[refuted["study"].isin(rows["study"])]
    results_data.warn_of_earlier_version(rows)
    bounds_panels.show(rows, attacks, refuted, what, mixed=mixed)
    one = rows.iloc[0]
    return f"python -m core study certificates --checkpoint {one['checkpoint']} --sigma {one['sigma']:g}"


def _reach() -> None:
    columns = st.columns(4, vertical_alignment="bottom")
    with columns[0]:
        samples = st.select_slider(
            "Samples S", [str(s) for s in SAMPLES], "10000", key="S", bind="query-params",
            format_func=lambda text: f"{int(text):,}",
        )  # fmt: skip
    with columns[1]:
        alpha = st.select_slider("Error probability α", ALPHAS, "0.001", key="alpha", bind="query-params")
    with columns[2]:
        levels = [f"{level:g}" for level in (0.05, 0.1, 0.2, 0.4, 0.5, 1.0)]
        sigma = st.select_slider(
            "Smoothing noise σ", levels, "0.4", key="noise", bind="query-params",
            format_func=lambda text: both_units(float(text)),
        )  # fmt: skip
    with columns[3]:
        dimension = st.selectbox(
            "Values d of a measurement", list(DIMENSIONS), key="d", bind="query-params",
            format_func=lambda text: f"{DIMENSIONS[text]:,}: {MEANS[text]}",
        )  # fmt: skip
    d = DIMENSIONS[dimension]
    ratio = largest_ratio(int(samples), float(alpha))
    furthest = max(ratio, 0.0) * float(sigma) / radius(1.0, d)
    st.markdown(
        f"With S = {int(samples):,} and α = {alpha}, no certificate of a median reaches beyond ε = "
        f"{max(ratio, 0.0):.2f} σ, that is ε_rel = **{furthest:.3g}**, **{grey_levels(furthest):.2g} grey "
        "levels** RMS."
    )
    figure = figures.reach(float(sigma), d, [float(a) for a in ALPHAS], (int(samples), float(alpha)))
    with st.container(key="tall"):
        st.plotly_chart(
            figure, key="certificates.reach", config=bounds_panels.CONFIG, alt=SAYS["reach"], height="stretch"
        )
    st.caption(
        "ε = σ Φ⁻¹(α^(1/S)), the largest radius at which the largest of S draws is still above the shifted "
        "median with confidence 1 − α. More noise reaches further and costs quality: see the Trade-off."
    )


with refusals.said():
    page()

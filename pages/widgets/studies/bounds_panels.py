"""Bounds and attacks on one axis, in words and in a table: of a study, or of one photo."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.certificates.registry import BOUNDS, ERROR
from core.evaluation.studies.reading import certified_range, falsification_summary
from core.pictures.units import grey_levels
from core.problems import problem_of
from core.reports.figures import bounds as figures
from core.results.summary import noticed
from pages.widgets.page import chart, notices
from pages.widgets.page.numbers import both_units

ROW = 34


def show(
    rows: pd.DataFrame,
    attacks: pd.DataFrame,
    refuted: pd.DataFrame,
    what: str,
    *,
    mixed: bool,
    interpolation: float = np.inf,
) -> None:
    """Draw the sentence, the figure and the table.

    Args:
        rows: of the table ``certificates``, of one defence.
        attacks: of the table ``attacks``, of the same one; may be empty.
        refuted: of the table ``falsification``; may be empty.
        what: see :func:`core.reports.figures.bounds.axis`.
        mixed: show the published number and what refutes it.
        interpolation: see :func:`core.reports.figures.bounds.trivial`.
    """
    notices.show(noticed(rows, "checkpoint"))
    table = figures.medians(rows)
    st.markdown(_sentence(table, rows, what, interpolation))
    figure = figures.axis(table, figures.strongest(attacks), what, mixed=mixed, interpolation=interpolation)
    alt = f"Bounds of the {what} over attack strength, and what attacks reach, on logarithmic axes"
    columns = st.columns([3, 2]) if mixed else [st.container()]
    with columns[0]:
        chart.show(figure, "bounds.axis", alt)
    if mixed:
        with columns[1]:
            _falsification(refuted)
    _meanings(rows, table, what, interpolation, mixed=mixed)
    st.caption(_protocol(rows))


def _sentence(table: pd.DataFrame, rows: pd.DataFrame, what: str, interpolation: float) -> str:
    useful, reach = figures.certified_to(table, what, interpolation)
    photos = rows["image_digest"].nunique()
    over = "on this photo" if photos == 1 else f"on the median of {photos} photos"
    if reach == 0:
        return f"**No certificate holds anywhere** {over}: more samples or more noise are needed."
    judged = rows[rows["is_certificate"] & np.isfinite(rows["bound"]) & rows["measured"].notna()]
    above = int((judged["measured"] > judged["bound"]).sum())
    tried = (
        f" No attack measured above a bound in {len(judged)} trials."
        if above == 0
        else f" **{above} of {len(judged)} attacks measured above their bound: something is wrong.**"
    )
    beside = "plain interpolation guarantees" if np.isfinite(interpolation) else "a grey picture guarantees"
    finite = f"Bounds are finite up to {_strength(reach)}; beyond that there is no certificate."
    if useful == 0:
        said = f"**Every bound here is vacuous**: none says more than {beside} without one, {over}."
    elif what == ERROR:
        at = table[(table["eps_rel"] == useful) & table["certificate"].isin(figures.SHOWN[what])]
        best = figures.decibels(at.loc[at["is_certificate"], "bound"].min())
        said = (
            f"Useful up to **{_strength(useful)}**, {over}: there at least **{best:.1f} dB**, more than "
            f"{beside}."
        )
    else:
        said = f"Certified up to **{_strength(useful)}**, {over}."
    return f"{said}{tried if len(judged) else ''} {finite}"


def _strength(eps_rel: float) -> str:
    return f"ε_rel {eps_rel:.2g} ≈ {grey_levels(eps_rel):.2g} grey levels"


def _falsification(refuted: pd.DataFrame) -> None:
    if refuted.empty:
        st.info("Nothing was attacked here, so nothing is refuted.")
        return
    summary = falsification_summary(refuted)
    parts = []
    for reading, words in (("fixed", "c fixed, as its proof needs"), ("moving", "c moving, as printed")):
        mine = summary[(summary["reading"] == reading)]
        worst = mine.loc[mine["factor"].idxmax()]
        parts.append(
            f"{words}: exceeded in **{mine['refuted'].sum():.0f} of {mine['images'].sum():.0f}** trials, "
            f"at most ×{worst['factor']:.3g} (ε_rel {both_units(float(f'{worst.eps_rel:.3g}'))})"
        )
    st.markdown("**Is it a bound?** " + ". ".join(parts) + ".")
    alt = "Measured median discrepancy over the published number, by attack strength"
    chart.show(figures.falsification(summary), "bounds.falsification", alt)
    st.caption("A trial is one photo and ε; exceeded: the whole 99.9 % interval lies above the number.")


def _meanings(
    rows: pd.DataFrame, table: pd.DataFrame, what: str, interpolation: float, *, mixed: bool
) -> None:
    reaches = certified_range(rows).set_index("certificate")
    first = rows.drop_duplicates("certificate").set_index("certificate")
    lines = []
    for name in figures.SHOWN[what]:
        if name not in first.index or (name == "as_published" and not mixed):
            continue
        row, reach = first.loc[name], reaches.loc[name]
        certificate = bool(row["is_certificate"])
        limit = f"{reach['reach_rel']:.2g} ≈ {reach['reach_grey_levels']:.2g} grey levels"
        lines.append({
            "": row["letter"] if certificate else f"({row['letter']})",
            "bounds": row["bounded"],
            "useful up to ε_rel": _useful(table[table["certificate"] == name], what, interpolation),
            "reaches ε_rel": ("none" if reach["reach"] == 0 else limit) if certificate else "no certificate",
            "used": _used(rows[rows["certificate"] == name]),
            "α": f"{row['alpha']:g}" if certificate else "–",
            "what holds": BOUNDS[name].guarantee,
        })  # fmt: skip
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, row_height=ROW,
        column_config={
            "": st.column_config.TextColumn(width=40), "bounds": st.column_config.TextColumn(width=300),
            "used": st.column_config.TextColumn(
                width=70,
                help="How much of a bound's margin attacks used: of what it allows beyond the clean value, "
                "median over photos and strengths.",
            ),
            "useful up to ε_rel": st.column_config.TextColumn(
                width=150,
                help="Vacuous: wherever it is finite, it allows more than is certain without a certificate.",
            ),
            "reaches ε_rel": st.column_config.TextColumn(width=170),
            "α": st.column_config.TextColumn(width=55),
        },
    )  # fmt: skip


def _useful(table: pd.DataFrame, what: str, interpolation: float) -> str:
    useful, reach = figures.certified_to(table, what, interpolation)
    if not reach:
        return "–"
    return f"{useful:.2g} ≈ {grey_levels(useful):.2g} grey levels" if useful else "vacuous"


def _used(rows: pd.DataFrame) -> str:
    tried = rows[np.isfinite(rows["bound"]) & rows["measured"].notna() & (rows["bound"] > rows["clean"])]
    if tried.empty:
        return "–"
    share = (tried["measured"] - tried["clean"]) / (tried["bound"] - tried["clean"])
    return f"{100 * share.median():.0f} %"


def _protocol(rows: pd.DataFrame) -> str:
    one, photos = rows.iloc[0], rows["image_digest"].nunique()
    space = problem_of(one["checkpoint"]).space
    noise = f"{one['sigma']:g} ≈ {space.grey_levels(one['sigma']):.1f} grey levels"
    return (
        f"The network {one['checkpoint']} is smoothed with σ = {noise}; S = {one['samples']:,} noisy outputs "
        f"were drawn of pictures of d = {one['dimension']:,} values, on {photos} photo"
        f"{'s' if photos != 1 else ''}. Open marks are the strongest of three APGD attacks "
        f"({one['attack_steps']} steps that average M = {one['attack_samples']} draws), measured with "
        f"{rows['measure'].min()} draws, and with all S where that lies above the bound. Stars are the "
        "strongest attacks of the study of attacks. A bound of one noisy draw contains the noise of that "
        "draw."
    )

"""Views of the study of attacks: on the base network, on the smoothed estimate itself, and on others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.errors import UserError
from core.base.references import THESIS, cite
from core.evaluation.studies import strength
from core.evaluation.studies.attempts import BASE, SMOOTHED
from core.evaluation.studies.checklist import FAILED, NOT_TRIED, PASSED, Item, checklist
from core.evaluation.studies.reading import transfer_matrix
from core.problems.names import BASELINES
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.figures import attack_strength as figures
from core.results import summary as results
from core.results.published import published
from core.results.summary import noticed
from pages.widgets.page import chart, links, notices, results_data, share
from pages.widgets.page.controls import METRICS, Controls
from pages.widgets.page.names import unusual
from pages.widgets.page.numbers import both_units, plain, signed
from pages.widgets.studies import company
from pages.widgets.studies.views import VIEWS, View

EMPTY = (
    "There is no study of attacks yet: run `python -m core study attacks --data photos_test`, or restore "
    "the results folder from git."
)
ASKED = {
    "compare": "Is an attack on the smoothed estimate ĝ itself stronger than one on its base network f?",
    "effort": "Were the attacks made with enough effort?",
    "transfer": "Does a perturbation that was made on one estimator harm another?",
    "norms": "Do the attacks use up all that they are allowed?",
    "checks": "Does this evaluation pass what an honest one must?",
}
SAYS = {
    "compare": "Left: the smoothed estimate under each attack. Right: how much more attacks on ĝ itself "
    "take, photo by photo, than the thesis’s attack on f; above the line they are stronger. Bars are 95 % "
    "intervals over photos.",
    "effort": "An attack is as strong as it gets when more steps and more starts change nothing any more. "
    "Each loss is measured on the attack’s own draws of noise: with few draws, other draws see a smaller "
    "one.",
    "transfer": "Each perturbation was made on the estimator of its row and tested on that of its column. "
    "The one that harms a column most is framed.",
    "norms": f"Lengths of the perturbations: measured here, and as the thesis ({cite(THESIS)}) printed them "
    "in its Table A.1.",
    "checks": "Each line is judged by the program, from the rows of this study.",
}
MARKS = {
    PASSED: ":green[:material/check_circle:]",
    FAILED: ":red[:material/cancel:]",
    NOT_TRIED: ":gray[:material/radio_button_unchecked:]",
}
ROW = 34
FIGURES = ("compare", "effort", "transfer")


def show(
    controls: Controls[View], address: dict[str, str], asked: DeltaGenerator, heading: DeltaGenerator
) -> None:
    """The question, its answer, one figure, and how it was measured.

    Args:
        controls: of the page, begun.
        address: what the page's address says in any case.
        asked: where the question is chosen.
        heading: where question and answer stand.
    """
    view = controls["part"]
    every = results_data.study("attacks")
    if every.empty:
        heading.markdown(f"#### {ASKED[view]}")
        links.write(address)
        st.info(EMPTY, icon=":material/database_off:")
        return
    with asked:
        rows = _choices(controls, every)
    eps_rel = controls["strength"]
    results_data.warn_of_earlier_version(rows)
    notices.show(noticed(rows, "made_on"))
    interpolated, others = company.beside_others(rows)
    heading.markdown(
        f"#### {ASKED[view]}\n{_finding(rows, eps_rel, others) if view == 'compare' else SAYS[view]}"
    )
    if view == "norms":
        _norms(rows)
    elif view == "checks":
        _checks(every, rows)
    else:
        figure = _figure(view, controls["quality"], controls["by"], rows, eps_rel, interpolated)
        with st.container(key="tall"):
            chart.show(figure, f"findings.{view}", f"{VIEWS[view]}: {SAYS[view]}", height="stretch")
    st.caption((f"{SAYS[view]} " * (view == "compare")) + _protocol(rows))
    one = rows.iloc[0]
    command = f"python -m core study attacks --checkpoint {one['checkpoint']} --sigma {one['sigma_g']:g}"
    share.show_view({**controls.to_query(), **address}, command)


def _choices(controls: Controls[View], every: pd.DataFrame) -> pd.DataFrame:
    """Draw the controls; the rows of the chosen smoothed network."""
    rows = results_data.defence(controls, every, "sigma_g")
    strengths = _strengths(rows, controls["part"])
    controls.keep_among("strength", strengths)
    if controls["part"] in FIGURES:
        controls.keep_among("quality", [*METRICS], "psnr")
        controls.draw("quality", values=[*METRICS], width=115)
    if len(strengths) > 1:
        controls.draw("strength", values=strengths, width=240)
    controls.draw("by")
    return rows


def _strengths(rows: pd.DataFrame, view: str) -> list[float]:
    """Those that the view has something to show of: all, or where everything was tried, as several M and
    transfer."""
    tried = rows[rows["eps_rel"] > 0].groupby("eps_rel")["attempt"].nunique()
    if tried.empty:
        raise UserError("The study holds clean rows only: let python -m core study attacks finish.")
    return [float(eps_rel) for eps_rel in tried[(tried == tried.max()) | (view == "compare")].index]


def _finding(rows: pd.DataFrame, eps_rel: float, others: pd.DataFrame) -> str:
    table = strength.finding(rows)
    table = table[table["eps_rel"] == eps_rel]
    if table.empty:
        return "The thesis's attack on f or an attack on ĝ is missing here: there is nothing to compare yet."
    said = (
        sentence(table.iloc[0]),
        _equal_steps(strength.gains(rows, eps_rel)),
        in_company(others[others["eps_rel"] == eps_rel]),
    )
    return " ".join(filter(None, said))


def sentence(row: pd.Series) -> str:
    """Whether the thesis's finding survives: a row of :func:`core.evaluation.studies.strength.finding`."""
    photos = f"{row['images']:.0f} photo{'s' if row['images'] != 1 else ''}"
    own = _interval(row["own"], row["own_low"], row["own_high"])
    gap = _interval(row["gap"], row["gap_low"], row["gap_high"])
    answer = {
        strength.REFUTED: "does not survive: **attacking ĝ itself is stronger**",
        strength.SURVIVES: "survives: **attacking ĝ itself is weaker**",
        strength.OPEN: "is **not decided** by these photos",
    }[row["answer"]]
    strongest = "It" if row["own"] == row["gap"] else f"The strongest of all takes {gap} and"
    return (
        f"The thesis ({cite(THESIS)}) found that attacks on ĝ are weaker than attacks on f. This {answer}. "
        f"At ε_rel {both_units(row['eps_rel'])}, over {photos}, the best attack made on ĝ takes {own} beyond "
        f"the thesis's attack on f. {strongest} is at least as strong on {row['share']:.0%} of the photos."
    )


def _equal_steps(gains: pd.DataFrame) -> str:
    """What the samples M do at the thesis's own number of steps; empty without several M."""
    mine = gains[gains["attack"] == "pgd"].sort_values("attack_samples")
    if len(mine) < 2:
        return ""
    ends = mine.iloc[[0, -1]].itertuples()
    parts = [f"{signed(row.psnr, 2)} dB with M = {row.attack_samples}" for row in ends]
    return f"The same PGD, moved from f to ĝ, takes {' and '.join(parts)}."


def in_company(others: pd.DataFrame) -> str:
    """ĝ beside the best other network and the better interpolation, at one strength.

    Args:
        others: of :func:`core.evaluation.studies.beside.beside`, at that strength; empty text without rows.
    """
    plain_ones = others["estimator"].isin(BASELINES)
    best = pd.concat([others[~plain_ones].head(1), others[plain_ones].head(1)])
    parts = [
        f"{_interval(row.gap, row.gap_low, row.gap_high)} beside {row.estimator}" for row in best.itertuples()
    ]
    if not parts:
        return ""
    smoothed = best["smoothed"].iloc[0]
    return f"Each under the strongest tried on it, ĝ has {smoothed:.2f} dB: {' and '.join(parts)}."


def _interval(mean: float, low: float, high: float) -> str:
    limits = "" if pd.isna(low) else f" [{signed(low, 2)}, {signed(high, 2)}]"
    return f"**{signed(mean, 2)} dB**{limits}"


def _figure(
    view: str, metric: str, algorithm: str, rows: pd.DataFrame, eps_rel: float, interpolated: pd.DataFrame
) -> Any:
    if view == "compare":
        gains = strength.gains(rows, eps_rel)
        return figures.comparison(strength.curve(rows, algorithm), gains, interpolated, metric, algorithm)
    if view == "effort":
        paths = results_data.study("attack_paths")
        paths = paths[paths["study"].isin(rows["study"])] if len(paths) else rows.iloc[:0].assign(loss=0.0)
        if paths.empty:
            raise UserError("The table attack_paths is missing: run python -m core study attacks again.")
        return figures.effort(strength.iterations(paths, eps_rel), strength.restarts(rows, eps_rel), metric)
    names = {BASE: "f", SMOOTHED: "ĝ"} | {
        name: _short(name) for name in {*rows["made_on"], *rows["tested_on"]} if name.startswith("sr-")
    }
    return figures.transfer(transfer_matrix(rows[rows["eps_rel"] == eps_rel], metric), metric, names)


def _short(name: str) -> str:
    identity = SUPER_RESOLUTION.identity(name)
    kind = {"standard": "standard", "adversarial": "adversarial", "smoothing": "noise-trained"}
    return kind[identity.objective] + (f" {identity.level:g}" if identity.level else "") + unusual(identity)


def _norms(rows: pd.DataFrame) -> None:
    printed = published(SUPER_RESOLUTION, "A.1")[["eps", "norm_e_f", "norm_e_g"]]
    table = results.attack_norms(rows).merge(printed.rename(columns={"eps": "eps_rel"}), how="left")
    shown = pd.DataFrame({
        "ε_rel": table["eps_rel"].map("{:g}".format), "ε = √d·ε_rel": table["epsilon"],
        "‖e_f‖": table["e_f"], "‖e_g‖": table["e_g"],
        "‖e_f‖ published": table["norm_e_f"], "‖e_g‖ published": table["norm_e_g"], "photos": table["images"],
    })  # fmt: skip
    digits = {name: "{:.6f}" for name in shown.columns if "‖" in name or "√" in name}
    st.dataframe(
        shown.style.format(digits, na_rep="–"), hide_index=True, row_height=ROW, placeholder="–"
    )  # fmt: skip


def _checks(every: pd.DataFrame, rows: pd.DataFrame) -> None:
    paths, certificates = (results_data.study(name) for name in ("attack_paths", "certificates"))
    items = _items(every, rows, paths, certificates)
    count = {status: sum(item.status == status for item in items) for status in MARKS}
    st.markdown(f"**{count[PASSED]} passed**, {count[FAILED]} failed, {count[NOT_TRIED]} not tried.")
    lines = [
        f"| {MARKS[item.status]} | {item.name} | {item.status}: {plain(item.evidence)} |" for item in items
    ]
    st.markdown("\n".join(["| | What is asked | Evidence |", "|---|---|---|", *lines]))


@st.cache_data(max_entries=4, show_spinner="Judging …")
def _items(
    every: pd.DataFrame, rows: pd.DataFrame, paths: pd.DataFrame, certificates: pd.DataFrame
) -> list[Item]:
    checkpoint, sigma = rows["checkpoint"].iloc[0], rows["sigma_g"].iloc[0]
    mine = (every["checkpoint"] != checkpoint) | (every["sigma_g"] == sigma)
    return checklist(every[mine], paths, certificates, checkpoint=checkpoint)


def _protocol(rows: pd.DataFrame) -> str:
    one = rows[(rows["tested_on"] == SMOOTHED) & (rows["noise_set"] == "report")].iloc[0]
    draws = rows.loc[rows["noise_set"] == "report", "draw"].nunique()
    steps = rows.loc[strength.thesis(rows), "steps"]
    return (
        f"Measured on {rows['image_digest'].nunique()} test photos, of the network {one['checkpoint']} "
        f"smoothed with σ_g = {one['sigma_g']:g} over k = {one['samples']} draws. The strongest attack is "
        f"chosen per photo on one noise set and reported on {draws} others that no attack has seen; attacks "
        f"stay in an L2 ball and are not clipped. The thesis's attack is PGD on f with {steps.max():.0f} "
        "steps of ε/4, of which the last iterate counts; an attack on ĝ that averages M draws costs M times "
        "as many gradients. Interpolation was attacked with PGD itself."
    )

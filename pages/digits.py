"""Digits: draw one, attack it, and see what a certified radius means."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import streamlit as st

from core.base.progress import Progress, finish
from core.base.references import cite
from core.certificates.classification import ABSTAIN
from core.experiment.answers import Answered
from core.experiment.plane import VOTES
from core.experiment.run import run
from core.problems.digits.problem import SIGMAS, DigitsScenario
from core.reports import digits as report
from core.reports.digits import ATTACKS, CERTIFICATES
from core.reports.figures import digits as figures
from core.results import summary as results
from core.results.store import Store
from core.results.summary import span
from pages.widgets.page import chart, notices, refusals, results_data, share, style
from pages.widgets.page.resources import lab
from pages.widgets.scenario import digit_cards, digit_controls, live_run


def page() -> None:
    """Pad and sliders, three classifiers, the plane around the digit, curves, commands."""
    style.show()
    st.markdown(
        "#### Digits\nDraw a digit and see which networks an attack of strength ε deceives. Inside the "
        f"certified radius R ({cite('cohen2019')}) *no* attack changes the answer of the smoothed classifier "
        "g."
    )
    with st.container(key="desk"):
        pad, rail, stage = (st.container(key=f"desk_{part}") for part in ("pad", "rail", "stage"))
    scenario = digit_controls.show(pad, rail)
    share.show_view(scenario.to_query(), scenario.to_command(), digit_cards.SHOWN)
    with stage:
        if scenario.blank:
            st.info("The pad is empty: draw a digit, or take one of ours.", icon=":material/draw:")
        else:
            outcome = _compute(scenario)
            notices.show(notices.sentences(outcome.notices, digit_cards.called(outcome)))
            _around(outcome)
    _curves()
    _steps()


def _compute(scenario: DigitsScenario) -> Answered:
    """Draw each report as it comes: a new stroke ends this script at its next report."""
    place = st.empty()
    drawn = 0.0

    def draw(progress: Progress) -> None:
        nonlocal drawn
        live_run.stop_if_outdated()
        outcome: Answered | None = progress.known
        if outcome is None:
            return
        if outcome.certificate is None or outcome.smoothed is not None or time.monotonic() - drawn > 0.08:
            drawn = time.monotonic()
            place.html(digit_cards.html(outcome))

    return finish(run(scenario, lab()), draw)


def _around(outcome: Answered) -> None:
    """The plane through the digit for the standard and the smoothed classifier, and what it says."""
    plane, found, s = outcome.plane, outcome.certificate, outcome.scenario
    assert plane is not None
    assert found is not None
    left, middle, right = st.columns([5, 5, 4])
    standard, smoothed = outcome.answers[0].before, found.candidate  # as the cards say
    panels = (
        (left, "standard", "Standard network around the digit", plane.standard, standard, plane.ends[0]),
        (middle, "smoothed", "Smoothed classifier, same plane", plane.smoothed, smoothed, plane.ends[1]),
    )
    for column, name, title, answers, answer, end in panels:
        around = figures.plane(
            answers, plane.reach, end, title=title, answer=answer, certified=found.radius,
            epsilon=s.eps if s.how[1] == "l2" else None,
        )  # fmt: skip
        with column:
            chart.show(around, f"digits.plane.{name}", title)
    with right, st.container(key="digits_meaning"):
        st.markdown(_meaning(outcome))
        st.caption(
            "The dot is the digit, a star is where an attack ends. In the blue region the answer is that of "
            f"the card, in the orange one it is another; where it is grey, {VOTES} votes do not decide. The "
            "green circle is a promise of g alone."
        )
    with st.container(key=f"digits_done_{s.key()}"):
        st.caption(
            f"Pixels from 0 (black) to 1 (white), d = 784; ε, R and σ in these units. Attack: "
            f"{s.attack_said}, ε = {s.eps:g}{', inside [0, 1]' * s.box}; of g it climbs the logarithm of the "
            f"mean probability. n₀ = {s.n0}, n = {s.samples:,}, "
            f"α = {s.alpha:g}, seed {s.seed}; {outcome.device} in {outcome.precision}, "
            f"{outcome.seconds:.2f} s. "
            f"Networks {', '.join(outcome.digests)}."
        )


def _meaning(outcome: Answered) -> str:
    """The certificate in words."""
    found, s = outcome.certificate, outcome.scenario
    assert found is not None
    assert outcome.smoothed is not None
    answers = "abstains" if found.predicted == ABSTAIN else f"answers “{found.predicted}”"
    more = (
        f"With two bounds in place of p_B = 1 − p_A: {found.said_of_both}. PREDICT, which promises the "
        f"answer at this digit alone, {answers}."
    )
    if found.abstained:
        return (
            f"**No certificate.** Only {found.votes[found.candidate]:,} of {s.samples:,} votes name "
            f"“{found.candidate}”: its probability may be below ½ (bound {found.p_lower:.3f}). The smoothed "
            f"classifier abstains. More votes, less noise, or a clearer digit help. {more}"
        )
    length = outcome.smoothed.length
    inside = (
        f"The attack on g has length {length:.2f} < R: it **cannot** succeed."
        if length < found.radius
        else f"The attack on g has length {length:.2f} ≥ R: the certificate does not speak of it."
    )
    return (
        f"**Certified radius R = {found.radius:.2f}**\n\n"
        f"{found.votes[found.candidate]:,} of {s.samples:,} noisy copies are a “{found.candidate}”: with "
        f"confidence {1 - s.alpha:.4g} its probability is at least {found.p_lower:.4f}, and nothing "
        f"shorter than R = σ Φ⁻¹({found.p_lower:.4f}) changes the answer of g, "
        f"in *any* of 784 directions.\n\n{inside}\n\n{more}"
    )


def _curves() -> None:
    st.markdown("#### On test digits")
    notices.show(results.notices(ATTACKS, "network"))
    files = tuple(Store(table).path for table in (ATTACKS, CERTIFICATES))
    attacked, certified, how = _shares(files, tuple(map(results_data.changed, files)))
    if attacked.empty and certified.empty:
        st.info("Nothing is evaluated yet: run the commands of step 3 below.", icon=":material/pending:")
    if not attacked.empty:
        st.caption(
            f"**Accuracy under attack**: {span(attacked['digits'])} test digits, each classifier attacked "
            "itself (networks trained with noise in their smoothed form, with their own σ). Bands: 95 % over "
            "digits."
        )
        chart.show(figures.attack_curves(attacked), "digits.attacked", "Accuracy under attack")
    if not certified.empty:
        st.caption(
            f"**Certified accuracy**: share of {span(certified['digits'])} test digits whose right "
            f"class is certified at this L2 radius or more ({how}; "
            "abstentions count as errors). A network that never saw noise certifies little; "
            "a flat line is one that gives the same answer to every noisy digit."
        )
        chart.show(figures.certified_curves(certified, SIGMAS), "digits.certified", "Certified accuracy")


@st.cache_data(max_entries=2, show_spinner=False)
def _shares(files: tuple[Path, ...], modified: tuple[int, ...]) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Both curves, and how certificates were made; read again when a file has changed."""
    attacks, certificates = report.load()
    made = certificates.get(["n", "alpha"], pd.DataFrame()).drop_duplicates()
    how = " or ".join(f"n = {n:,}, α = {alpha:g}" for n, alpha in made.itertuples(index=False))
    return report.accuracy_under_attack(attacks), report.certified_accuracy(certificates), how


def _steps() -> None:
    st.markdown("#### The three steps, and their commands")
    steps = (
        (
            "1 · Standard training",
            "A network that only sees clean digits. It answers them well, and a signed step breaks it.",
            "python -m core train digits-std --data DIR",
        ),
        (
            "2 · Adversarial training",
            "The same network, trained on digits that are attacked anew in every step.",
            "python -m core train digits-adv-sign digits-adv-l2 --data DIR",
        ),
        (
            "3 · Smoothing, and compare",
            "Networks trained with noise, and what each of the six withstands, measured and certified.",
            "python -m core train digits-rs-0.25 digits-rs-0.50 digits-rs-1.00 --data DIR\n"
            "python -m core evaluate --problem digits --data DIR\n"
            "python -m core certify --checkpoint digits-rs-0.50 --data DIR\n"
            "python -m core findings --problem digits",
        ),
    )
    for column, (title, text, commands) in zip(st.columns(3), steps, strict=True):
        column.markdown(f"**{title}**\n\n{text}")
        column.code(commands, language="bash", wrap_lines=True)
    st.caption("DIR holds the four MNIST .gz files; --download fetches them.")


with refusals.said():
    page()

"""Live lab: attack a real photo, and see what each defence makes of it."""

from __future__ import annotations

import time

import streamlit as st

from core import checkpoints
from core.errors import UserError
from core.identity import SuperResolutionIdentity
from core.images import Photo
from core.outcome import Outcome
from core.run import Progress, finish, run
from core.scenario import Scenario
from pages.widgets import (
    names,
    outcome_panels,
    panels,
    quality_table,
    scenario_controls,
    share,
    style,
    symbols,
)
from pages.widgets.numbers import plain, signed
from pages.widgets.resources import lab


def page() -> None:
    """Controls, progress, pictures, figures, link."""
    style.show()
    heading, sharing = st.columns([7, 1], vertical_alignment="bottom")
    heading.markdown(
        "#### Live lab\nA photo is measured at low resolution; the measurement is attacked; networks "
        "trained in three ways restore it. Move a slider."
    )
    models, damaged = checkpoints.find(problem=SuperResolutionIdentity.problem, weights=True)
    for sentence in damaged:
        st.warning(plain(sentence), icon=":material/broken_image:")
    scenario, photo = scenario_controls.show(models)
    with sharing:
        share.show(scenario, photo)
    called = names.of(scenario)
    outcome = _compute(scenario, photo)
    panels.show(outcome_panels.rows(outcome, called), key="live_lab.panels", version=scenario.key())
    quality_table.show(outcome, called)
    e = outcome.base.perturbation
    symbols.show()
    st.caption(
        f"PSNR, SSIM and MSE against the ground truth, pictures in [0, 1], data range 1. "
        f"ε = √d · ε_rel = {e.asked:.4f} with d = {outcome.dimension:,}; ‖e‖₂ = {e.reached:.4f} reached "
        f"(standardised units). {_attack_note(scenario)} Seed {scenario.seed}, k = {scenario.samples}, "
        f"{outcome.device} in {outcome.precision}, {outcome.seconds['total']:.2f} s."
    )


def _compute(scenario: Scenario, photo: Photo) -> Outcome:
    """Run with visible progress. Moving a slider ends this script at its next report, and so the run."""
    with st.container(key="live_lab_status"):
        place = st.empty()

    shown = 0.0

    def report(progress: Progress) -> None:
        nonlocal shown
        # Any touch of the session's state is where Streamlit stops an outdated script; the
        # bar itself is drawn ten times a second, since drawing it takes the browser's time.
        st.session_state.get("live_lab.step")
        if time.monotonic() - shown > 0.1:
            shown = time.monotonic()
            place.progress(progress.fraction, text=f"{progress.stage.capitalize()} …")

    outcome = finish(run(scenario, lab(), photo), report)
    place.markdown(_verdict(outcome))
    return outcome


def _verdict(outcome: Outcome) -> str:
    """What just happened, in one line from the figures: the first network, and the others against it."""
    words = {"standard": "standard training", "adversarial": "adversarial training", "smoothing": "base f"}
    attacked = {
        words[SuperResolutionIdentity.parse(name).objective]: pair.attacked.quality.psnr
        for name, pair in outcome.networks.items()
    }
    attacked["smoothing"] = outcome.attacked_smoothed.estimate.quality.psnr
    (reference, broken), *defended = attacked.items()
    clean = next(iter(outcome.networks.values())).clean.quality.psnr
    parts = [f"{reference.capitalize()} loses **{clean - broken:.1f} dB**"]
    parts += [
        f"{name} **{signed(psnr - broken, 1)} dB** against it" for name, psnr in defended if name != "base f"
    ]
    trivial = max(pair.attacked.quality.psnr for pair in outcome.baselines.values())
    if max(attacked.values()) <= trivial:
        parts.append(f"plain interpolation beats them all ({trivial:.1f} dB)")
    return " · ".join(parts)


def _attack_note(scenario: Scenario) -> str:
    if scenario.attack == "noise":
        return "All estimators get the same Gaussian noise of norm ε."
    made_on = "each estimator itself" if scenario.attacked == "self" else f"{scenario.attacked}"
    return (
        f"PGD-L2 on {made_on}, {scenario.attack_steps} steps of ε/4 from a random start, "
        f"{'highest-loss' if scenario.keep == 'best' else 'final'} iterate; bilinear and bicubic "
        f"interpolation always face their own."
    )


try:
    page()
except UserError as problem:
    st.error(plain(str(problem)), icon=":material/error:")

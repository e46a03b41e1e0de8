"""The live view of denoising and compressed sensing: progress, verdict, pictures, figures."""

from __future__ import annotations

import streamlit as st

from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.zoo.metadata import InverseMetadata
from pages.widgets.page import links, notices, share, symbols
from pages.widgets.page.names import Name
from pages.widgets.page.resources import lab
from pages.widgets.scenario import inverse_controls, inverse_names, inverse_panels, inverse_tables, live_run
from pages.widgets.viewer import viewer

VIEWER, MADE = "inverse.viewer", "inverse.rows"


def show(models: list[InverseMetadata], sharing: st.delta_generator.DeltaGenerator) -> None:
    """Controls, progress, pictures, figures, link.

    Args:
        models: the networks of the chosen problem, at least one.
        sharing: where the button goes that shares the view.

    Raises:
        UserError: if the photo or a network cannot be used.
    """
    scenario, photo = inverse_controls.show(models)
    view = viewer.state(VIEWER).to_query()
    links.write({**scenario.to_query(), **view})
    with sharing:
        share.show(scenario, photo, view)
    called = inverse_names.of(scenario, models)
    outcome, place = live_run.shown(run(scenario, lab(), photo), key="inverse_status")
    place.markdown(f"{verdict(outcome)}  \n{certified(outcome)}")
    trivial = {"linear": Name(inverse_names.problems()[scenario.problem.name].measured)}
    notices.show(notices.sentences(outcome.notices, called | trivial))
    _pictures(outcome, called)
    inverse_tables.quality(outcome, called)
    inverse_tables.discrepancies(outcome)
    symbols.show(symbols.INVERSE)
    st.caption(_protocol(outcome))


@st.fragment
def _pictures(outcome: Outcome, called: dict[str, Name]) -> None:
    """The viewer; a gesture in it runs only this again."""
    view = viewer.state(VIEWER)
    rows = live_run.once(
        MADE,
        (outcome.scenario, outcome.photo_digest, outcome.digests, view.region),
        lambda: inverse_panels.rows(outcome, called, view.region),
    )
    viewer.show(
        rows,
        key=VIEWER,
        version=outcome.scenario.key(),
        pair=inverse_panels.pair(outcome),
    )
    links.write({**outcome.scenario.to_query(), **view.to_query()})


def verdict(outcome: Outcome) -> str:
    """What just happened, in one line from the figures: the least defended network, then the chosen one."""
    s = outcome.scenario
    first, *_ = inverse_names.in_order(s.networks)
    chosen, reference = inverse_names.short(s.checkpoint), inverse_names.short(first)
    plain = outcome.networks[first]
    broken = plain.attacked.quality.psnr
    parts = [f"{reference} loses **{plain.clean.quality.psnr - broken:.1f} dB**"]
    beside = {"smoothed": outcome.chosen.attacked.estimate.quality.psnr}
    if first != s.checkpoint:
        attacked = outcome.base.attacked.quality.psnr
        beside = {chosen: attacked, f"{chosen} smoothed": beside["smoothed"]}
    for name, psnr in beside.items():
        place = "above" if psnr >= broken else "below"
        parts.append(f"{name} ends **{abs(psnr - broken):.1f} dB** {place} it")
    trivial = outcome.baselines["linear"].attacked.quality.psnr
    if max(broken, *beside.values()) <= trivial:
        measured = inverse_names.problems()[s.problem.name].measured
        parts.append(f"the {measured.lower()} alone beats them ({trivial:.1f} dB)")
    return " · ".join(parts)


def certified(outcome: Outcome) -> str:
    """What is certified of the chosen network at the attack's strength, in one line; or that nothing is."""
    s, bound = outcome.scenario, outcome.chosen.attacked.bound
    chosen = inverse_names.short(s.checkpoint)
    if bound < float("inf"):
        return (
            f"Certified median discrepancy of {chosen} at ε = {s.eps_level:g} grey levels: at most "
            f"**{inverse_names.root(bound):.1f} grey levels**"
        )
    reach = outcome.certifiable
    how = (
        "without smoothing noise nothing ever is"
        if s.sigma_level == 0
        else f"{s.samples:,} samples at σ = {s.sigma_level:g} reach **{reach:.2g} grey levels**"
    )
    return f"Certified of {chosen} at ε = {s.eps_level:g} grey levels: **nothing** ({how})"


def _protocol(outcome: Outcome) -> str:
    s, e = outcome.scenario, outcome.base.perturbation
    attack = s.attack_said
    return (
        f"PSNR, SSIM and MSE against the ground truth, pictures in [0, 1], data range 1. "
        f"{s.problem.setting(s)}. ε = √d · {s.eps_level:g}/255 = {e.asked:.4f} with "
        f"d = {outcome.dimension:,}; ‖ξ‖₂ = {e.reached:.4f} reached on {inverse_names.short(s.checkpoint)}. "
        f"{attack[0].upper()}{attack[1:]}. Seed {s.seed}, S = {s.samples:,}, α = {s.alpha:g}, "
        f"{outcome.device} in {outcome.precision}, {outcome.seconds['total']:.2f} s."
    )

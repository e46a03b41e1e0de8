"""Live lab: attack a real photo, and see what each defence makes of it."""

from __future__ import annotations

import streamlit as st

from core import shelves
from core.films import attack_film, average_film
from core.identity import SuperResolutionIdentity
from core.images import Photo
from core.outcome import Outcome
from core.regions import Region
from core.run import run
from core.scenario import Scenario
from pages.widgets import (
    film_panels,
    links,
    live_run,
    live_view,
    names,
    outcome_panels,
    quality_table,
    refusals,
    scenario_controls,
    share,
    style,
    symbols,
    viewer,
)
from pages.widgets.numbers import plain
from pages.widgets.resources import lab
from pages.widgets.viewer_data import Film, Row

VIEWER = "live_lab.viewer"
MADE = "live_lab.rows"
RESULT, ATTACK, AVERAGE = "results", "attack", "average"


def page() -> None:
    """Controls, progress, pictures, figures, link."""
    style.show()
    heading, sharing = st.columns([7, 1], vertical_alignment="bottom")
    heading.markdown(
        "#### Live lab\nA photo is measured at low resolution; the measurement is attacked; networks "
        "trained in three ways restore it. Move a slider."
    )
    models, damaged = shelves.find(problem=SuperResolutionIdentity.problem, weights=True)
    for sentence in damaged:
        st.warning(plain(sentence), icon=":material/broken_image:")
    view = viewer.state(VIEWER).to_query()
    scenario, photo = scenario_controls.show(models, view)
    with sharing:
        share.show(scenario, photo, view)
    called = names.of(scenario)
    outcome, place = live_run.shown(run(scenario, lab(), photo), key="live_lab_status")
    place.markdown(_verdict(outcome))
    _pictures(outcome, photo, called)
    quality_table.show(outcome, called)
    e = outcome.base.perturbation
    symbols.show()
    st.caption(
        f"PSNR, SSIM and MSE against the ground truth, pictures in [0, 1], data range 1. "
        f"ε = √d · ε_rel = {e.asked:.4f} with d = {outcome.dimension:,}; ‖e‖₂ = {e.reached:.4f} reached "
        f"(standardised units). {_attack_note(scenario)} Seed {scenario.seed}, k = {scenario.samples}, "
        f"{outcome.device} in {outcome.precision}, {outcome.seconds['total']:.2f} s."
    )


@st.fragment
def _pictures(outcome: Outcome, photo: Photo, called: dict[str, names.Name]) -> None:
    """The viewer; a gesture in it runs only this again."""
    scenario = outcome.scenario
    view = viewer.state(VIEWER)
    tabs = _tabs(scenario, called)
    tab = view.tab if view.tab in dict(tabs) else RESULT
    rows, film = live_run.once(
        MADE,
        (outcome.scenario, outcome.photo_digest, outcome.digests, tab, view.region),
        lambda: _rows(tab, outcome, photo, called, view.region),
    )
    viewer.show(
        rows,
        key=VIEWER,
        version=scenario.key() if tab == RESULT else f"{scenario.key()} {tab}",
        pair=outcome_panels.PAIR if film is None else film_panels.PAIRS[tab.partition(":")[0]],
        tabs=tabs,
        tab=tab,
        film=film,
    )
    live_view.remember(scenario, view.to_query())
    links.write({**scenario.to_query(), **view.to_query()})


def _tabs(scenario: Scenario, called: dict[str, names.Name]) -> list[tuple[str, str]]:
    attacks = [
        (f"{ATTACK}:{outcome_panels.key_of(network)}", f"Attack steps: {called[network].title.lower()}")
        for network in scenario.networks
    ]
    return [(RESULT, "All results"), *attacks, (AVERAGE, "Averaging: 1 … k samples")]


def _rows(
    tab: str, outcome: Outcome, photo: Photo, called: dict[str, names.Name], region: Region | None
) -> tuple[list[Row], Film | None]:
    scenario = outcome.scenario
    kind, _, key = tab.partition(":")
    if kind == ATTACK:
        network = next(name for name in scenario.networks if outcome_panels.key_of(name) == key)
        attack = live_run.quietly(attack_film(scenario, network, lab(), photo))
        return film_panels.attack(attack, outcome, called, region)
    if kind == AVERAGE:
        frames = live_run.quietly(average_film(scenario, lab(), photo))
        return film_panels.average(frames, outcome, called, region)
    return outcome_panels.rows(outcome, called, region), None


def _verdict(outcome: Outcome) -> str:
    """What just happened, in one line from the figures: the first network, and the others beside it."""
    words = {"standard": "standard training", "adversarial": "adversarial training"}
    attacked = {}
    for name, pair in outcome.networks.items():
        identity = SuperResolutionIdentity.parse(name)
        base = name == outcome.scenario.checkpoint
        called = "base f" if base else words[identity.objective] + names.unusual(identity)
        attacked[called] = pair.attacked.quality.psnr
    attacked["smoothing"] = outcome.attacked_smoothed.estimate.quality.psnr
    (reference, broken), *defended = attacked.items()
    clean = next(iter(outcome.networks.values())).clean.quality.psnr
    parts = [f"{reference.capitalize()} loses **{clean - broken:.1f} dB**"]
    for name, psnr in defended:
        if name != "base f":
            kept = f"keeps **{psnr - broken:.1f} dB** more" if psnr >= broken else ""
            parts.append(f"{name} {kept or f'loses **{broken - psnr:.1f} dB** more'}")
    trivial = max(pair.attacked.quality.psnr for pair in outcome.baselines.values())
    if max(attacked.values()) <= trivial:
        parts.append(f"plain interpolation beats them all ({trivial:.1f} dB)")
    return " · ".join(parts)


def _attack_note(scenario: Scenario) -> str:
    if scenario.attack == "noise":
        return "All estimators get the same Gaussian noise of norm ε."
    made_on = "each estimator itself" if scenario.attacked == "self" else f"{scenario.attacked}"
    iterate = "highest-loss" if scenario.keep == "best" else "final"
    kind = {
        "pgd": f"PGD-L2 on {made_on}, {scenario.attack_steps} steps of ε/4 from a random start, "
        f"{iterate} iterate",
        "apgd": f"APGD-L2 on {made_on}, {scenario.attack_steps} steps from zero, highest-loss iterate",
        "fgm": f"one gradient step of length ε on {made_on}",
        "smoothed": f"APGD-L2 on {made_on}, {scenario.attack_steps} steps from zero; the smoothed network is "
        f"attacked as ĝ, with M = {scenario.attack_samples} draws of its own",
    }[scenario.attack]
    return f"{kind}; bilinear and bicubic interpolation always face their own."


with refusals.said():
    page()

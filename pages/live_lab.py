"""Live lab: attack a real photo, and see what each defence makes of it."""

from __future__ import annotations

import streamlit as st

from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.experiment.traces import attack_film, average_film
from core.pictures.images import Photo
from core.pictures.regions import Region
from core.problems.scenario import SMOOTHED, Scenario
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo import registry
from core.zoo.metadata import SuperResolutionMetadata
from pages.widgets.page import links, names, notices, refusals, share, style, symbols
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import lab
from pages.widgets.scenario import (
    film_panels,
    live_run,
    outcome_panels,
    quality_table,
    scenario_controls,
    verdict,
)
from pages.widgets.viewer import live_view, viewer
from pages.widgets.viewer.viewer_data import Film, Row

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
    found, damaged = registry.find(problem=SUPER_RESOLUTION.name, weights=True)
    for sentence in damaged:
        st.warning(plain(sentence), icon=":material/broken_image:")
    view = viewer.state(VIEWER).to_query()
    models = [model for model in found if isinstance(model, SuperResolutionMetadata)]
    scenario, photo = scenario_controls.show(models, view)
    with sharing:
        share.show(scenario, photo, view)
    called = names.of(scenario)
    outcome, place = live_run.shown(run(scenario, lab(), photo), key="live_lab_status")
    place.markdown(verdict.sentence(outcome))
    notices.show(notices.sentences(outcome.notices, called))
    _pictures(outcome, photo, called)
    quality_table.show(outcome, called)
    e = outcome.chosen.perturbation
    symbols.show()
    st.caption(
        f"PSNR, SSIM and MSE against the ground truth, pictures in [0, 1], data range 1. "
        f"ε = √d · ε_rel = {e.asked:.4f} with d = {outcome.dimension:,}; ‖e‖₂ = {e.reached:.4f} reached "
        f"by what ĝ faces (standardised units). Attack: {scenario.attack_said}. "
        f"Seed {scenario.seed}, k = {scenario.samples}, "
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
        (f"{ATTACK}:{key}", f"Attack steps: {_within(called[name].title)}")
        for name, key in _attacked(scenario).items()
    ]
    return [(RESULT, "All results"), *attacks, (AVERAGE, "Averaging: 1 … k samples")]


def _attacked(scenario: Scenario) -> dict[str, str]:
    """Who an attack can be watched on, with their names in links."""
    return {**outcome_panels.keys(scenario.networks), SMOOTHED: SMOOTHED}


def _within(title: str) -> str:
    """A title inside a sentence."""
    return title[0].lower() + title[1:]


def _rows(
    tab: str, outcome: Outcome, photo: Photo, called: dict[str, names.Name], region: Region | None
) -> tuple[list[Row], Film | None]:
    scenario = outcome.scenario
    kind, _, key = tab.partition(":")
    if kind == ATTACK:
        network = next(name for name, known in _attacked(scenario).items() if known == key)
        attack = live_run.quietly(attack_film(scenario, network, lab(), photo))
        return film_panels.attack(attack, outcome, called, region)
    if kind == AVERAGE:
        frames = live_run.quietly(average_film(scenario, lab(), photo))
        return film_panels.average(frames, outcome, called, region)
    return outcome_panels.rows(outcome, called, region), None


with refusals.said():
    page()

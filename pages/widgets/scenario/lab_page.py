"""The Lab: a photo is measured and attacked, and what each network makes of it is compared."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.attacks.terms import LEVELS
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.pictures.images import Photo
from core.problems import restoring
from core.problems.scenario import PhotoScenario
from core.zoo import registry
from core.zoo.metadata import Metadata
from pages.widgets.page import add_to_talk, links, names, notices, refusals, share, style, symbols
from pages.widgets.page.numbers import plain
from pages.widgets.page.resources import lab
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import (
    exhibit,
    live_run,
    outcome_panels,
    outcome_tables,
    scenario_controls,
    verdict,
)
from pages.widgets.viewer import live_view, viewer

VIEWER, MADE = "lab.viewer", "lab.made"


def show(home: PhotoScenario | None = None) -> None:
    """The verdict above, controls to the left, the exhibit, and all figures below.

    Args:
        home: what an address that names nothing shows; by default the usual scenario.
    """
    style.show()
    with refusals.said():
        _page(home)


def _page(home: PhotoScenario | None) -> None:
    models = _models()
    scenario_controls.begin(models, home)
    here = [model for model in models if model.problem == scenario_controls.now().kind.problem.name]
    with st.container(key="lab"):
        said, rail, stage, below = (
            st.container(key=f"lab_{part}") for part in ("said", "rail", "stage", "below")
        )
    with rail:
        scenario_controls.draw_problem(models)
        if not scenario_controls.networks_of(scenario_controls.now()).usable(here):
            _nothing(scenario_controls.now().kind())
            return
        scenario, photo = scenario_controls.show(here, _view().region)
    view = _view().to_query()
    links.write({**scenario.to_query(), **view})
    with said:
        with st.container(key="sharing", horizontal=True):
            add_to_talk.view(verdict.attack(scenario), scenario, lambda: _view().to_query())
            share.show(scenario, photo, view)
        outcome, place = live_run.shown(run(scenario, lab(), photo), key="lab_status")
        place.markdown(verdict.sentence(outcome))
        notices.show(notices.sentences(outcome.notices, names.of(scenario)))
    with stage:
        _exhibit(outcome, photo, here, links.place())
    with below:
        viewer.hear(exhibit.ask, key="lab.asks")
        _details(outcome)


def _models() -> list[Metadata]:
    """The networks of all problems; damaged files are said, once each."""
    found = [registry.find(problem=problem, weights=True) for problem in restoring()]
    for sentence in dict.fromkeys(sentence for _, damaged in found for sentence in damaged):
        st.warning(plain(sentence), icon=":material/broken_image:")
    return [model for good, _ in found for model in good]


def _nothing(usual: PhotoScenario) -> None:
    """No network of the chosen problem: what to do."""
    links.write({"checkpoint": usual.checkpoint})
    st.info(
        f"There is no network for {usual.problem.title.lower()} here: train one with "
        f"`python -m core train {usual.checkpoint} --data DIR`, or restore the checkpoints folder.",
        icon=":material/database_off:",
    )


def _view() -> ViewState:
    """How the pictures are looked at; those that stand side by side elsewhere are swiped here."""
    view = viewer.state(VIEWER)
    return replace(view, mode="swipe") if view.mode == "grid" else view


@st.fragment
def _exhibit(outcome: Outcome, photo: Photo, here: list[Metadata], place: str) -> None:
    """The pictures; a gesture in them runs only this again."""
    scenario = outcome.scenario
    view = _view()
    known = exhibit.known(outcome, photo, here, view)
    flip = bool(st.session_state.get(outcome_tables.FLIP))
    rows = live_run.once(
        MADE,
        (scenario, outcome.photo_digest, outcome.digests, view.region, view.b, flip),
        lambda: outcome_panels.rows(outcome, view.region, view.b, flip),
    )
    viewer.show(
        exhibit.with_frames(rows, known.frames),
        key=VIEWER,
        version=scenario.key(),
        pair=outcome_panels.pair(scenario),
        tabs=exhibit.TABS,
        tab=view.tab if view.tab in dict(exhibit.TABS) else "",
        film=known.film,
        view=view,
        exhibit=known.exhibit,
        on_more=exhibit.want,
    )
    live_view.remember(scenario, view.to_query())
    if links.place() == place:  # somebody may have gone back while more was computed
        links.write({**scenario.to_query(), **view.to_query()})


def _details(outcome: Outcome) -> None:
    with st.expander("Figures and certificate", icon=":material/table:"):
        outcome_tables.flip_switch()
        outcome_tables.quality(outcome)
        st.markdown(outcome_tables.certified(outcome))
        outcome_tables.discrepancies(outcome)
        st.caption(_protocol(outcome))
    symbols.show()


def _protocol(outcome: Outcome) -> str:
    s, e = outcome.scenario, outcome.chosen.perturbation
    attack = s.attack_said
    inside = "inside the region" if s.attack_region else "everywhere"
    radius = f"√d · {s.eps_level:g}" if s.norm == "l2" else f"{s.eps_level:g} {LEVELS[s.norm]}"
    return (
        f"PSNR, SSIM and MSE against the ground truth, pictures in [0, 1], data range 1. "
        f"{s.problem.setting(s)}. ε = {radius} = {e.asked:.4f} ({s.problem.space.values}) with "
        f"d = {outcome.dimension:,} values {inside}; {names.length(s, e.reached)} reached by what ĝ faces. "
        f"{attack[0].upper()}{attack[1:]}. Seed {s.seed}, k = {s.samples:,}, α = {s.alpha:g}, "
        f"{outcome.device} in {outcome.precision}, {outcome.seconds['total']:.2f} s."
    )

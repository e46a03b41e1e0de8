"""What the Lab's exhibit is given, cards, films and strengths, as far as they are known.

The browser shows a result at once and then asks for more of it: first the films of the compared pair,
then a few other strengths. Any input of the person cancels that; what was finished is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.experiment.traces import attack_film, average_film
from core.pictures import render
from core.pictures.images import Photo
from core.problems.scenario import BASE, DEPLOYED, SMOOTHED, PhotoScenario
from core.zoo.metadata import Metadata
from pages.widgets.page import figures_text, names
from pages.widgets.page.resources import lab
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import film_panels, live_run, outcome_panels, scenario_controls, verdict
from pages.widgets.viewer.viewer_data import Card, Choice, Exhibit, Film, Frame, Panel, Row

AVERAGE = "average"
TABS = (("", "Steps"), (AVERAGE, "Samples"))
"""What the strip goes through, by its name in links."""
MADE, WANTED = "lab.extras", "lab.more"
COUNT, BATCH = 8, 2
"""Strengths that are computed beside the one that is shown, and how many at a time."""
PATIENCE = 4.0
"""Seconds: where a run takes longer, other strengths are left to be asked for."""

Frames = Mapping[str, tuple[Frame, ...]]


@dataclass
class Extras:
    """What was computed of one scenario beside its result; sessions that show the same share it.

    Attributes:
        films: by pair and tab: frames by panel, and the strip; None where there is nothing to play.
        strengths: by place of the strength: every card's PSNR and frame, by key.
    """

    films: dict[tuple[str, ...], tuple[Frames, Film] | None] = field(default_factory=dict)
    strengths: dict[int, dict[str, tuple[float, Frame]]] = field(default_factory=dict)


_shared: WeakValueDictionary[object, Extras] = WeakValueDictionary()
"""Those that a session holds: they go when the last one leaves."""


@dataclass(frozen=True)
class Known:
    """The exhibit as far as it is known: frames of the panels, the film strip, cards and choices."""

    frames: Frames
    film: Film | None
    exhibit: Exhibit


def want(version: str) -> None:
    """Note that the browser shows this version and has time for more of it."""
    st.session_state[WANTED] = version


def ask(asked: Mapping[str, Any]) -> None:
    """Give fields of the page's controls the values that the exhibit asks for, by their places; a region by
    its edges, or none."""
    controls = scenario_controls.now()
    for name, place in asked.items():
        if name == "attack_on":
            controls[name] = (DEPLOYED, BASE)[place]
            scenario_controls.take_protocol()
        elif name == "attack_region":
            controls[name] = ",".join(map(str, place))
        else:
            controls[name] = _values(controls["shown"])[place]


def known(outcome: Outcome, photo: Photo, here: Sequence[Metadata], view: ViewState) -> Known:
    """What there is to show; computes more of it if the browser asked for that."""
    scenario = outcome.scenario
    made = (scenario, outcome.photo_digest, *outcome.digests.items())
    extras = live_run.once(MADE, made, lambda: _shared.setdefault(made, Extras()))
    pair, tab = _watched(scenario, view)
    film = (*pair, tab, view.region.to_text() if view.region else "")
    places = _places(scenario, outcome)
    if st.session_state.get(WANTED) == scenario.key():
        if film not in extras.films:
            extras.films[film] = _film(outcome, photo, pair, tab, view)
        else:
            for place in [place for place in places if place not in extras.strengths][:BATCH]:
                extras.strengths[place] = _strength(scenario, photo, here, place)
        del st.session_state[WANTED]  # not before: another input ends this run, and the browser asks once
    frames, strip = extras.films.get(film) or ({}, None)
    more = film not in extras.films or any(place not in extras.strengths for place in places)
    return Known(frames, strip, _exhibit(outcome, extras, more))


def on_stage(outcome: Outcome, photo: Photo, view: ViewState) -> Known:
    """What a talk shows of it: the film that the view plays, and cards without anything to ask the page."""
    pair, tab = _watched(outcome.scenario, view)
    frames, strip = _film(outcome, photo, pair, tab, view) or ({}, None)
    made = _exhibit(outcome, Extras(), more=False)
    return Known(
        frames, strip, replace(made, cards=tuple(replace(each, action=("", "")) for each in made.cards))
    )


def with_frames(rows: Sequence[Row], frames: Frames) -> list[Row]:
    """The rows with the films' frames on their panels; the last frame is the panel's own."""

    def panel(each: Panel) -> Panel:
        shown = frames.get(each.key)
        return each if not shown else replace(each, frames=(*shown[:-1], _own(each)))

    return [(heading, [panel(each) for each in panels]) for heading, panels in rows]


def _own(panel: Panel) -> Frame:
    return Frame(panel.png, figure=panel.figure, inside=panel.inside, alt=panel.alt)


def _exhibit(outcome: Outcome, extras: Extras, more: bool) -> Exhibit:
    scenario, problem = outcome.scenario, outcome.scenario.problem
    here = _place(scenario)
    judged = verdict.judged(outcome)
    strengths = dict(extras.strengths)
    if strengths:
        strengths[here] = {each.key: _frame(each) for each in judged}
    order = sorted(strengths)
    again = ("attack_on", "Now attack the defence") if verdict.on_f_alone(scenario) else ("", "")
    shared = [each.key for each in judged if all(each.key in strengths[place] for place in order)]
    control = problem.scenario.controls()
    return Exhibit(
        cards=tuple(
            Card(
                each.key, each.name.title, each.name.levels, each.pair.clean.quality.psnr,
                tuple(strengths[place][each.key][0] for place in order) if each.key in shared else (),
                again if each.who == SMOOTHED else ("", ""),
            )
            for each in judged
        ),
        floor=f"below {problem.without_weights}",
        said=verdict.sentence(outcome).replace("**", ""),
        strength=Choice(
            problem.eps, control[problem.eps].label,
            tuple(names.strength(scenario.replace(**{problem.eps: value})) for value in _values(scenario)),
            here,
        ),
        switch=Choice(
            "attack_on", control["attack_on"].label,
            tuple(control["attack_on"].said(value) for value in (DEPLOYED, BASE)),
            (DEPLOYED, BASE).index(scenario.attack_on),
        ),
        strengths=tuple(order),
        scrubbed={key: tuple(strengths[place][key][1] for place in order) for key in shared},
        more=more,
        region=scenario.attack_region,
        **({"still": "So large a picture is shown without a film"} if outcome_panels.large(outcome) else {}),
    )  # fmt: skip


def _watched(scenario: PhotoScenario, view: ViewState) -> tuple[tuple[str, str], str]:
    """The compared pair and the strip of a view."""
    usual = outcome_panels.pair(scenario)
    return (view.a or usual[0], view.b or usual[1]), AVERAGE if view.tab == AVERAGE else ""


# -- films -----------------------------------------------------------------------------------


def _film(
    outcome: Outcome, photo: Photo, pair: tuple[str, ...], tab: str, view: ViewState
) -> tuple[Frames, Film] | None:
    scenario = outcome.scenario
    by_key = {each.key: each for each in outcome_panels.shown(outcome)}
    there = [by_key[key] for key in pair if key in by_key]
    smoothed = next(each for each in by_key.values() if each.who == SMOOTHED)
    if tab == AVERAGE:
        frames = live_run.quietly(average_film(scenario, lab(), photo))
        return film_panels.average(smoothed.key, frames, outcome, view.region) if len(frames) > 1 else None
    if ATTACKS[scenario.attack].blind or scenario.eps_level == 0 or outcome_panels.large(outcome):
        return None
    # A smoothed estimate costs all its samples at every step.
    watched = [
        each for each in there
        if each.who in scenario.networks or (each is smoothed and scenario.problem.cost <= 1)
    ]  # fmt: skip
    if not watched:
        return None
    films = {each.key: live_run.quietly(attack_film(scenario, each.who, lab(), photo)) for each in watched}
    frames_of, strip = film_panels.attack(films, outcome, names.of(scenario), view.region)
    return (frames_of, strip) if len(strip.labels) > 1 else None


# -- other strengths -------------------------------------------------------------------------


def _values(scenario: PhotoScenario) -> list[float]:
    """The strengths that are offered, with the scenario's own."""
    offered = [float(value) for value in scenario.controls()[scenario.problem.eps].values]
    return sorted({*offered, scenario.eps_level})


def _place(scenario: PhotoScenario) -> int:
    return _values(scenario).index(scenario.eps_level)


def _places(scenario: PhotoScenario, outcome: Outcome) -> list[int]:
    """The strengths to compute beside its own, the nearest first; none where a run takes long."""
    if outcome.seconds["total"] > PATIENCE:
        return []
    here, last = _place(scenario), len(_values(scenario)) - 1
    spread = {round(last * step / COUNT) for step in range(COUNT + 1)} - {here}
    return sorted(spread, key=lambda place: abs(place - here))


def _strength(
    scenario: PhotoScenario, photo: Photo, here: Sequence[Metadata], place: int
) -> dict[str, tuple[float, Frame]]:
    """What the page would show at another strength."""
    other = scenario_controls.at(scenario, here, _values(scenario)[place])
    outcome = live_run.quietly(run(other, lab(), photo))
    return {each.key: _frame(each) for each in verdict.judged(outcome)}


def _frame(each: outcome_panels.Shown) -> tuple[float, Frame]:
    quality, picture = each.pair.attacked.quality, each.pair.attacked.picture
    frame = Frame(render.png(render.pixels(picture)), figure=figures_text.whole(quality),
                  alt=f"{each.name.full}, attacked: {quality.psnr:.2f} dB")  # fmt: skip
    return quality.psnr, frame

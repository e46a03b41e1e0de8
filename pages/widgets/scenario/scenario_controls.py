"""The controls of the Lab: what a scenario's fields do not say is the problem and its networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import streamlit as st

from core.base.errors import UserError
from core.base.options import Control
from core.pictures.images import Photo
from core.pictures.regions import Region
from core.pictures.units import GREY
from core.problems import problem_of, restoring
from core.problems.controls import ATTACK, GREY_LEVELS, SMOOTHING
from core.problems.linear import LinearInverse
from core.problems.scenario import BASE, DEPLOYED, SELF, PhotoScenario
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo.metadata import Metadata
from pages.widgets.page.controls import Controls
from pages.widgets.scenario import linear_networks, photo_picker, super_resolution_networks

NAME, PAGE = "lab", "lab"
PROBLEM = Control("Problem")
PROTOCOL = {DEPLOYED: "apgd", BASE: "pgd"}
"""The attack that goes with each; another one can be chosen afterwards."""

Models = Sequence[Metadata]


def of(problem: str) -> Controls[PhotoScenario]:
    """The widgets of a problem's scenarios; fields of one name are one widget."""
    kind = restoring()[problem].scenario
    assert issubclass(kind, PhotoScenario)
    return Controls(kind, NAME, page=PAGE)


CONTROLS = of(SUPER_RESOLUTION.name)
"""Those of super-resolution."""


def now() -> Controls[PhotoScenario]:
    """Those of the problem that is chosen; before :func:`begin`, of the one that a link asks for."""
    return of(st.session_state.get(f"{NAME}.problem") or _asked())


def _asked() -> str:
    try:
        found = problem_of(st.query_params.get("checkpoint", "")).name
    except UserError:
        found = st.query_params.get("problem", "")
    return found if found in restoring() else ""


def begin(models: Models, home: PhotoScenario | None = None) -> None:
    """Let the widgets say something, before any is drawn; see :meth:`Controls.begin`.

    Args:
        models: the networks there are, of all problems.
        home: what an address that names nothing shows; by default the usual scenario of the first problem
            that has networks.
    """
    there = {model.problem for model in models}
    usual = next((name for name in restoring() if name in there), SUPER_RESOLUTION.name)
    controls = of(st.session_state.get(f"{NAME}.problem") or _asked() or usual)
    controls.begin(partial(_check, models, home), _beside)


def show(here: Models, drawn: Region | None) -> tuple[PhotoScenario, Photo]:
    """Draw the controls of the problem that is chosen; :func:`begin` goes before.

    Args:
        here: the networks of the problem, at least one to smooth.
        drawn: the region on the pictures, which the attack may be kept in.

    Raises:
        UserError: if the photo cannot be had.
    """
    controls = now()
    problem, networks = controls.kind.problem, networks_of(controls)
    picker, sliders = st.container(), st.container(gap="small")
    with st.expander("More: networks, crop, attack, samples", icon=":material/tune:"):
        networks.draw(controls, here)
        view = {"said": lambda pixels: f"{pixels} px" if pixels else "full"}
        side: dict[str, Any] = {}
        if "size" in controls.kind.controls():
            scenario = _scenario(controls, here)
            side["said"] = lambda size: "{0}×{0}".format(problem.side(scenario.replace(size=size)))
        controls.row("short_side", *["size"] * bool(side), short_side=view, size=side)
        if "whole" in controls.kind.__dataclass_fields__:
            controls.draw("whole")
        controls.row("crop_x", "crop_y")
        photo = photo_picker.show(controls.key("image"))
        there = _scenario(controls, here).networks
        regions = ["", *([drawn.to_text()] if drawn else [])]
        controls.fields_of(ATTACK, attacked={"values": [SELF, *there]}, attack_region={"values": regions})
        controls.fields_of(SMOOTHING)
    with picker:
        photo_picker.strip(controls, photo, _scenario(controls, here))
    with sliders:
        _draw_sliders(controls, here)
    return _scenario(controls, here), photo


def draw_problem(models: Models) -> None:
    """Choose the problem."""
    now().draw(
        "problem", PROBLEM, values=list(restoring()), said=lambda name: restoring()[name].title,
        more="How the photo is measured; networks restore it.", label_visibility="collapsed",
        on_change=_change_of_problem, args=(models,),
    )  # fmt: skip


def _draw_sliders(controls: Controls[PhotoScenario], here: Models) -> None:
    problem = controls.kind.problem
    strength: dict[str, Any] = {}
    if isinstance(problem, LinearInverse):
        side = problem.side(_scenario(controls, here))
        strength["said"] = lambda eps: f"{GREY_LEVELS.format(eps)} = L2 {side * eps / GREY:.3g}"
        strength["more"] = "Its L2 norm, pixels in [0, 1], is beside it."
    controls.draw(problem.eps, **strength)
    controls.draw(
        "attack_on", on_change=take_protocol, width="stretch",
        more=f"Networks and {problem.without_weights} are always attacked themselves.",
    )  # fmt: skip
    networks_of(controls).draw_smoothed(controls, here)
    for field in (problem.sigma, *problem.own):
        if field in controls.kind.controls():  # the factor follows from the network
            controls.draw(field)


def take_protocol() -> None:
    """The thesis's switch stands for its whole protocol, which attacks with PGD."""
    controls = now()
    controls["attack"] = PROTOCOL[controls["attack_on"]]


def networks_of(controls: Controls[PhotoScenario]) -> ModuleType:
    """The chooser of the networks of these scenarios."""
    return linear_networks if controls.kind.problem.smooths_all else super_resolution_networks


def _scenario(controls: Controls[PhotoScenario], here: Models) -> PhotoScenario:
    """What the widgets say."""
    *others, smoothed = networks_of(controls).chosen(controls, here)
    if controls["attacked"] not in (SELF, *others, smoothed):
        controls.let("attacked", SELF)
    return controls.value(checkpoint=smoothed, compare=tuple(others))


def at(scenario: PhotoScenario, here: Models, strength: float) -> PhotoScenario:
    """What the widgets would say at another strength of the attack."""
    controls = now()
    *others, smoothed = networks_of(controls).chosen(controls, here, strength)
    given = {"compare": tuple(others), "checkpoint": smoothed, scenario.problem.eps: strength}
    return scenario.replace(**given)


def _change_of_problem(models: Models) -> None:
    """What the other problem's widgets have not said yet is its usual scenario; the rest stays."""
    controls = now()
    here = [model for model in models if model.problem == controls.kind.problem.name]
    usual = networks_of(controls).first(controls.kind(), here)
    for field, says in {**vars(usual), **_beside(usual)}.items():
        if controls.key(field) not in st.session_state:
            controls[field] = [*says] if isinstance(says, tuple) else says


def _check(
    models: Models, home: PhotoScenario | None, scenario: PhotoScenario
) -> tuple[PhotoScenario, list[str]]:
    """The scenario with a photo and networks that are there, and a sentence for what was another."""
    if home is not None and not st.query_params:
        scenario = home
    here = [model for model in models if model.problem == scenario.problem.name]
    scenario, problems = photo_picker.check(scenario)
    scenario, more = networks_of(of(scenario.problem.name)).check(scenario, here)
    return scenario, problems + more


def _beside(scenario: PhotoScenario) -> Mapping[str, Any]:
    """What the page's other widgets say at a scenario."""
    return {"problem": scenario.problem.name, **networks_of(of(scenario.problem.name)).beside(scenario)}

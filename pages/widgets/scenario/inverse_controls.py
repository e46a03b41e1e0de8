"""The controls of linear inverse problems: what a scenario's fields do not say is which network."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import streamlit as st

from core.base.errors import UserError
from core.base.options import Control, Widget
from core.pictures.images import Photo
from core.pictures.units import GREY
from core.problems import problem_of
from core.problems.controls import ATTACK, GREY_LEVELS, SMOOTHING
from core.problems.linear import LinearInverse, LinearScenario
from core.problems.names import Identity
from core.zoo.metadata import InverseMetadata
from pages.widgets.page.controls import Controls
from pages.widgets.scenario import inverse_names, photo_picker
from pages.widgets.scenario.inverse_names import OBJECTIVES

LIVE = "live"
NAME, PAGE = "inverse", "denoising-sensing"
PROBLEM = Control("Problem", Widget.SEGMENTS)
CHOSEN = Control("Smoothed and certified")
COMPARED = Control("Compared with", Widget.PILLS)

Models = list[InverseMetadata]


def of(problem: str) -> Controls[LinearScenario]:
    """The widgets of a problem's scenarios; fields of one name are one widget."""
    kind = inverse_names.problems()[problem].scenario
    assert issubclass(kind, LinearScenario)
    return Controls(kind, NAME, page=PAGE)


def now() -> Controls[LinearScenario]:
    """Those of the problem that is chosen."""
    return of(st.session_state.get(f"{NAME}.problem") or _asked())


def _asked() -> str:
    """The problem that a link asks for."""
    try:
        asked = problem_of(st.query_params.get("checkpoint", "")).name
    except UserError:
        asked = st.query_params.get("problem", "")
    return asked if asked in inverse_names.problems() else next(iter(inverse_names.problems()))


def begin(models: Models, parts: Collection[str]) -> None:
    """Let the widgets say something, before any is drawn; see :meth:`Controls.begin`.

    Args:
        models: the networks there are, of all problems.
        parts: the page's views, which the parameter ``part`` names.
    """
    controls = now()
    if "checkpoint" not in st.query_params and "problem" not in st.query_params:
        there = [name for name in inverse_names.problems() if name in {model.problem for model in models}]
        if there and controls.kind.problem.name not in there:
            controls = of(there[0])
    controls.begin(partial(_check, models), partial(_beside, parts))


def show(models: Models) -> tuple[LinearScenario, Photo]:
    """Draw the controls of one problem; :func:`begin` goes before.

    Args:
        models: the networks of the problem, at least one.

    Raises:
        UserError: if the photo cannot be had.
    """
    controls = now()
    problem = controls.kind.problem
    assert isinstance(problem, LinearInverse)
    with st.sidebar:
        sliders, rest = st.container(gap="xsmall"), st.container(gap="small")
        with rest:
            _draw_networks(controls, models)
            scenario = _scenario(controls)
            photo = photo_picker.show(controls.key("image"))
            side = {"said": lambda size: "{0}×{0}".format(problem.side(scenario.replace(size=size)))}
            view = {"said": lambda pixels: f"{pixels} px" if pixels else "full"}
            controls.row("short_side", "size", short_side=view, size=side)
            controls.row("crop_x", "crop_y")
            controls.group(ATTACK, ":material/bolt:", attacked={"values": ["self", *scenario.networks]})
            controls.group(SMOOTHING, ":material/blur_on:", "Samples, certificate, seed")
        with sliders:
            side_now = problem.side(_scenario(controls))
            controls.draw(
                "attack_on", more="Networks and the linear estimate are always attacked themselves."
            )
            controls.draw(
                "eps",
                said=lambda eps: f"{GREY_LEVELS.format(eps)} = L2 {side_now * eps / GREY:.3g}",
                more="Its L2 norm, pixels in [0, 1], is beside it.",
            )
            controls.draw("sigma")
            for field in problem.own:
                controls.draw(field)
    return _scenario(controls), photo


def _draw_networks(controls: Controls[LinearScenario], models: Models) -> None:
    """Those that there are; a common start only where it is asked for, or alone."""
    there = inverse_names.in_order(model.name for model in models)
    asked = {controls["chosen"], *controls["compared"]}
    offered = [name for name in there if not name.endswith("-start") or name in asked or len(there) == 1]
    # After a change of the problem: networks trained the same way for the other one.
    same = {name.partition("-")[2]: name for name in offered}
    chosen, *compared = (
        same.get(name.partition("-")[2], "") for name in (controls["chosen"], *controls["compared"])
    )
    controls["chosen"] = chosen or offered[-1]
    controls["compared"] = [name for name in compared if name]
    called = {inverse_names.short(name): OBJECTIVES[Identity.parse(name).objective][1] for name in offered}
    controls.draw(
        "chosen",
        CHOSEN,
        values=offered,
        said=inverse_names.short,
        more="The network that the line on top speaks of, by the way it was trained. "
        + "; ".join(f"{short}: {what}" for short, what in called.items()),
    )
    others = [name for name in offered if name != controls["chosen"]]
    controls["compared"] = [name for name in controls["compared"] if name in others]
    if others:
        controls.draw(
            "compared",
            COMPARED,
            values=others,
            said=inverse_names.short,
            more="Each of these is attacked itself and smoothed too; every one takes its time.",
        )


def _scenario(controls: Controls[LinearScenario]) -> LinearScenario:
    """What the widgets say."""
    compared = tuple(inverse_names.in_order(controls["compared"]))
    networks = (controls["chosen"], *compared)
    if controls["attacked"] not in ("self", *networks):
        controls["attacked"] = "self"
    return controls.value(checkpoint=controls["chosen"], compare=compared)


def _beside(parts: Collection[str], scenario: LinearScenario) -> dict[str, Any]:
    """What the page's other widgets say at a scenario."""
    part, problem = (st.query_params.get(name) for name in ("part", "problem"))
    return {
        "part": part if part in parts else LIVE,
        "problem": problem if problem in inverse_names.problems() else scenario.problem.name,
        "chosen": scenario.checkpoint,
        "compared": list(scenario.compare),
    }


def _first(models: Models, usual: LinearScenario) -> LinearScenario:
    """What a link without networks shows: the most robust objective there is beside the ordinary one."""
    there = {model.objective: model.name for model in models if model.problem == usual.problem.name}
    order = ("smt-grad", "smt-adv", "smoothing", "adv", "adversarial", "jcb", "ord", "standard", "start")
    wanted = [there[each] for each in order if each in there]
    chosen = wanted[0] if wanted else usual.checkpoint
    beside = [there[each] for each in ("ord", "standard", "start") if there.get(each, chosen) != chosen][:1]
    return usual.replace(checkpoint=chosen, compare=tuple(beside))


def _check(models: Models, scenario: LinearScenario) -> tuple[LinearScenario, list[str]]:
    """The scenario with a photo and networks that are there, and a sentence for each that was another."""
    scenario, problems = photo_picker.check(scenario)
    if not {"checkpoint", "compare"} & st.query_params.keys():
        return _first(models, scenario), problems
    there = {model.name for model in models}
    missing = [name for name in scenario.networks if name not in there]
    if missing and any(model.problem == scenario.problem.name for model in models):
        problems.append(f"There is no network {', '.join(missing)} here: the page Models lists them.")
        kept = [name for name in (scenario.checkpoint, *scenario.compare) if name in there]
        if not kept:
            return _first(models, scenario), problems
        scenario = scenario.replace(checkpoint=kept[0], compare=tuple(kept[1:]))
    return scenario, problems

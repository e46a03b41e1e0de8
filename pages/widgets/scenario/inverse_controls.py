"""The controls of denoising and sensing: what an InverseScenario's fields do not say is which network."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import streamlit as st

from core.base.options import Control, Widget
from core.experiment.controls import ATTACK, GREY_LEVELS, SMOOTHING
from core.experiment.inverse.scenario import InverseScenario, identity_of
from core.pictures.images import Photo
from core.pictures.units import GREY
from core.zoo.metadata import InverseMetadata
from core.zoo.names import INVERSE_OBJECTIVES, DenoisingIdentity
from pages.widgets.page.controls import Controls
from pages.widgets.scenario import inverse_names, photo_picker
from pages.widgets.scenario.inverse_names import OBJECTIVES

LIVE = "live"
CONTROLS = Controls(InverseScenario, "inverse", page="denoising-sensing")
_SHORT = {objective: short for objective, (short, _) in OBJECTIVES.items()}
PROBLEM = Control("Problem", Widget.SEGMENTS, tuple(inverse_names.PROBLEMS), inverse_names.PROBLEMS)
CHOSEN = Control("Smoothed and certified", names=_SHORT)
COMPARED = Control("Compared with", Widget.PILLS, names=_SHORT)

Models = list[InverseMetadata]


def begin(models: Models, parts: Collection[str]) -> None:
    """Let the widgets say something, before any is drawn; see :meth:`Controls.begin`.

    Args:
        models: the networks there are, of both problems.
        parts: the page's views, which the parameter ``part`` names.
    """
    CONTROLS.begin(partial(_check, models), partial(_beside, parts))


def show(models: Models) -> tuple[InverseScenario, Photo]:
    """Draw the controls of one problem; :func:`begin` goes before.

    Args:
        models: the networks of the problem, at least one.

    Raises:
        UserError: if the photo cannot be had.
    """
    with st.sidebar:
        sliders, rest = st.container(gap="xsmall"), st.container(gap="small")
        with rest:
            _draw_networks({model.objective for model in models})
            now = _scenario()
            photo = photo_picker.show(CONTROLS.key("image"))
            side = {"said": lambda size: "{0}×{0}".format(now.replace(size=size).side)}
            CONTROLS.row("short_side", "size", size=side)
            CONTROLS.row("crop_x", "crop_y")
            CONTROLS.group(ATTACK, ":material/bolt:")
            CONTROLS.group(SMOOTHING, ":material/blur_on:", "Samples, certificate, seed")
        with sliders:
            _draw_sliders(_scenario())
    return _scenario(), photo


def _draw_sliders(now: InverseScenario) -> None:
    CONTROLS.draw(
        "eps",
        said=lambda eps: f"{GREY_LEVELS.format(eps)} = L2 {now.side * eps / GREY:.3g}",
        more="Its L2 norm, pixels in [0, 1], is beside it.",
    )
    CONTROLS.draw("sigma")
    if now.problem == DenoisingIdentity.problem:
        CONTROLS.draw("sigma_b", more="Training had 15.")
    else:
        CONTROLS.draw(
            "ratio",
            said=lambda ratio: f"{ratio:g}: {inverse_names.values_of_block(ratio)}",
            more="Training had 0.1 to 0.5.",
        )


def _draw_networks(there: set[str]) -> None:
    """The paper's objectives that there are; their common start only where it is asked for, or alone."""
    asked = {CONTROLS["chosen"], *CONTROLS["compared"]}
    offered = [
        each for each in OBJECTIVES if each in there and (each != "start" or each in asked or len(there) == 1)
    ]
    if CONTROLS["chosen"] not in offered:
        CONTROLS["chosen"] = offered[-1]
    CONTROLS.draw(
        "chosen",
        CHOSEN,
        values=offered,
        more="The network that the line on top speaks of, by the way it was trained. "
        + "; ".join(f"{short}: {what}" for short, what in OBJECTIVES.values()),
    )
    others = [each for each in offered if each != CONTROLS["chosen"]]
    CONTROLS["compared"] = [each for each in CONTROLS["compared"] if each in others]
    if others:
        CONTROLS.draw(
            "compared",
            COMPARED,
            values=others,
            more="Each of these is attacked itself and smoothed too; every one takes its time.",
        )


def _scenario() -> InverseScenario:
    """What the widgets say."""
    objectives = (CONTROLS["chosen"], *sorted(CONTROLS["compared"], key=INVERSE_OBJECTIVES.index))
    chosen, *others = (inverse_names.network(CONTROLS["problem"], each) for each in objectives)
    return CONTROLS.value(checkpoint=chosen, compare=tuple(others))


def _beside(parts: Collection[str], scenario: InverseScenario) -> dict[str, Any]:
    """What the page's other widgets say at a scenario."""
    part, problem = (st.query_params.get(name) for name in ("part", "problem"))
    return {
        "part": part if part in parts else LIVE,
        "problem": problem if problem in inverse_names.PROBLEMS else scenario.problem,
        "chosen": scenario.identity.objective,
        "compared": [identity_of(name).objective for name in scenario.networks[1:]],
    }


def _first(models: Models, usual: InverseScenario) -> InverseScenario:
    """What a link without networks shows: the most robust objective there is beside the ordinary one."""
    problems = [model.problem for model in models]
    problem = usual.problem if usual.problem in problems or not problems else problems[0]
    there = [model.objective for model in models if model.problem == problem]
    wanted = [each for each in ("smt-grad", "smt-adv", "adv", "jcb", "ord", "start") if each in there]
    chosen = wanted[0] if wanted else usual.identity.objective
    beside = [each for each in ("ord", "start") if each in wanted and each != chosen][:1]
    return usual.replace(
        checkpoint=inverse_names.network(problem, chosen),
        compare=tuple(inverse_names.network(problem, each) for each in beside),
    )


def _check(models: Models, scenario: InverseScenario) -> tuple[InverseScenario, list[str]]:
    """The scenario with a photo and networks that are there, and a sentence for each that was another."""
    scenario, problems = photo_picker.check(scenario)
    if not {"checkpoint", "compare"} & st.query_params.keys():
        return _first(models, scenario), problems
    there = {model.name for model in models}
    missing = [name for name in scenario.networks if name not in there]
    if missing and any(model.problem == scenario.problem for model in models):
        problems.append(f"There is no network {', '.join(missing)} here: the page Models lists them.")
        kept = [name for name in scenario.networks if name in there]
        if not kept:
            return _first([m for m in models if m.problem == scenario.problem], scenario), problems
        scenario = scenario.replace(checkpoint=kept[0], compare=tuple(kept[1:]))
    return scenario, problems

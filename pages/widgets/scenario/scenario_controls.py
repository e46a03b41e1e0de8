"""The controls of the Live lab: what a scenario's fields do not say is which networks there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.base.errors import UserError
from core.base.options import Control, Widget
from core.pictures.images import Photo
from core.problems.controls import ATTACK, SMOOTHING, STANDARDISED
from core.problems.scenario import BASE, DEPLOYED, SELF, nearest_level
from core.problems.super_resolution import EPS_REL as EPS_REL_TRAINED
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolutionScenario
from core.zoo.metadata import SuperResolutionMetadata
from pages.widgets.page import links
from pages.widgets.page.controls import Controls
from pages.widgets.page.numbers import both_units
from pages.widgets.scenario import photo_picker

CONTROLS = Controls(SuperResolutionScenario, "scenario", page="lab")
FACTOR = Control("Super-resolution factor", Widget.SEGMENTS, form="×{}")
ADVERSARIAL = Control("Adversarially trained at ε_rel")
SIGMA_F = Control("Training noise σ_f", Widget.SLIDER, unit=STANDARDISED)
SMOOTHED = Control("Smoothed network", names={"": "ours, by training noise σ_f"})
PROTOCOL = {DEPLOYED: "apgd", BASE: "pgd"}
"""The attack that goes with each; another one can be chosen afterwards."""
FOLLOW = 0.0
"""In the place of a level of adversarial training: the one nearest to the attack's strength."""

Models = list[SuperResolutionMetadata]


def show(models: Models, view: Mapping[str, str]) -> tuple[SuperResolutionScenario, Photo]:
    """Draw all controls; the scenario they describe is also written to the URL.

    Args:
        models: the checkpoints there are.
        view: the page's other query parameters, how the scenario is looked at.

    Raises:
        UserError: if the photo cannot be had, or there is no network to smooth.
    """
    factors = sorted({model.factor for model in models if _levels(models, model.factor, "smoothing")})
    if not factors:
        raise UserError(
            "There is no noise-trained network to smooth: train one with python -m core train sr-x2-rs-0.10, "
            "or restore the checkpoints folder."
        )
    CONTROLS.begin(partial(_check, models), partial(_beside, factors))
    with st.sidebar:
        sliders, rest = st.container(gap="xsmall"), st.container(gap="small")
        with rest:
            photo = photo_picker.show(CONTROLS.key("image"))
            CONTROLS.draw("short_side")
            CONTROLS.row("crop_x", "crop_y")
            _draw_networks(models, factors)
            *_, smoothed = networks = _networks(models)
            if CONTROLS["attacked"] not in networks:
                CONTROLS["attacked"] = SELF
            CONTROLS.group(ATTACK, ":material/bolt:", attacked={"values": [SELF, *networks]})
            CONTROLS.group(SMOOTHING, ":material/blur_on:")
        with sliders:
            CONTROLS.draw(
                "attack_on",
                on_change=_take_protocol,
                more="Networks and interpolation are always attacked themselves.",
            )
            CONTROLS.draw("eps_rel")
            _draw_sigma_f(_levels(models, CONTROLS["factor"], "smoothing"))
            CONTROLS.draw("sigma_g")
    *others, smoothed = _networks(models)
    scenario = CONTROLS.value(checkpoint=smoothed, compare=tuple(others))
    links.write({**scenario.to_query(), **view})
    return scenario, photo


def _draw_networks(models: Models, factors: list[int]) -> None:
    CONTROLS.draw(
        "factor",
        FACTOR,
        values=factors,
        more="How much smaller the photo is measured. Factors without trained networks are not offered.",
    )
    levels = _levels(models, CONTROLS["factor"], "adversarial")
    if levels:
        nearest = nearest_level(levels, CONTROLS["eps_rel"])
        CONTROLS.keep_among("adversarial", [FOLLOW, *levels])
        CONTROLS.draw(
            "adversarial",
            ADVERSARIAL,
            values=[FOLLOW, *levels],
            said=lambda level: both_units(level) if level else f"{nearest:g}, nearest to the attack’s",
            more="Strength of the attacks that the adversarially trained network saw in training. It follows "
            "the attack’s strength unless you choose one.",
        )
    _draw_unusual([m for m in models if m.factor == CONTROLS["factor"] and _unusual(m.name)])


def _draw_unusual(models: Models) -> None:
    """A chooser for each kind of which there are any; what is no longer there is forgotten."""
    smoothing = [model.name for model in models if model.objective == "smoothing"]
    others = [model.name for model in models if model.objective != "smoothing"]
    if CONTROLS["added_smoothed"] not in smoothing:
        CONTROLS["added_smoothed"] = ""
    CONTROLS["added_compared"] = [name for name in CONTROLS["added_compared"] if name in others]
    if smoothing:
        CONTROLS.draw(
            "added_smoothed",
            SMOOTHED,
            values=["", *smoothing],
            more="The network that is smoothed: one of ours by the slider σ_f, or one that was added.",
        )
    if others:
        st.multiselect(
            "Also compare",
            others,
            key=CONTROLS.key("added_compared"),
            help="Added networks to attack and score beside ours.",
        )


def _take_protocol() -> None:
    """The thesis's switch stands for its whole protocol, which attacks with PGD."""
    CONTROLS["attack"] = PROTOCOL[CONTROLS["attack_on"]]


def _draw_sigma_f(levels: list[float]) -> None:
    CONTROLS.keep_among("sigma_f", levels)
    if CONTROLS["added_smoothed"]:
        level = SUPER_RESOLUTION.identity(CONTROLS["added_smoothed"]).level
        st.caption(f"Training noise σ_f: {both_units(level)}, the added network’s.")
        return
    CONTROLS.draw(
        "sigma_f",
        SIGMA_F,
        values=levels,
        more="Standard deviation of the noise that the smoothed base network was trained with.",
    )


def _networks(models: Models) -> list[str]:
    """The networks on the page as the widgets have them now, the smoothed one last.

    A standard or adversarially trained network that is not there is left out. Networks that are
    not shipped stand before the smoothed one, or in its place.
    """
    factor: int = CONTROLS["factor"]
    wanted = {"standard": 0.0, "adversarial": CONTROLS["adversarial"], "smoothing": CONTROLS["sigma_f"]}
    if wanted["adversarial"] == FOLLOW and (levels := _levels(models, factor, "adversarial")):
        wanted["adversarial"] = nearest_level(levels, CONTROLS["eps_rel"])
    *others, smoothing = [
        SUPER_RESOLUTION.called(
            objective, factor=factor, level=min(levels, key=lambda there: abs(there - level))
        )
        for objective, level in wanted.items()
        if (levels := _levels(models, factor, objective))
    ]
    return [*others, *CONTROLS["added_compared"], CONTROLS["added_smoothed"] or smoothing]


def _check(models: Models, scenario: SuperResolutionScenario) -> tuple[SuperResolutionScenario, list[str]]:
    """What is missing of a link's scenario; the widgets take the nearest networks there are."""
    scenario, problems = photo_picker.check(scenario)
    missing = set(scenario.networks) - {model.name for model in models}
    if SUPER_RESOLUTION.identity(scenario.checkpoint).objective != "smoothing":
        problems.append(f"{scenario.checkpoint} was not trained with noise: smooth one that was.")
    elif missing and st.query_params:  # without a link, the nearest networks will do
        there = (name for name in scenario.networks if name in missing)
        problems.append(f"There is no network {', '.join(there)} here: the page Models lists them.")
    return scenario, problems


def _beside(factors: list[int], scenario: SuperResolutionScenario) -> dict[str, Any]:
    """What the choices of networks say at a scenario."""
    identity = SUPER_RESOLUTION.identity(scenario.checkpoint)
    compared = [SUPER_RESOLUTION.identity(name) for name in scenario.compare]
    pinned = [o.level for o in compared if o.objective == "adversarial" and not o.unusual]
    followed = not pinned or pinned[0] == nearest_level(EPS_REL_TRAINED, scenario.eps_rel)
    return {
        "factor": identity.factor if identity.factor in factors else factors[0],
        "sigma_f": identity.level,
        "adversarial": FOLLOW if followed else pinned[0],
        "added_smoothed": scenario.checkpoint if identity.unusual else "",
        "added_compared": [name for name in scenario.compare if _unusual(name)],
    }


def _levels(models: Models, factor: int, objective: str) -> list[float]:
    return [
        m.level for m in models if (m.factor, m.objective) == (factor, objective) and not _unusual(m.name)
    ]


def _unusual(name: str) -> bool:
    """Whether the sliders do not reach a network: it was added, is a program, or lacks the skip."""
    return SUPER_RESOLUTION.identity(name).unusual

"""Which networks of super-resolution take part: by factor and level, and those that were added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base.options import Control, Widget
from core.problems.controls import STANDARDISED
from core.problems.scenario import PhotoScenario, nearest_level
from core.problems.super_resolution import EPS_REL as EPS_REL_TRAINED
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo.metadata import Metadata
from pages.widgets.page import names, results_data
from pages.widgets.page.controls import Controls
from pages.widgets.page.numbers import both_units

FACTOR = Control("Super-resolution factor", Widget.SEGMENTS, form="×{}")
ADVERSARIAL = Control("Adversarially trained at ε_rel")
SIGMA_F = Control("Training noise σ_f", Widget.SLIDER, unit=STANDARDISED)
SMOOTHED = Control("Smoothed network", names={"": "ours, by training noise σ_f"})
FOLLOW = 0.0
"""In the place of a level of adversarial training: the one nearest to the attack's strength."""

Models = Sequence[Metadata]


def usable(here: Models) -> bool:
    """Whether there is a network to smooth."""
    return bool(_factors(here))


def first(usual: PhotoScenario, here: Models) -> PhotoScenario:
    """The usual scenario; the widgets take the nearest networks there are."""
    return usual


def check(scenario: PhotoScenario, here: Models) -> tuple[PhotoScenario, list[str]]:
    """The scenario, and a sentence for networks that are missing or cannot be smoothed."""
    missing = set(scenario.networks) - {model.name for model in here}
    if not SUPER_RESOLUTION.identity(scenario.checkpoint).to_smooth:
        return scenario, [f"{scenario.checkpoint} was not trained with noise: smooth one that was."]
    if missing and "checkpoint" in st.query_params:  # without a link, the nearest networks will do
        return scenario, [names.absent(name for name in scenario.networks if name in missing)]
    return scenario, []


def beside(scenario: PhotoScenario) -> dict[str, Any]:
    """What the widgets below say at a scenario."""
    identity = SUPER_RESOLUTION.identity(scenario.checkpoint)
    compared = [SUPER_RESOLUTION.identity(name) for name in scenario.compare]
    pinned = [o.level for o in compared if o.objective == "adversarial" and not o.unusual]
    followed = not pinned or pinned[0] == nearest_level(EPS_REL_TRAINED, scenario.eps_level)
    return {
        "factor": identity.factor,
        "sigma_f": identity.level,
        "adversarial": FOLLOW if followed else pinned[0],
        "added_smoothed": scenario.checkpoint if _unusual(scenario.checkpoint) else "",
        "added_compared": [name for name in scenario.compare if _unusual(name)],
    }


def draw_smoothed(controls: Controls[PhotoScenario], here: Models) -> None:
    """Choose the noise that the smoothed network was trained with."""
    if controls["added_smoothed"]:
        level = SUPER_RESOLUTION.identity(controls["added_smoothed"]).level
        st.caption(f"Noise in its training: {both_units(level)}.")
        return
    levels = _levels(here, controls["factor"], "smoothing")
    controls.keep_among("sigma_f", levels)
    controls.draw(
        "sigma_f", SIGMA_F, values=levels,
        more="Standard deviation of the noise that the smoothed base network was trained with.",
    )  # fmt: skip
    _draw_best(controls)


def _draw_best(controls: Controls[PhotoScenario]) -> None:
    """Take the noises of training and smoothing that the store has as best at the attack's strength."""
    found = results_data.best_smoothed(SUPER_RESOLUTION, controls["factor"], controls["eps_rel"])
    if found is None:
        return

    def take() -> None:
        controls["sigma_f"], controls["sigma_g"] = found.level, found.sigma

    st.button(
        f"Best at ε {found.eps:g}: σ_f {found.level:g}, σ_g {found.sigma:g}", on_click=take,
        key=controls.key("best"), width="stretch", icon=":material/recommend:",
        disabled=(found.level, found.sigma) == (controls["sigma_f"], controls["sigma_g"]),
        help=f"Of what was evaluated nearest to this attack strength, the smoothed network with the highest "
        f"mean PSNR ({found.psnr:.2f} dB over {found.images} photos) under the strongest attack known on it.",
    )  # fmt: skip


def draw(controls: Controls[PhotoScenario], here: Models) -> None:
    """Choose factor, adversarial network, and added ones, of which there is a chooser for each kind."""
    _repair(controls, here)
    controls.draw(
        "factor", FACTOR, values=_factors(here),
        more="How much smaller the photo is measured. Factors without trained networks are not offered.",
    )  # fmt: skip
    levels = _levels(here, controls["factor"], "adversarial")
    if levels:
        nearest = nearest_level(levels, controls["eps_rel"])
        controls.keep_among("adversarial", [FOLLOW, *levels])
        controls.draw(
            "adversarial", ADVERSARIAL, values=[FOLLOW, *levels],
            said=lambda level: both_units(level) if level else f"{nearest:g}, nearest to the attack’s",
            more="Strength of the attacks that the adversarially trained network saw in training. It follows "
            "the attack’s strength unless you choose one.",
        )  # fmt: skip
    smoothing, others = _added(controls, here)
    if smoothing:
        controls.draw(
            "added_smoothed", SMOOTHED, values=["", *smoothing],
            more="The network that is smoothed: one of ours by the slider σ_f, one that was added, "
            "or, with “ds” in its name, standard training behind a denoiser of noise of that level.",
        )  # fmt: skip
    if others:
        st.multiselect(
            "Also compare", others, key=controls.key("added_compared"),
            help="Added networks to attack and score beside ours.",
        )  # fmt: skip


def chosen(controls: Controls[PhotoScenario], here: Models, strength: float | None = None) -> list[str]:
    """The networks as the widgets have them now, the smoothed one last; or at another strength.

    A standard or adversarially trained network that is not there is left out. Networks that are
    not shipped stand before the smoothed one, or in its place.
    """
    _repair(controls, here)
    factor: int = controls["factor"]
    wanted = {"standard": 0.0, "adversarial": controls["adversarial"], "smoothing": controls["sigma_f"]}
    if wanted["adversarial"] == FOLLOW and (levels := _levels(here, factor, "adversarial")):
        wanted["adversarial"] = nearest_level(levels, controls["eps_rel"] if strength is None else strength)
    *others, smoothing = [
        SUPER_RESOLUTION.called(
            objective, factor=factor, level=min(levels, key=lambda there: abs(there - level))
        )
        for objective, level in wanted.items()
        if (levels := _levels(here, factor, objective))
    ]
    return [*others, *controls["added_compared"], controls["added_smoothed"] or smoothing]


def _repair(controls: Controls[PhotoScenario], here: Models) -> None:
    """What is no longer there is forgotten."""
    if controls["factor"] not in (factors := _factors(here)):
        controls["factor"] = factors[0]
    smoothing, others = _added(controls, here)
    if controls["added_smoothed"] not in smoothing:
        controls.let("added_smoothed", "")
    controls.let("added_compared", [name for name in controls["added_compared"] if name in others])


def _added(controls: Controls[PhotoScenario], here: Models) -> tuple[list[str], list[str]]:
    """The networks that the sliders do not reach: those to smooth, and the others."""
    added = [m for m in here if _factor(m) == controls["factor"] and _unusual(m.name)]
    smoothing = [model.name for model in added if model.identity.to_smooth]
    return smoothing, [model.name for model in added if model.name not in smoothing]


def _factors(here: Models) -> list[int]:
    factors = {_factor(model) for model in here}
    return sorted(factor for factor in factors if _levels(here, factor, "smoothing"))


def _levels(here: Models, factor: int, objective: str) -> list[float]:
    return [
        m.level for m in here if (_factor(m), m.objective) == (factor, objective) and not _unusual(m.name)
    ]


def _factor(model: Metadata) -> int:
    return SUPER_RESOLUTION.identity(model.name).factor


def _unusual(name: str) -> bool:
    """Whether the sliders do not reach a network: it stands behind a denoiser, was added, is a program, or
    lacks the skip."""
    identity = SUPER_RESOLUTION.identity(name)
    return identity.unusual or identity.objective == "denoised"

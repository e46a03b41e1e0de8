"""Certify a chosen photo on the spot: progress, bounds, and interval pictures."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.base.errors import UserError
from core.base.options import APPROXIMATELY, Control, Options, Widget, option
from core.evaluation.studies.certificates import Plan
from core.evaluation.studies.one_photo import MEAN, MEDIAN, Limits, OnePhoto, certify_one, remembered
from core.pictures import images, render, units
from core.pictures.images import Photo
from core.problems.controls import STANDARDISED
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolutionScenario
from core.zoo import registry
from core.zoo.metadata import SuperResolutionMetadata
from pages.widgets.page import names
from pages.widgets.page.controls import Controls, one_of
from pages.widgets.page.resources import UPLOAD, lab
from pages.widgets.scenario import live_run, photo_picker
from pages.widgets.studies import bounds_panels
from pages.widgets.viewer import viewer
from pages.widgets.viewer.viewer_data import Panel

SAMPLES = (1_000, 2_000, 5_000, 10_000)
SIGMAS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
ALPHAS = (0.05, 0.01, 0.001, 0.000_1)
STEPS = 5
INTERVALS = {MEDIAN: "Median (D)", MEAN: "Mean (C)"}


@dataclass(frozen=True)
class View(Options):
    """What is certified, and which interval is shown."""

    image: str = option(SuperResolutionScenario().image, "")
    f: str = option("sr-x2-rs-0.40", "", Control("Smoothed network f"))
    sigma: float = option(
        0.4,
        "More noise certifies further and blurs more.",
        Control("Smoothing noise σ", Widget.SLIDER, SIGMAS, unit=STANDARDISED),
        low=0.001,
        high=5,
    )
    draws: int = option(
        SAMPLES[0], "", Control("Samples S", Widget.SLIDER, SAMPLES, form="{:,}"), low=6, high=SAMPLES[-1]
    )
    risk: float = option(
        0.001,
        "A certificate may be wrong with at most this probability, over the draws.",
        Control("Error probability α", Widget.SLIDER, ALPHAS, form="{:g}"),
        low=1e-9,
        high=0.5,
    )
    attack_too: bool = option(
        True,
        f"{STEPS} steps of APGD on f, on ĝ and on the change of ĝ, at three radii.",
        Control("Attack it too", Widget.TOGGLE),
    )
    interval: str = one_of("Interval of every pixel's", INTERVALS)
    radius: float = option(0.0, "", Control("For every attack up to ε_rel", Widget.SLIDER, unit=STANDARDISED))


CONTROLS = Controls(View, "certify", page="bounds")
VIEWER = "certify.viewer"
QUERY = ("view", "a", "b", "zoom", "region", "divider", "limit")


def show(what: str, *, mixed: bool) -> str:
    """Controls in the sidebar, a button, and what is known about this photo.

    Returns:
        The shell line that prints its numbers.
    """
    CONTROLS.begin(photo_picker.check)
    with st.sidebar:
        photo = photo_picker.show(CONTROLS.key("image"))
        checkpoint, sigma = _network()
        plan = _plan()
        wanted = st.button(
            "Certify", type="primary", icon=":material/verified:", width="stretch", key="certify.start"
        )
    command = _command(photo, checkpoint, sigma, plan)
    found = _found(photo, checkpoint, sigma, plan, wanted=wanted)
    if found is None:
        st.info(
            f"Press **Certify** to draw {plan.samples:,} noisy outputs of {checkpoint} on this photo; larger "
            "S reaches further, and center smoothing (F) needs about 10,000.",
            icon=":material/verified:",
        )
        return command
    _intervals(photo, found)
    nothing = pd.DataFrame({"eps_rel": []})
    bounds_panels.show(found.rows, nothing, found.falsification, what, mixed=mixed)
    return command


def _command(photo: Photo, checkpoint: str, sigma: float, plan: Plan) -> str:
    chosen = CONTROLS["image"]
    image = photo.name if chosen.startswith(UPLOAD) else chosen
    words = ["python", "-m", "core", "certify", "--image", image]
    words += ["--checkpoint", checkpoint, "--sigma", f"{sigma:g}", "--samples", str(plan.samples)]
    words += ["--alpha", f"{plan.alpha:g}"]
    words += ["--attack-steps", str(plan.steps)] if plan.attacked_ratios else ["--no-attack"]
    return shlex.join(words)


def to_query() -> dict[str, str]:
    """What of the page's address says this view, how its pictures are looked at included."""
    view = viewer.state(VIEWER).to_query()
    return {**CONTROLS.to_query(), **{name: view[name] for name in QUERY if name in view}}


def _network() -> tuple[str, float]:
    networks, _ = registry.find(problem=SUPER_RESOLUTION.name, weights=True)
    models = [
        model
        for model in networks
        if isinstance(model, SuperResolutionMetadata) and model.objective == "smoothing" and model.residual
    ]
    if not models:
        raise UserError(
            "There is no noise-trained network to smooth: train one with python -m core train sr-x2-rs-0.10, "
            "or restore the checkpoints folder."
        )
    called = {model.name: _called(model) for model in models}
    there = list(called)
    CONTROLS.keep_among("f", there, usual=there[0], said=called.__getitem__)
    CONTROLS.draw("f", values=there, said=called.__getitem__)
    CONTROLS.draw("sigma")
    return CONTROLS["f"], CONTROLS["sigma"]


def _called(model: SuperResolutionMetadata) -> str:
    unusual = names.unusual(SUPER_RESOLUTION.identity(model.name))
    return f"×{model.factor}, trained with σ_f {model.level:g}{unusual}"


def _plan() -> Plan:
    for field in ("draws", "risk", "attack_too"):
        CONTROLS.draw(field)
    return Plan.of_one_photo(
        CONTROLS["draws"], alpha=CONTROLS["risk"], attack=CONTROLS["attack_too"], steps=STEPS
    )


def _found(photo: Photo, checkpoint: str, sigma: float, plan: Plan, *, wanted: bool) -> OnePhoto | None:
    """What is known already, or is computed now with visible progress. Touching a control ends it."""
    usual = SuperResolutionScenario()
    view = (usual.short_side, usual.crop_x, usual.crop_y)
    name = photo.name, photo.digest
    found = remembered(lab(), name, view, checkpoint, sigma, plan)
    if found is not None or not wanted:
        return found
    crop = images.crop(photo, short_side=usual.short_side, x=usual.crop_x, y=usual.crop_y)
    walk = certify_one(lab(), crop, name, view, checkpoint, sigma, plan)
    result, place = live_run.shown(lab().engine.drive(walk), key="certify_status")
    place.empty()
    return result


def _intervals(photo: Photo, found: OnePhoto) -> None:
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        CONTROLS.draw("interval")
    kind = CONTROLS["interval"]
    radii = sorted(eps_rel for name, eps_rel in found.limits if name == kind)
    if not radii:
        st.info("**None**: this many samples hold no pixel's interval at any ε. Take more, or the median.")
        return
    CONTROLS.keep_among("radius", radii, usual=None if CONTROLS["radius"] else radii[len(radii) // 2])
    with right:
        CONTROLS.draw("radius", values=radii, said=_fine)
    picked = CONTROLS["radius"]
    limits = found.limits[kind, picked]
    viewer.show(
        [("Every value stays between these, whatever the attack up to this ε", _panels(photo, limits))],
        key=VIEWER, version=f"{_version(photo, found, kind)} {picked:.3g}", pair=("lower", "upper"),
    )  # fmt: skip


def _version(photo: Photo, found: OnePhoto, kind: str) -> str:
    return f"{photo.digest} {found.rows['study'].iloc[0]} {kind}"


def _fine(level: float) -> str:
    """A small level in both units."""
    return f"{level:.3g}{APPROXIMATELY}{units.grey_levels(level):.2g} grey levels"


def _panels(photo: Photo, limits: Limits) -> list[Panel]:
    usual = SuperResolutionScenario()
    truth = images.crop(photo, short_side=usual.short_side, x=usual.crop_x, y=usual.crop_y)
    return [
        Panel("Ground truth x", render.png(render.pixels(truth)), "The photo's crop", "truth"),
        Panel("Lower limit", render.png(_pixels(limits.lower)), "Lower limit of every value", "lower"),
        Panel("Upper limit", render.png(_pixels(limits.upper)), "Upper limit of every value", "upper"),
        Panel(
            "Width of the interval", render.png(render.width_map(limits.lower, limits.upper)),
            f"Map of the widths, mean {limits.width:.1f} grey levels", "width",
            figure=f"{limits.width:.1f} grey levels · mean", scale=f"{render.WIDTH_LIMIT:g}+",
        ),
    ]  # fmt: skip


def _pixels(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values.transpose(1, 2, 0))

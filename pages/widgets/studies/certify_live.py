"""Certify a chosen photo on the spot: progress, bounds, and interval pictures."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from core.base.errors import UserError
from core.base.options import APPROXIMATELY, Control, Options, Widget, option
from core.evaluation.studies.certificates import Plan
from core.evaluation.studies.one_photo import MEAN, MEDIAN, Limits, OnePhoto, certify_one, remembered
from core.pictures import render, units
from core.pictures.images import Photo
from core.problems import restoring
from core.problems.controls import STANDARDISED
from core.problems.names import Identity
from core.problems.scenario import PhotoScenario
from core.problems.super_resolution import SuperResolutionScenario
from core.reports.figures import bounds as figures
from core.reports.titles import short
from core.zoo import registry
from pages.widgets.page import chart, names
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
    problem: str = one_of("Problem", {n: p.title for n, p in restoring().items()}, widget=Widget.SELECT)
    f: str = option("sr-x2-rs-0.40", "", Control("Smoothed network f"))
    sigma: float = option(
        0.4,
        "More noise certifies further and blurs more.",
        Control("Smoothing noise σ", Widget.SLIDER, SIGMAS, unit=STANDARDISED),
        low=0.001,
        high=255,
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
    """Controls to the left, a button, and what is known about this photo.

    Returns:
        The shell line that prints its numbers.
    """
    CONTROLS.begin(photo_picker.check)
    with st.container(key="desk"):
        rail, stage = st.container(key="desk_rail"), st.container(key="desk_stage")
    with rail:
        photo = photo_picker.show(CONTROLS.key("image"))
        scenario = _scenario()
        plan = _plan()
    with stage:
        found = _found(photo, scenario, plan)
        if found is not None:
            _intervals(photo, scenario, found)
            nothing = pd.DataFrame({"eps_rel": []})
            bounds_panels.show(found.rows, nothing, found.falsification, what, mixed=mixed)
    return _command(photo, scenario, plan)


def _command(photo: Photo, scenario: PhotoScenario, plan: Plan) -> str:
    chosen = CONTROLS["image"]
    image = photo.name if chosen.startswith(UPLOAD) else chosen
    words = ["python", "-m", "core", "certify", "--image", image]
    words += ["--checkpoint", scenario.checkpoint, "--sigma", f"{scenario.sigma_level:g}"]
    words += ["--samples", str(plan.samples)]
    words += ["--alpha", f"{plan.alpha:g}"]
    words += ["--attack-steps", str(plan.steps)] if plan.attacked_ratios else ["--no-attack"]
    return shlex.join(words)


def to_query() -> dict[str, str]:
    """What of the page's address says this view, how its pictures are looked at included."""
    view = viewer.state(VIEWER).to_query()
    return {**CONTROLS.to_query(), **{name: view[name] for name in QUERY if name in view}}


def _scenario() -> PhotoScenario:
    """Which network of which problem is smoothed, and with what noise."""
    CONTROLS.draw("problem", on_change=_anew)
    problem = restoring()[CONTROLS["problem"]]
    networks, _ = registry.find(problem=problem.name, weights=True)
    called = {
        model.name: _called(model.name)
        for model in networks
        if problem.smooths_all or model.identity.to_smooth
    }
    usual = problem.scenario()
    if not called:
        raise UserError(
            f"There is no network to smooth: train one with python -m core train {usual.checkpoint}, or "
            "restore the checkpoints folder."
        )
    CONTROLS.keep_among("f", [*called], usual=next(iter(called)), said=called.__getitem__)
    CONTROLS.draw("f", values=[*called], said=called.__getitem__)
    network = CONTROLS["f"]
    if not CONTROLS["sigma"]:
        CONTROLS["sigma"] = problem.identity(network).level or usual.sigma_level
    noise = replace(problem.scenario.controls()[problem.sigma], group="")
    values = SIGMAS if noise.unit == STANDARDISED else [value for value in noise.values if value]
    CONTROLS.draw("sigma", noise, values=values)
    found = problem.scenario_at(checkpoint=network, **{problem.sigma: float(CONTROLS["sigma"])})
    assert isinstance(found, PhotoScenario)
    return found


def _anew() -> None:
    """Of another problem the network and its noise are chosen anew."""
    CONTROLS["f"], CONTROLS["sigma"] = "", 0.0


def _called(network: str) -> str:
    identity = Identity.parse(network)
    if identity.factor == 1:
        return short(network)
    return f"×{identity.factor}, trained with σ_f {identity.level:g}{names.unusual(identity)}"


def _plan() -> Plan:
    for field in ("draws", "risk", "attack_too"):
        CONTROLS.draw(field)
    return Plan.of_one_photo(
        CONTROLS["draws"], alpha=CONTROLS["risk"], attack=CONTROLS["attack_too"], steps=STEPS
    )


def _found(photo: Photo, scenario: PhotoScenario, plan: Plan) -> OnePhoto | None:
    """What is known already, or is computed when the button is pressed, with visible progress; touching any
    control ends it."""
    found = remembered(lab(), photo, scenario, plan)
    if found is not None:
        return found
    if not st.session_state.pop("certify.wanted", False):
        work = plan.samples + plan.pilot
        st.button("Certify", type="primary", icon=":material/verified:", key="certify.start", on_click=_want)
        rate = st.session_state.get("certify.rate")
        takes = f", about {work / rate:.0f} s on this machine" if rate else ""
        attack = " Attacks to hold against the bounds come on top." * bool(plan.attacked_ratios)
        st.markdown(
            f"**Certify** draws {work:,} noisy outputs of {scenario.checkpoint} on this "
            f"photo{takes}.{attack} More samples reach further; center smoothing (F) needs about 10,000."
        )
        _reach(photo, scenario, plan)
        return None
    place = st.empty()
    with place.container():
        st.button("Cancel", icon=":material/close:", key="certify.cancel")
        walk = lab().engine.drive(certify_one(lab(), photo, scenario, plan))
        result, _ = live_run.shown(walk, key="certify_status")
    place.empty()
    st.session_state["certify.rate"] = result.forwards_per_second
    return result


def _want() -> None:
    st.session_state["certify.wanted"] = True


def _reach(photo: Photo, scenario: PhotoScenario, plan: Plan) -> None:
    """How far so many samples can reach, whatever comes out."""
    dimension = scenario.problem.sample(photo, scenario).numel()
    noise = scenario.problem.space.grey_levels(scenario.sigma_level) / units.grey_levels(1.0)
    figure = figures.reach(noise, dimension, ALPHAS, (plan.samples, plan.alpha))
    with st.container(key="tall"):
        chart.show(figure, "certify.reach", "How far certificates can reach", height="stretch")
    st.caption(
        "The star is the strongest attack that any certificate can reach with these settings; below its "
        "line, what is drawn decides."
    )


def _intervals(photo: Photo, scenario: PhotoScenario, found: OnePhoto) -> None:
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
    said = "Every value stays between these, whatever the attack up to this ε"
    viewer.show(
        [(said, _panels(photo, scenario, limits))],
        key=VIEWER, version=f"{_version(photo, found, kind)} {picked:.3g}", pair=("lower", "upper"),
    )  # fmt: skip


def _version(photo: Photo, found: OnePhoto, kind: str) -> str:
    return f"{photo.digest} {found.rows['study'].iloc[0]} {kind}"


def _fine(level: float) -> str:
    """A small level in both units."""
    return f"{level:.3g}{APPROXIMATELY}{units.grey_levels(level):.2g} grey levels"


def _panels(photo: Photo, scenario: PhotoScenario, limits: Limits) -> list[Panel]:
    truth = scenario.problem.sample(photo, scenario)
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
    colour = np.repeat(values, 3 // len(values), axis=0)
    return np.ascontiguousarray(colour.transpose(1, 2, 0))

"""Certify a chosen photo on the spot: progress, bounds, and interval pictures."""

from __future__ import annotations

import shlex

import numpy as np
import pandas as pd
import streamlit as st

from core.base.errors import UserError
from core.evaluation.studies.certificates import Plan
from core.evaluation.studies.one_photo import MEAN, MEDIAN, Limits, OnePhoto, certify_one, remembered
from core.pictures import images, render, units
from core.pictures.images import Photo
from core.problems.names import SuperResolutionIdentity
from core.problems.super_resolution import SuperResolutionScenario
from core.zoo import registry
from core.zoo.metadata import SuperResolutionMetadata
from pages.widgets.page import choice, links, names
from pages.widgets.page.numbers import both_units
from pages.widgets.page.resources import UPLOAD, lab
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import live_run, photo_picker
from pages.widgets.studies import bounds_panels
from pages.widgets.viewer import viewer
from pages.widgets.viewer.viewer_data import Panel

SAMPLES = (1_000, 2_000, 5_000, 10_000)
SIGMAS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
ALPHAS = (0.05, 0.01, 0.001, 0.000_1)
STEPS = 5
KINDS = {MEDIAN: "Median (D)", MEAN: "Mean (C)"}
IMAGE = "certify.image"
VIEWER = "certify.viewer"
QUERY = ("view", "a", "b", "zoom", "region", "divider", "limit")


def show(what: str, *, mixed: bool) -> str:
    """Controls in the sidebar, a button, and what is known about this photo.

    Returns:
        The shell line that prints its numbers.
    """
    with st.sidebar:
        photo = _photo()
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
    chosen = st.session_state[IMAGE]
    image = photo.name if chosen.startswith(UPLOAD) else chosen
    words = ["python", "-m", "core", "certify", "--image", image]
    words += ["--checkpoint", checkpoint, "--sigma", f"{sigma:g}", "--samples", str(plan.samples)]
    words += ["--alpha", f"{plan.alpha:g}"]
    words += ["--attack-steps", str(plan.steps)] if plan.attacked_ratios else ["--no-attack"]
    return shlex.join(words)


def _photo() -> Photo:
    if IMAGE not in st.session_state:
        st.session_state[IMAGE] = st.query_params.get("image", SuperResolutionScenario().image)
        try:
            photo_picker.find(st.session_state[IMAGE])
        except UserError:
            st.session_state[IMAGE] = SuperResolutionScenario().image
    photo = photo_picker.show(IMAGE)
    links.put("image", st.session_state[IMAGE])
    return photo


def _network() -> tuple[str, float]:
    networks, _ = registry.find(problem=SuperResolutionIdentity.problem, weights=True)
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
    there = [model.name for model in models]
    usual = "sr-x2-rs-0.40"
    checkpoint = st.selectbox(
        "Smoothed network f", there, there.index(usual) if usual in there else 0, key="f",
        bind="query-params", format_func=lambda name: _called(models[there.index(name)]),
    )  # fmt: skip
    sigma = st.select_slider(
        "Smoothing noise σ", [f"{s:g}" for s in SIGMAS], "0.4", key="sigma", bind="query-params",
        format_func=lambda text: both_units(float(text)),
        help="More noise certifies further and blurs more.",
    )  # fmt: skip
    return checkpoint, float(sigma)


def _called(model: SuperResolutionMetadata) -> str:
    unusual = names.unusual(SuperResolutionIdentity.parse(model.name))
    return f"×{model.factor}, trained with σ_f {model.level:g}{unusual}"


def _plan() -> Plan:
    samples = st.select_slider(
        "Samples S", [str(s) for s in SAMPLES], str(SAMPLES[0]), key="draws", bind="query-params",
        format_func=lambda text: f"{int(text):,}",
    )  # fmt: skip
    alpha = st.select_slider(
        "Error probability α", [f"{a:g}" for a in ALPHAS], "0.001", key="risk", bind="query-params",
        help="A certificate may be wrong with at most this probability, over the draws.",
    )  # fmt: skip
    attack = st.toggle(
        "Attack it too", True, key="attack_too", bind="query-params",
        help=f"{STEPS} steps of APGD on f, on ĝ and on the change of ĝ, at three radii.",
    )  # fmt: skip
    return Plan.of_one_photo(int(samples), alpha=float(alpha), attack=attack, steps=STEPS)


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
        kind = choice.one_of("Interval of every pixel's", KINDS, key="interval")
    radii = sorted(eps_rel for name, eps_rel in found.limits if name == kind)
    if not radii:
        st.info("**None**: this many samples hold no pixel's interval at any ε. Take more, or the median.")
        return
    texts = [f"{eps_rel:.3g}" for eps_rel in radii]
    with right:
        picked = st.select_slider(
            "For every attack up to ε_rel", texts, texts[len(texts) // 2], key="radius", bind="query-params",
            format_func=_fine,
        )  # fmt: skip
    limits = found.limits[kind, radii[texts.index(picked)]]
    view = viewer.show(
        [("Every value stays between these, whatever the attack up to this ε", _panels(photo, limits))],
        key=VIEWER, version=f"{_version(photo, found, kind)} {picked}", pair=("lower", "upper"),
    )  # fmt: skip
    _remember(view)


def _version(photo: Photo, found: OnePhoto, kind: str) -> str:
    return f"{photo.digest} {found.rows['study'].iloc[0]} {kind}"


def _fine(text: str) -> str:
    """A small level in both units."""
    return f"{text} ≈ {units.grey_levels(float(text)):.2g} grey levels"


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


def _remember(view: ViewState) -> None:
    """Write how the pictures are looked at into the URL, beside the page's own parameters."""
    wanted = view.to_query()
    for field in QUERY:
        if field in wanted:
            links.put(field, wanted[field])
        elif field in st.query_params:
            del st.query_params[field]

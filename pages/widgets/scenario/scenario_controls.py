"""The controls of the Live lab: they hold a Scenario, and the URL holds it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from core.attacks.registry import ATTACKS
from core.attacks.terms import KEEPS
from core.base.errors import UserError
from core.experiment.scenario import (
    BASE,
    DEPLOYED,
    SELF,
    Scenario,
    explain,
    limits,
    nearest_level,
)
from core.pictures.images import Photo
from core.runtime import PRECISIONS
from core.training.recipes import EPS_REL as EPS_REL_TRAINED
from core.zoo.metadata import SuperResolutionMetadata
from core.zoo.names import SuperResolutionIdentity
from pages.widgets.page import added_networks, leave, links
from pages.widgets.page.numbers import both_units, plain
from pages.widgets.scenario import photo_picker
from pages.widgets.viewer import live_view

_READY = "scenario.ready"
_PROBLEM = "scenario.problem"

EPS_REL = (*(i / 400 for i in range(21)), *(i / 100 for i in range(6, 21)))
SIGMA_G = (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1.1, 1.2)
SAMPLES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
ATTACK_SAMPLES = (1, 4, 8, 16, 64)
ATTACK_ON = {DEPLOYED: "What is deployed", BASE: "f alone (thesis)"}
PROTOCOL = {DEPLOYED: "apgd", BASE: "pgd"}
"""The attack that goes with each; another one can be chosen afterwards."""
FOLLOW = 0.0
"""In the place of a level of adversarial training: the one nearest to the attack's strength."""
STEPS = (0, 1, 2, 5, 10, 20, 50, 100)
VIEWS = (160, 192, 256, 384, 0)


def _key(field: str) -> str:
    return f"scenario.{field}"


def show(models: list[SuperResolutionMetadata], view: Mapping[str, str]) -> tuple[Scenario, Photo]:
    """Draw all controls; the scenario they describe is also written to the URL.

    Args:
        models: the checkpoints there are.
        view: the page's other query parameters, how the scenario is looked at.

    Raises:
        UserError: if the photo cannot be had, or there is no network to smooth.
    """
    factors = _usable_factors(models)
    if not factors:
        raise UserError(
            "There is no noise-trained network to smooth: train one with python -m core train sr-x2-rs-0.10, "
            "or restore the checkpoints folder."
        )
    if _READY not in st.session_state:
        _read_url(models, factors)
    elif _key("image") not in st.session_state:
        # Streamlit forgets the widgets of a page that was left; what it showed is remembered.
        _fill(seen[0] if (seen := live_view.last()) else Scenario(), factors)
    if st.session_state.get(_PROBLEM):
        st.warning(plain(st.session_state[_PROBLEM]), icon=":material/link_off:")
    with st.sidebar:
        sliders, rest = st.container(gap="xsmall"), st.container(gap="small")
        with rest:
            photo = _photo_controls()
            factor = _network_controls(models, factors)
            _attack_controls(_networks(models, factor))
            _smoothing_controls()
        with sliders:
            _attack_on()
            _level("Attack strength ε_rel", "eps_rel", EPS_REL)
            _sigma_f(_levels(models, factor, "smoothing"))
            _level("Smoothing noise σ_g", "sigma_g", SIGMA_G)
    scenario = _scenario(_networks(models, factor))
    links.write({**scenario.to_query(), **view})
    return scenario, photo


def open_at(scenario: Scenario) -> None:
    """Leave this page for the Live lab, at exactly this scenario."""
    st.session_state.pop(_READY, None)
    leave.to("lab", scenario.to_query())


# -- groups of widgets ---------------------------------------------------------------------


def _photo_controls() -> Photo:
    photo = photo_picker.show(_key("image"))
    _choice(
        "Field of view",
        "short_side",
        VIEWS,
        lambda side: "full resolution" if side == 0 else f"photo at {side} px",
    )
    left, right = st.columns(2)
    for column, label, field in ((left, "Crop ↔", "crop_x"), (right, "Crop ↕", "crop_y")):
        with column:
            low, high = map(float, limits(field))
            st.slider(
                label,
                low,
                high,
                step=0.05,
                key=_key(field),
                help=explain(field),
                persist_state="session",
            )
    return photo


def _network_controls(models: list[SuperResolutionMetadata], factors: list[int]) -> int:
    st.segmented_control(
        "Super-resolution factor",
        factors,
        key=_key("factor"),
        format_func=lambda factor: f"×{factor}",
        required=True,
        persist_state="session",
        help="How much smaller the photo is measured. Factors without trained networks are not offered.",
    )
    factor: int = st.session_state[_key("factor")]
    levels = _levels(models, factor, "adversarial")
    if levels:
        nearest = nearest_level(levels, st.session_state[_key("eps_rel")])
        _ensure(_key("adversarial"), [FOLLOW, *levels])
        st.selectbox(
            "Adversarially trained at ε_rel",
            [FOLLOW, *levels],
            key=_key("adversarial"),
            format_func=lambda level: both_units(level) if level else f"{nearest:g}, nearest to the attack’s",
            persist_state="session",
            help="Strength of the attacks that the adversarially trained network saw in training. It follows "
            "the attack’s strength unless you choose one.",
        )
    added_networks.show(models, factor)
    return factor


def _attack_on() -> None:
    st.segmented_control(
        "The attack is made on",
        list(ATTACK_ON),
        key=_key("attack_on"),
        format_func=ATTACK_ON.__getitem__,
        required=True,
        persist_state="session",
        on_change=_take_protocol,
        help=f"{explain('attack_on')} Networks and interpolation are always attacked themselves.",
    )


def _take_protocol() -> None:
    """The thesis's switch stands for its whole protocol, which attacks with PGD."""
    st.session_state[_key("attack")] = PROTOCOL[st.session_state[_key("attack_on")]]


def _attack_controls(checkpoints: list[str]) -> None:
    with st.expander("Attack", icon=":material/bolt:"):
        _choice(
            "Kind",
            "attack",
            Scenario.choices("attack"),
            lambda key: ATTACKS[key].title,
        )
        networks = [SELF, *checkpoints]
        if st.session_state[_key("attacked")] not in networks:
            st.session_state[_key("attacked")] = SELF
        _choice(
            "Perturbation made on",
            "attacked",
            networks,
            lambda name: "each estimator, its own" if name == SELF else f"{name}, for all",
        )
        _choice("Steps", "attack_steps", STEPS, str)
        if st.session_state[_key("attack_on")] == DEPLOYED:
            _choice("Samples M of the attack on ĝ", "attack_samples", ATTACK_SAMPLES, str)
        _choice("Result", "keep", KEEPS, KEEPS.__getitem__)
        st.toggle("Keep inside [0, 1]", key=_key("box"), help=explain("box"), persist_state="session")


def _smoothing_controls() -> None:
    with st.expander("Smoothing and seed", icon=":material/blur_on:"):
        _choice("Samples k", "samples", SAMPLES, str)
        _choice("Precision", "precision", PRECISIONS, str)
        low, high = limits("seed")
        st.number_input(
            "Seed",
            int(low),
            int(high),
            key=_key("seed"),
            help=explain("seed"),
            persist_state="session",
        )


def _sigma_f(levels: list[float]) -> None:
    _ensure(_key("sigma_f"), levels)
    if added := added_networks.smoothed():
        level = SuperResolutionIdentity.parse(added).level
        st.caption(f"Training noise σ_f: {both_units(level)}, the added network’s.")
        return
    st.select_slider(
        "Training noise σ_f",
        levels,
        key=_key("sigma_f"),
        format_func=both_units,
        persist_state="session",
        help="Standard deviation of the noise that the smoothed base network was trained with. "
        "In standardised units; beside it in grey levels (0–255) RMS.",
    )


def _level(label: str, field: str, values: tuple[float, ...]) -> None:
    """A slider over standardised levels that shows their grey levels; odd values of a link fit in."""
    current = st.session_state[_key(field)]
    st.select_slider(
        label,
        sorted({*values, current}),
        key=_key(field),
        format_func=both_units,
        help=f"{explain(field)} In standardised units; beside it in grey levels (0–255) RMS.",
        persist_state="session",
    )


def _choice(label: str, field: str, values: Any, name: Any) -> None:
    current = st.session_state[_key(field)]
    options = [*values] if current in values else [*values, current]
    st.selectbox(
        label,
        options,
        key=_key(field),
        format_func=name,
        help=explain(field),
        persist_state="session",
    )


# -- from and to a Scenario ----------------------------------------------------------------


def _networks(models: list[SuperResolutionMetadata], factor: int) -> list[str]:
    """The networks on the page as the widgets have them now, the smoothed one last.

    A standard or adversarially trained network that is not there is left out. Networks that are
    not shipped stand before the smoothed one, or in its place.
    """
    wanted = {"standard": 0.0} | {
        objective: st.session_state[_key(field)]
        for objective, field in (("adversarial", "adversarial"), ("smoothing", "sigma_f"))
    }
    if wanted["adversarial"] == FOLLOW and (levels := _levels(models, factor, "adversarial")):
        wanted["adversarial"] = nearest_level(levels, st.session_state[_key("eps_rel")])
    *others, smoothing = [
        SuperResolutionIdentity(
            factor=factor, objective=objective, level=min(levels, key=lambda there: abs(there - level))
        ).name
        for objective, level in wanted.items()
        if (levels := _levels(models, factor, objective))
    ]
    return [*others, *added_networks.compared(), added_networks.smoothed() or smoothing]


def _scenario(checkpoints: list[str]) -> Scenario:
    *others, smoothing = checkpoints
    state = st.session_state
    shared = {
        field.name: state[_key(field.name)]
        for field in fields(Scenario)
        if field.name not in ("checkpoint", "compare")
    }
    return Scenario(**shared, checkpoint=smoothing, compare=tuple(others))


def _read_url(models: list[SuperResolutionMetadata], factors: list[int]) -> None:
    """Fill the widgets from the URL; what it names in vain falls back to the default and is said."""
    scenario, problems = links.read(Scenario, "image", lambda scenario: photo_picker.find(scenario.image))
    there = {model.name for model in models}
    missing = [name for name in scenario.networks if name not in there]
    if SuperResolutionIdentity.parse(scenario.checkpoint).objective != "smoothing":
        problems.append(f"{scenario.checkpoint} was not trained with noise: smooth one that was.")
    elif missing and st.query_params:  # without a link, the nearest networks will do
        problems.append(f"There is no network {', '.join(missing)} here: the page Models lists them.")
    st.session_state[_PROBLEM] = links.warning(problems)
    _fill(scenario, factors)
    st.session_state[_READY] = True


def _fill(scenario: Scenario, factors: list[int]) -> None:
    """Set the widgets to a scenario."""
    for field in fields(Scenario):
        st.session_state[_key(field.name)] = getattr(scenario, field.name)
    identity = SuperResolutionIdentity.parse(scenario.checkpoint)
    st.session_state[_key("factor")] = identity.factor if identity.factor in factors else factors[0]
    st.session_state[_key("sigma_f")] = identity.level
    compared = [SuperResolutionIdentity.parse(name) for name in scenario.compare]
    there = [o.level for o in compared if o.objective == "adversarial" and not o.unusual]
    followed = not there or there[0] == nearest_level(EPS_REL_TRAINED, scenario.eps_rel)
    st.session_state[_key("adversarial")] = FOLLOW if followed else there[0]
    added_networks.take(scenario)


def _levels(models: list[SuperResolutionMetadata], factor: int, objective: str) -> list[float]:
    return [
        m.level
        for m in models
        if (m.factor, m.objective) == (factor, objective) and not added_networks.unusual(m.name)
    ]


def _usable_factors(models: list[SuperResolutionMetadata]) -> list[int]:
    return sorted({model.factor for model in models if _levels(models, model.factor, "smoothing")})


def _ensure(key: str, options: list[float]) -> None:
    """Keep a widget's value among its options, at the nearest one."""
    value = st.session_state[key]
    st.session_state[key] = min(options, key=lambda option: abs(option - value))

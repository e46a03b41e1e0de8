"""The controls of the live denoising and sensing: they hold an InverseScenario, and the URL holds it too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any

import streamlit as st

from core.attacks.registry import ATTACKS
from core.attacks.terms import KEEPS
from core.experiment.inverse.scenario import InverseScenario, explain, identity_of, limits
from core.pictures.images import Photo
from core.pictures.units import GREY
from core.runtime import PRECISIONS
from core.zoo.metadata import InverseMetadata
from core.zoo.names import INVERSE_OBJECTIVES, DenoisingIdentity
from pages.widgets.page import leave, links
from pages.widgets.page.numbers import plain
from pages.widgets.scenario import inverse_names, photo_picker
from pages.widgets.scenario.inverse_names import OBJECTIVES

PROBLEM, PART, LIVE = "inverse.problem", "inverse.part", "live"
_READY, _WARNING, _LAST = "inverse.ready", "inverse.warning", "inverse.last"
_CHOSEN, _COMPARED = "inverse.chosen", "inverse.compared"
_APART = ("checkpoint", "compare")

EPS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0)
SIGMA = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
SIGMA_B = (0.0, 2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
RATIO = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5)
SIZES = (66, 96, 128, 160)
VIEWS = (192, 256, 384, 0)
STEPS = (0, 1, 2, 5, 10, 20, 50, 100)
SAMPLES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
ALPHAS = (0.05, 0.01, 0.001, 0.0001)


def _key(field: str) -> str:
    return f"inverse.{field}"


def begin(models: list[InverseMetadata], parts: Collection[str]) -> None:
    """Fill the widgets, before any is drawn: from the URL, or with what this session showed last.

    Args:
        models: the networks there are, of both problems.
        parts: the page's views, which the parameter ``part`` names.
    """
    if _READY not in st.session_state:
        _read_url(models)
        asked = st.query_params.get("part", LIVE)
        st.session_state[PART] = asked if asked in parts else LIVE
        if st.query_params.get("problem") in inverse_names.PROBLEMS:
            st.session_state[PROBLEM] = st.query_params["problem"]
    elif _key("image") not in st.session_state:
        # Streamlit forgets the widgets of a page that was left; what it showed is remembered.
        _fill(st.session_state.get(_LAST) or _first(models))


def show(models: list[InverseMetadata]) -> tuple[InverseScenario, Photo]:
    """Draw the controls of one problem; :func:`begin` goes before.

    Args:
        models: the networks of the problem, at least one.

    Raises:
        UserError: if the photo cannot be had.
    """
    if st.session_state.get(_WARNING):
        st.warning(plain(st.session_state[_WARNING]), icon=":material/link_off:")
    objectives = _offered({model.objective for model in models})
    with st.sidebar:
        sliders, rest = st.container(gap="xsmall"), st.container(gap="small")
        with rest:
            _networks(objectives)
            photo = _photo()
            _attack()
            _smoothing()
        with sliders:
            _sliders()
    scenario = _scenario()
    st.session_state[_LAST] = scenario
    return scenario, photo


def to_query(scenario: InverseScenario) -> dict[str, str]:
    """The scenario in an address; its network is always named, so that the view is not a fresh one."""
    return {"checkpoint": scenario.checkpoint, **scenario.to_query()}


def open_at(scenario: InverseScenario) -> None:
    """Leave this page for the live view, at exactly this scenario."""
    st.session_state.pop(_READY, None)
    leave.to("denoising-sensing", to_query(scenario))


def _offered(there: set[str]) -> list[str]:
    """The paper's objectives that there are; their common start only where it is asked for, or alone."""
    asked = {st.session_state[_CHOSEN], *st.session_state[_COMPARED]}
    return [
        each for each in OBJECTIVES if each in there and (each != "start" or each in asked or len(there) == 1)
    ]


# -- groups of widgets ---------------------------------------------------------------------


def _sliders() -> None:
    side = _scenario().side
    _slider(
        "Attack strength ε", "eps", EPS, lambda eps: f"{_grey(eps)} = L2 {side * eps / GREY:.3g}",
        " Its L2 norm, pixels in [0, 1], is beside it.",
    )  # fmt: skip
    _slider("Smoothing noise σ", "sigma", SIGMA, _grey, "")
    if st.session_state[PROBLEM] == DenoisingIdentity.problem:
        _slider("Measurement noise σ_b", "sigma_b", SIGMA_B, _grey, " Training had 15.")
    else:
        _slider(
            "Measured m/n", "ratio", RATIO,
            lambda ratio: f"{ratio:g}: {inverse_names.values_of_block(ratio)}", " Training had 0.1 to 0.5.",
        )  # fmt: skip


def _networks(objectives: list[str]) -> None:
    if st.session_state[_CHOSEN] not in objectives:
        st.session_state[_CHOSEN] = objectives[-1]
    st.selectbox(
        "Smoothed and certified", objectives, key=_CHOSEN, persist_state="session",
        format_func=lambda objective: OBJECTIVES[objective][0],
        help="The network that the line on top speaks of, by the way it was trained. "
        + "; ".join(f"{short}: {what}" for short, what in OBJECTIVES.values()),
    )  # fmt: skip
    others = [each for each in objectives if each != st.session_state[_CHOSEN]]
    st.session_state[_COMPARED] = [each for each in st.session_state[_COMPARED] if each in others]
    if others:
        st.pills(
            "Compared with", others, selection_mode="multi", key=_COMPARED, persist_state="session",
            format_func=lambda objective: OBJECTIVES[objective][0],
            help="Each of these is attacked itself and smoothed too; every one takes its time.",
        )  # fmt: skip


def _photo() -> Photo:
    photo = photo_picker.show(_key("image"))
    left, right = st.columns(2)
    with left:
        _choice("Field of view", "short_side", VIEWS, lambda side: f"{side} px" if side else "full")
    now = _scenario()
    with right:
        _choice("Crop", "size", SIZES, lambda size: "{0}×{0}".format(now.replace(size=size).side))
    for column, label, field in zip(st.columns(2), ("Crop ↔", "Crop ↕"), ("crop_x", "crop_y"), strict=True):
        low, high = map(float, limits(field))
        with column:
            st.slider(
                label, low, high, step=0.05, key=_key(field), help=explain(field), persist_state="session"
            )
    return photo


def _attack() -> None:
    with st.expander("Attack", icon=":material/bolt:"):
        _choice("Kind", "attack", InverseScenario.choices("attack"), lambda key: ATTACKS[key].title)
        _choice("Steps", "attack_steps", STEPS, str)
        _choice("Result", "keep", KEEPS, KEEPS.__getitem__)


def _smoothing() -> None:
    with st.expander("Samples, certificate, seed", icon=":material/blur_on:"):
        _choice("Samples S", "samples", SAMPLES, lambda samples: f"{samples:,}")
        _choice("Error probability α", "alpha", ALPHAS, lambda alpha: f"{alpha:g}")
        _choice("Precision", "precision", PRECISIONS, str)
        low, high = limits("seed")
        st.number_input(
            "Seed", int(low), int(high), key=_key("seed"), help=explain("seed"), persist_state="session"
        )


def _slider(label: str, field: str, values: tuple[float, ...], name: Any, more: str) -> None:
    """A slider whose thumb says what the level means; odd values of a link fit in."""
    options = sorted({*values, st.session_state[_key(field)]})
    _tell_labels(field, options, name)
    st.select_slider(
        label, options, key=_key(field), format_func=name,
        help=explain(field) + more, persist_state="session",
    )  # fmt: skip


def _choice(label: str, field: str, values: tuple[Any, ...], name: Any) -> None:
    current = st.session_state[_key(field)]
    options = [*values] if current in values else [*values, current]
    _tell_labels(field, options, name)
    st.selectbox(
        label, options, key=_key(field), format_func=name, help=explain(field), persist_state="session"
    )


def _tell_labels(field: str, options: list[Any], name: Any) -> None:
    """Set a widget again where another one changed its labels: the browser knows its value by the label
    only, and would show the first of the new ones."""
    labels = [name(option) for option in options]
    if st.session_state.get(f"{_key(field)}.labels") != labels:
        st.session_state[f"{_key(field)}.labels"] = labels
        st.session_state[_key(field)] = st.session_state[_key(field)]


def _grey(level: float) -> str:
    return f"{level:g} grey levels"


# -- from and to a scenario ----------------------------------------------------------------


def _scenario() -> InverseScenario:
    """What the widgets say."""
    state = st.session_state
    shared = {f.name: state[_key(f.name)] for f in fields(InverseScenario) if f.name not in _APART}
    chosen, *others = (
        inverse_names.network(state[PROBLEM], objective)
        for objective in (state[_CHOSEN], *sorted(state[_COMPARED], key=INVERSE_OBJECTIVES.index))
    )
    return InverseScenario(**shared, checkpoint=chosen, compare=tuple(others))


def _fill(scenario: InverseScenario) -> None:
    """Set the widgets to a scenario."""
    for field in fields(InverseScenario):
        if field.name not in _APART:
            st.session_state[_key(field.name)] = getattr(scenario, field.name)
    st.session_state[PROBLEM] = scenario.problem
    st.session_state[_CHOSEN] = scenario.identity.objective
    st.session_state[_COMPARED] = [identity_of(name).objective for name in scenario.networks[1:]]


def _first(models: list[InverseMetadata], like: InverseScenario | None = None) -> InverseScenario:
    """What a fresh page shows: the most robust objective there is beside the ordinary one.

    Args:
        models: the networks there are.
        like: what a link without networks says.
    """
    usual = like or InverseScenario()
    problems = [model.problem for model in models]
    problem = usual.problem if usual.problem in problems or not problems else problems[0]
    there = [model.objective for model in models if model.problem == problem]
    wanted = [each for each in ("smt-grad", "smt-adv", "adv", "jcb", "ord", "start") if each in there]
    chosen = (wanted or [usual.identity.objective])[0]
    beside = [each for each in ("ord", "start") if each in wanted and each != chosen][:1]
    return usual.replace(
        checkpoint=inverse_names.network(problem, chosen),
        compare=tuple(inverse_names.network(problem, each) for each in beside),
    )


def _read_url(models: list[InverseMetadata]) -> None:
    """Fill the widgets from the URL; what it names in vain falls back to the default and is said."""
    scenario, problems = links.read(
        InverseScenario, "image", lambda scenario: photo_picker.find(scenario.image)
    )
    there = {model.name for model in models}
    missing = [name for name in scenario.networks if name not in there]
    if not {*_APART} & st.query_params.keys():
        scenario = _first(models, scenario)
    elif missing and any(model.problem == scenario.problem for model in models):
        problems.append(f"There is no network {', '.join(missing)} here: the page Models lists them.")
        kept = [name for name in scenario.networks if name in there]
        scenario = (
            scenario.replace(checkpoint=kept[0], compare=tuple(kept[1:]))
            if kept
            else _first([m for m in models if m.problem == scenario.problem], scenario)
        )
    st.session_state[_WARNING] = links.warning(problems)
    _fill(scenario)
    st.session_state[_READY] = True

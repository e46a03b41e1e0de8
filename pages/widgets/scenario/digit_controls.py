"""The controls of the digits page: they hold a DigitsScenario, and the URL holds it too."""

from __future__ import annotations

import base64
from dataclasses import fields
from pathlib import Path

import streamlit as st

from core.attacks.digits import KINDS
from core.attacks.registry import ATTACKS
from core.attacks.terms import NORMS
from core.base.errors import UserError
from core.experiment.digits.run import open_digit
from core.experiment.digits.scenario import DRAWN, SAMPLE, TEST, DigitsScenario
from core.pictures import render
from core.problems.digits import data, drawing
from core.problems.digits.samples import SAMPLES
from core.training.digits_recipes import SIGMAS
from pages.widgets.page import leave, links
from pages.widgets.page.numbers import plain
from pages.widgets.scenario import digit_pad

_READY = "digits.ready"
_PROBLEM = "digits.problem"

RANGES = {"l2": (4.0, 0.05, 1.0), "linf": (0.4, 0.01, 0.1), "sign": (0.4, 0.01, 0.1)}
"""By kind of attack: the slider's end and step, and where it starts."""

VOTES = (100, 200, 500, 1000, 2000, 5000, 10_000, 50_000)
ALPHAS = (0.05, 0.01, 0.001, 0.0001)


def _key(field: str) -> str:
    return f"digits.{field}"


def folder() -> Path | None:
    """Where the test digits are, if the environment names a place."""
    return Path(data.FOLDER) if data.FOLDER else None


def show() -> DigitsScenario:
    """Draw all controls; the scenario they describe is also written to the URL."""
    if _READY not in st.session_state:
        _read_url()
    if st.session_state.get(_PROBLEM):
        st.warning(plain(st.session_state[_PROBLEM]), icon=":material/link_off:")
    with st.sidebar:
        _digit()
        _attack()
        st.segmented_control(
            "Smoothing noise σ",
            SIGMAS,
            key=_key("sigma"),
            format_func=lambda sigma: f"{sigma:g}",
            required=True,
            width="stretch",
            persist_state="session",
            help=f"{DigitsScenario.explain('sigma')} In pixel units, black 0 to white 1.",
        )
        _details()
    scenario = DigitsScenario(
        **{field.name: st.session_state[_key(field.name)] for field in fields(DigitsScenario)}
    )
    links.write(scenario.to_query())
    return scenario


def open_at(scenario: DigitsScenario) -> None:
    """Leave this page for the digits, at exactly this scenario."""
    st.session_state.pop(_READY, None)
    leave.to("handwritten-digits", scenario.to_query())


# -- groups of widgets ---------------------------------------------------------------------


def _digit() -> None:
    scenario = DigitsScenario(digit=st.session_state[_key("digit")])
    strokes = scenario.strokes
    digit_pad.show(
        "" if strokes is None else drawing.encode(strokes),
        _picture(scenario) if strokes is None else "",
        key="digits.pad",
        on_draw=lambda text: _choose(DRAWN + text),
    )
    kind, rest = scenario.source
    st.session_state["digits.sample"] = int(rest) if kind == SAMPLE else None
    st.segmented_control(
        "or take one of ours",
        range(len(SAMPLES)),
        key="digits.sample",
        on_change=_choose_sample,
        width="stretch",
        help="Ten digits that were drawn as strokes for this app.",
    )
    if folder() is None:
        return
    st.session_state["digits.test"] = int(rest) if kind == TEST else None
    st.number_input(
        "or a test digit, by its number",
        0,
        9999,
        key="digits.test",
        on_change=_choose_test,
        placeholder="0 to 9999",
        help="Of the 10,000 MNIST test digits in the folder that LAB_MNIST names.",
    )


def _choose(digit: str) -> None:
    """A digit that cannot be read leaves the one that is on the screen."""
    try:
        st.session_state[_key("digit")] = DigitsScenario(digit=digit).digit
        st.session_state[_PROBLEM] = ""
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)


def _choose_sample() -> None:
    if st.session_state["digits.sample"] is not None:
        _choose(f"{SAMPLE}{st.session_state['digits.sample']}")


def _choose_test() -> None:
    if st.session_state["digits.test"] is not None:
        _choose(f"{TEST}{st.session_state['digits.test']}")


def _picture(scenario: DigitsScenario) -> str:
    picture, _ = open_digit(scenario, folder())
    content = render.png(render.pixels(picture.expand(1, 3, 28, 28)))
    return "data:image/png;base64," + base64.b64encode(content).decode()


def _attack() -> None:
    st.segmented_control(
        "Attack",
        list(RANGES),
        key=_key("attack"),
        format_func=_kind,
        required=True,
        on_change=_start_of_range,
        width="stretch",
        persist_state="session",
        help="L2, L∞: projected gradient ascent in that norm. One step: ε · sign of the gradient. "
        "Each network is attacked itself; the attack wants another answer than the clean one.",
    )
    most, step, _ = RANGES[st.session_state[_key("attack")]]
    current = st.session_state[_key("epsilon")]
    options = {round(i * step, 4) for i in range(round(most / step) + 1)} | {current}
    st.select_slider(
        "Attack strength ε",
        sorted(options),
        key=_key("epsilon"),
        format_func=lambda radius: f"{radius:g}",
        persist_state="session",
        help=f"{DigitsScenario.explain('epsilon')} Black is 0, white is 1.",
    )


def _kind(kind: str) -> str:
    attack, norm = KINDS[kind]
    return "one step" if ATTACKS[attack].steps == 1 else NORMS[norm]


def _start_of_range() -> None:
    """Radii of different norms do not compare: start anew in the other one."""
    st.session_state[_key("epsilon")] = RANGES[st.session_state[_key("attack")]][2]


def _details() -> None:
    with st.expander("Votes and seed", icon=":material/tune:"):
        _choice("Votes n", "n", VOTES)
        _choice("Error probability α", "alpha", ALPHAS)
        for label, field in (("Votes before n₀", "n0"), ("Attack steps", "attack_steps"), ("Seed", "seed")):
            low, high = DigitsScenario.limits(field)
            st.number_input(
                label,
                int(low),
                int(high),
                key=_key(field),
                help=DigitsScenario.explain(field),
                persist_state="session",
            )


def _choice(label: str, field: str, values: tuple[float, ...]) -> None:
    st.selectbox(
        label,
        sorted({*values, st.session_state[_key(field)]}),
        key=_key(field),
        format_func=lambda value: f"{value:,}" if value >= 1 else f"{value:g}",
        help=DigitsScenario.explain(field),
        persist_state="session",
    )


# -- the URL -------------------------------------------------------------------------------


def _read_url() -> None:
    """Fill the widgets from the URL; what cannot be read falls back to the default and is said."""
    scenario, problems = links.read(
        DigitsScenario, "digit", lambda scenario: scenario.blank or open_digit(scenario, folder())
    )
    st.session_state[_PROBLEM] = links.warning(problems)
    for field in fields(DigitsScenario):
        st.session_state[_key(field.name)] = getattr(scenario, field.name)
    st.session_state[_READY] = True

"""The controls of the digits page: a DigitsScenario's fields, and three ways to choose its digit."""

from __future__ import annotations

import base64

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.errors import UserError
from core.base.options import Control
from core.pictures import render
from core.problems.controls import SMOOTHING
from core.problems.digits import data, drawing
from core.problems.digits.problem import DIGITS, DRAWN, SAMPLE, TEST, DigitsScenario
from core.problems.digits.samples import SAMPLES
from core.zoo import registry
from pages.widgets.page.controls import Controls
from pages.widgets.scenario import digit_pad

CONTROLS = Controls(DigitsScenario, "digits", page="handwritten-digits")
SMOOTHED = Control("Smoothed network")
RANGES = {"l2": (4.0, 0.05, 1.0), "linf": (0.4, 0.01, 0.1), "sign": (0.4, 0.01, 0.1)}
"""By kind of attack: the slider's end and step, and where it starts."""


def show(pad: DeltaGenerator, rail: DeltaGenerator) -> DigitsScenario:
    """Draw all controls; returns the scenario that they describe.

    Args:
        pad: where a digit is drawn.
        rail: where all else is chosen.
    """
    CONTROLS.begin(_check)
    with pad:
        _draw_digit()
    with rail:
        CONTROLS.draw(
            "attack",
            on_change=_start_of_range,
            width="stretch",
            more="Each network is attacked itself; the attack wants another answer than the clean one.",
        )
        most, step, _ = RANGES[CONTROLS["attack"]]
        radii = [round(i * step, 4) for i in range(round(most / step) + 1)]
        CONTROLS.draw("eps", values=radii, more="Black is 0, white is 1.")
        CONTROLS.draw(
            "sigma", on_change=_own_network, width="stretch", more="In pixel units, black 0 to white 1."
        )
        _draw_network()
        CONTROLS.group(SMOOTHING, ":material/tune:", "Votes and seed")
    return CONTROLS.value()


def _check(scenario: DigitsScenario) -> tuple[DigitsScenario, list[str]]:
    """The scenario with a digit that can be had, and one sentence if it was another."""
    try:
        if not scenario.blank:
            DIGITS.open(scenario)
    except UserError as problem:
        return scenario.replace(image=DigitsScenario().image), [str(problem)]
    return scenario, []


def _start_of_range() -> None:
    """Radii of different norms do not compare: start anew in the other one."""
    CONTROLS["eps"] = RANGES[CONTROLS["attack"]][2]


def _own_network() -> None:
    """Another noise, another network: the one that was trained with it."""
    CONTROLS["checkpoint"] = ""


def _draw_network() -> None:
    """Choose the smoothed network: trained with this noise, or the standard one behind a denoiser."""
    usual = DIGITS.called("smoothing", level=CONTROLS["sigma"])
    found, _ = registry.find(problem=DIGITS.name)
    denoised = {m.name: f"standard, denoiser of {m.level:g}" for m in found if m.objective == "denoised"}
    CONTROLS["checkpoint"] = CONTROLS["checkpoint"] or usual
    called = {usual: "trained with this noise", **denoised}
    CONTROLS.draw(
        "checkpoint", SMOOTHED, values=[*called], said=lambda name: called.get(name, name),
        more="Denoised smoothing puts a denoiser before a network that never saw noise.",
    )  # fmt: skip


def _draw_digit() -> None:
    scenario = DigitsScenario(image=CONTROLS["image"])
    strokes = scenario.strokes
    digit_pad.show(
        "" if strokes is None else drawing.encode(strokes),
        _picture(scenario) if strokes is None else "",
        key=CONTROLS.key("pad"),
        on_draw=lambda text: _choose(DRAWN + text),
    )
    kind, rest = scenario.source
    CONTROLS["sample"] = int(rest) if kind == SAMPLE else None
    st.segmented_control(
        "or take one of ours",
        range(len(SAMPLES)),
        key=CONTROLS.key("sample"),
        on_change=lambda: _choose(SAMPLE, "sample"),
        width="stretch",
        help="Ten digits that were drawn as strokes for this app.",
    )
    if not data.FOLDER:
        return
    CONTROLS["test"] = int(rest) if kind == TEST else None
    st.number_input(
        "or a test digit, by its number",
        0,
        9999,
        key=CONTROLS.key("test"),
        on_change=lambda: _choose(TEST, "test"),
        placeholder="0 to 9999",
        help="Of the 10,000 MNIST test digits in the folder that LAB_MNIST names.",
    )


def _choose(digit: str, number: str = "") -> None:
    """Take a digit; one that cannot be read leaves that on the screen.

    Args:
        digit: its name, or the kind of those that have numbers.
        number: the widget that says which; one that says none chooses nothing.
    """
    if number and CONTROLS[number] is None:
        return
    try:
        CONTROLS["image"] = DigitsScenario(image=f"{digit}{CONTROLS[number]}" if number else digit).image
        CONTROLS["warning"] = ""
    except UserError as problem:
        CONTROLS["warning"] = str(problem)


def _picture(scenario: DigitsScenario) -> str:
    content = render.png(render.pixels(DIGITS.open(scenario).pictures.expand(1, 3, 28, 28)))
    return "data:image/png;base64," + base64.b64encode(content).decode()

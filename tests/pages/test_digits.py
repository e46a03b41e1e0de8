"""The digits page through Streamlit's AppTest: controls, URL, figures, bad input."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.run import run
from core.problems.digits import data, drawing
from core.problems.digits.problem import DigitsScenario
from core.problems.digits.samples import SAMPLES
from core.results import store
from core.runtime.session import Lab
from tests.core.digit_files import write_mnist
from tests.pages import apps
from tests.pages.apps import calm, in_link
from tests.pages.conftest import Networks

opened = partial(apps.opened, "digits.py")


def link_query(app: AppTest) -> DigitsScenario:
    return DigitsScenario.from_query(in_link(app))


def cards(app: AppTest) -> str:
    return next(str(html.proto.body) for html in app.get("html") if "class='cards'" in html.proto.body)


def test_it_works_without_any_data_and_explains_itself() -> None:
    app = calm(opened())
    assert link_query(app) == DigitsScenario()
    assert "flips from <b>3</b>" in cards(app)
    assert "certified to <b>R = " in cards(app)
    assert any("it **cannot** succeed" in text.value for text in app.markdown)
    for widget in (*app.select_slider, *app.button_group, *app.selectbox, *app.number_input):
        assert widget.help, widget.label
    commands = "\n".join(code.value for code in app.code)
    for step in (
        "train digits-std",
        "train digits-adv-sign digits-adv-l2",
        "evaluate --problem digits",
        "certify --checkpoint digits-rs-0.50",
        "findings --problem digits",
    ):
        assert step in commands


def test_the_page_shows_the_numbers_of_the_command() -> None:
    scenario = DigitsScenario(image="sample-5", sigma=0.25, attack="linf", eps=0.07, samples=200, seed=3)
    app = calm(opened(**scenario.to_query()))
    assert link_query(app) == scenario
    assert scenario.to_command() in [code.value for code in app.code]
    outcome = finish(run(scenario, Lab()))
    assert outcome.certificate is not None
    assert f"R = {outcome.certificate.radius:.2f}" in cards(app)
    for answer in outcome.answers:
        assert f"with {answer.attacked.max():.1%}, ‖e‖₂ = {answer.length:.2f}" in cards(app)


@pytest.mark.parametrize(
    ("kind", "key", "value", "field"),
    [
        ("select_slider", "eps", 2.0, "eps"),
        ("selectbox", "samples", 200, "samples"),
        ("selectbox", "alpha", 0.05, "alpha"),
        ("number_input", "n0", 7, "n0"),
        ("number_input", "attack_steps", 3, "attack_steps"),
        ("number_input", "seed", 11, "seed"),
        ("button_group", "sigma", 1.0, "sigma"),
        ("button_group", "attack", "sign", "attack"),
    ],
)
def test_every_control_reaches_the_scenario(kind: str, key: str, value: object, field: str) -> None:
    app = opened(n="100")
    widget = next(w for w in getattr(app, kind) if w.key == f"digits.{key}")
    widget.set_value(value).run()
    assert getattr(link_query(calm(app)), field) == value


def test_another_norm_starts_in_its_own_range() -> None:
    app = opened(n="100", epsilon="3")
    next(w for w in app.button_group if w.key == "digits.attack").set_value("linf").run()
    assert link_query(calm(app)).eps == 0.1


def test_a_drawing_in_the_link_is_shown() -> None:
    text = drawing.encode(SAMPLES[7])
    app = calm(opened(digit=f"drawn-{text}", n="100"))
    assert "certified to" in cards(app)
    assert "stays <b>7</b>" in cards(app)


def test_an_empty_pad_has_no_answers_and_a_link_of_its_own() -> None:
    app = calm(opened(digit="drawn-", n="100"))
    assert not app.warning
    assert "The pad is empty" in app.info[0].value
    assert link_query(app) == DigitsScenario(image="drawn-", samples=100)
    assert not [html for html in app.get("html") if "class='cards'" in html.proto.body]
    next(w for w in app.button_group if w.key == "digits.sample").set_value(7).run()
    assert "stays <b>7</b>" in cards(calm(app))


@pytest.mark.parametrize(
    "query",
    [
        {"digit": "drawn-AAAA"},
        {"digit": "test-3"},
        {"digit": "/etc/passwd"},
        {"digit": "![](http://example.org/x.png)"},
        {"epsilon": "a lot"},
        {"sigma": "0.3"},
        {"attack": "nuclear"},
    ],
)
def test_a_link_that_cannot_be_opened_says_why_and_the_page_works(query: dict[str, str]) -> None:
    app = calm(opened(**query, n="100", seed="5"))
    assert "What else the link says is shown." in app.warning[0].value
    assert "![](" not in app.warning[0].value
    assert link_query(app) == DigitsScenario(samples=100, seed=5)
    assert "certified to" in cards(app)


def test_test_digits_where_the_environment_names_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path)
    monkeypatch.setattr(data, "FOLDER", str(tmp_path))
    app = opened(n="100")
    app.number_input(key="digits.test").set_value(4).run()
    assert link_query(calm(app)).image == "test-4"


def test_no_networks_says_what_to_do(tmp_path: Path, networks_from: Networks) -> None:
    networks_from(tmp_path)
    app = opened()
    assert not app.exception
    assert "python -m core" in app.error[0].value


def test_without_results_the_page_says_which_commands_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "RESULTS", tmp_path)
    app = calm(opened(n="100"))
    assert "Nothing is evaluated yet" in app.info[0].value


def test_the_standard_network_is_smoothed_behind_its_denoiser() -> None:
    app = calm(opened(n="100"))
    assert "behind a denoiser" not in cards(app)
    app.selectbox(key="digits.checkpoint").set_value("digits-ds-0.50").run()
    assert link_query(calm(app)).checkpoint == "digits-ds-0.50"
    assert "behind a denoiser, most votes under noise σ = 0.5" in cards(app)
    assert "certified to <b>R = " in cards(app)
    assert any("PREDICT" in text.value and "p_B ≤" in text.value for text in app.markdown)
    next(w for w in app.button_group if w.key == "digits.sigma").set_value(0.25).run()
    assert link_query(calm(app)).checkpoint == "digits-rs-0.25"

"""The Lab on linear problems through AppTest: runs, certificates, links, empty states."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.problems import problem_of
from core.problems.denoising import DenoisingScenario
from core.problems.scenario import Scenario
from core.problems.sensing import SensingScenario
from core.runtime.session import Lab
from core.zoo import checkpoints, published
from pages.widgets.scenario import verdict
from tests.core import synthetic_inverse
from tests.core.inverse_networks import untrained_family
from tests.pages import apps
from tests.pages.apps import calm, in_link
from tests.pages.conftest import Networks

opened = partial(apps.opened, "live_lab.py")
FAST = {"samples": "2", "attack_steps": "1"}
SMALL = DenoisingScenario(
    checkpoint="dn-smt-grad", compare=("dn-ord",), size=66, samples=3, attack_steps=2, eps=4.0, seed=5,
    precision="float32",
)  # fmt: skip
SHIPPED = checkpoints.FOLDER
SENSED = SensingScenario(
    checkpoint="cs-adv", compare=("cs-ord", "cs-jcb"), ratio=0.3, size=66, samples=3, attack_steps=2, eps=4.0,
    seed=5, precision="float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    for prefix in ("dn", "cs"):
        untrained_family(folder, prefix)
    return folder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    synthetic_inverse.write(folder)
    return folder


@pytest.fixture(autouse=True)
def place(networks: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    st.cache_data.clear()
    monkeypatch.setattr(checkpoints, "FOLDER", networks)
    yield
    st.cache_data.clear()


@pytest.fixture
def store(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with apps.reading(filled, monkeypatch) as folder:
        yield folder


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with apps.reading(tmp_path, monkeypatch) as folder:
        yield folder


def scenario_of(app: AppTest) -> Scenario:
    query = in_link(app)
    return problem_of(query["checkpoint"]).scenario.from_query(query)


def command_of(app: AppTest) -> str:
    return next(code.value for code in app.code if code.value.startswith("python -m core"))


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


def computed(scenario: Scenario) -> Outcome:
    return finish(run(scenario, Lab()))


def to_query(scenario: Scenario) -> dict[str, str]:
    return scenario.to_query()


# -- live ------------------------------------------------------------------------------------


def test_it_works_at_once_and_explains_itself() -> None:
    app = calm(apps.opened("linear_results.py"))
    assert "APGD on each estimator itself: " in words(app)
    assert scenario_of(app) == DenoisingScenario(compare=("dn-ord", "dn-adv"))
    for widget in (*app.select_slider, *app.slider, *app.selectbox):
        assert widget.help, widget.label
        assert "grey levels" in widget.help or widget.label not in ("Attack strength ε", "Smoothing noise σ")


@pytest.mark.parametrize("scenario", [SMALL, SENSED], ids=["dn", "cs"])
def test_the_page_shows_the_numbers_of_the_command(scenario: Scenario) -> None:
    app = calm(opened(**to_query(scenario)))
    assert scenario_of(app) == scenario
    assert command_of(app) == scenario.to_command()
    outcome = computed(scenario)
    shown = {str(value).strip("*") for value in app.table[0].value.to_numpy().flatten()}
    for name, base in outcome.networks.items():
        found = outcome.smoothed[name]
        pairs = (base.clean, base.attacked, found.clean.estimate, found.attacked.estimate)
        for estimate in (*pairs, outcome.baselines["linear"].attacked):
            assert f"{estimate.quality.psnr:.2f} dB" in shown
            assert f"{estimate.quality.ssim:.4f}" in shown
        median = found.attacked.draws.median
        row = app.table[1].value.loc[name]
        assert row["median, attacked"] == f"{median:.2e} ≈ {255 * median**0.5:.2f}"


def test_what_is_certified_is_said_with_the_strength_it_holds_for() -> None:
    near = SMALL.replace(eps=0.02, samples=20)
    app = calm(opened(**to_query(near)))
    bound = computed(near).chosen.attacked.bound
    assert f"at most **{255 * bound**0.5:.1f} grey levels**" in words(app)
    assert "at ε 0.02 grey levels" in words(app)


@pytest.mark.parametrize(("sigma", "why"), [(10.0, "20 samples at σ = 10 reach **0."), (0.0, "nothing ever")])
def test_where_nothing_can_be_certified_it_says_so(sigma: float, why: str) -> None:
    app = calm(opened(**to_query(SMALL.replace(samples=20, sigma=sigma))))
    assert "at ε 4 grey levels: **nothing**" in words(app)
    assert why in words(app)
    assert list(app.table[1].value["at most, certified at ε = 4"]) == ["none", "none"]


def test_the_verdict_says_it_when_the_linear_estimate_is_best() -> None:
    outcome = computed(SMALL)
    best = max(pair.attacked.quality.psnr for pair in outcome.networks.values())
    best = max(best, outcome.chosen.attacked.estimate.quality.psnr)
    assert best <= outcome.baselines["linear"].attacked.quality.psnr, "untrained networks only do harm"
    assert verdict.sentence(outcome).endswith(
        "ordinary training and smoothing fall **below the linear estimate**."
    )


@pytest.mark.parametrize(
    ("kind", "key", "value", "field"),
    [
        ("select_slider", "eps", 0.1, "eps"),
        ("select_slider", "sigma", 0.0, "sigma"),
        ("select_slider", "sigma_b", 25.0, "sigma_b"),
        ("selectbox", "image", "coins", "image"),
        ("selectbox", "size", 128, "size"),
        ("selectbox", "short_side", 0, "short_side"),
        ("slider", "crop_x", 1.0, "crop_x"),
        ("selectbox", "attack", "apgd", "attack"),
        ("segmented_control", "attack_on", "deployed", "attack_on"),
        ("selectbox", "attack_steps", 2, "attack_steps"),
        ("selectbox", "keep", "final", "keep"),
        ("selectbox", "samples", 5, "samples"),
        ("selectbox", "alpha", 0.05, "alpha"),
        ("selectbox", "precision", "bfloat16", "precision"),
        ("number_input", "seed", 7, "seed"),
    ],
)
def test_every_control_reaches_the_scenario(kind: str, key: str, value: object, field: str) -> None:
    app = opened(checkpoint="dn-ord", **FAST)
    getattr(app, kind)(key=f"lab.{key}").set_value(value).run()
    assert getattr(scenario_of(calm(app)), field) == value


def test_objectives_stay_when_the_problem_changes() -> None:
    app = calm(opened(checkpoint="dn-adv", compare="dn-jcb", **FAST))
    app.selectbox(key="lab.problem").set_value("compressed_sensing").run()
    scenario = scenario_of(calm(app))
    assert (scenario.checkpoint, scenario.compare) == ("cs-adv", ("cs-jcb",))
    app.select_slider(key="lab.ratio").set_value(0.5).run()
    assert scenario_of(calm(app)).ratio == 0.5
    assert "545 of 1,089 values a block" in words(app)
    app.selectbox(key="lab.chosen").set_value("cs-jcb").run()
    assert scenario_of(calm(app)).networks == ("cs-jcb",)


def test_odd_values_of_a_link_are_kept() -> None:
    scenario = SMALL.replace(compare=(), eps=1.23, sigma=7.7, samples=4, size=70, alpha=0.03, sigma_b=3.3)
    assert scenario_of(calm(opened(**to_query(scenario)))) == scenario


def test_how_the_pictures_are_looked_at_stays_in_the_link() -> None:
    view = {"view": "swipe", "a": "ord", "b": "smt-grad-smoothed", "region": "20,30,60,64"}
    app = calm(opened(**to_query(SMALL), **view))
    assert in_link(app) == {**to_query(SMALL), **view}
    app.select_slider(key="lab.eps").set_value(8.0).run()
    assert in_link(calm(app)) == {**to_query(SMALL.replace(eps=8.0)), **view}
    assert "region=20,30,60,64" in app.code[0].value
    assert "region" not in command_of(app)


@pytest.mark.parametrize(
    "query",
    [
        {"eps": "a lot"},
        {"sigma": "-7"},
        {"checkpoint": "![](http://example.org/x.png)"},
        {"checkpoint": "dn-start"},
        {"image": "/etc/passwd"},
        {"image": "upload-0123456789abcdef"},
    ],
)
def test_a_link_that_cannot_be_opened_says_why_and_the_page_works(query: dict[str, str]) -> None:
    app = calm(opened(**FAST, **query, sigma_b="5"))
    assert "What else the link says is shown." in app.warning[0].value
    assert "![](" not in app.warning[0].value
    assert scenario_of(app).sigma_b == 5.0
    assert app.table


def test_an_upload_that_is_too_small_for_the_crop_gets_one_sentence() -> None:
    app = opened(**FAST, size="400", short_side="192")
    assert not app.exception
    assert "below the crop" in app.error[0].value


def test_a_damaged_network_is_named_once_and_the_others_work(tmp_path: Path, networks_from: Networks) -> None:
    names = untrained_family(tmp_path, "dn")
    broken = tmp_path / f"{names[-1]}.safetensors"
    broken.write_bytes(broken.read_bytes()[:500])
    (tmp_path / "mine.safetensors").write_bytes(b"junk")
    networks_from(tmp_path)
    app = calm(opened(**FAST))
    for name in ("dn-smt-grad", "mine"):
        assert len([each for each in app.warning if f"{name}.safetensors" in each.value]) == 1
    assert scenario_of(app).checkpoint == "dn-smt-adv"


def test_without_networks_it_says_what_to_train(tmp_path: Path, networks_from: Networks, store: Path) -> None:
    networks_from(tmp_path)
    app = calm(opened(checkpoint="cs-adv"))
    assert "python -m core train cs-smt-grad --data DIR" in app.info[0].value
    app.selectbox(key="lab.problem").set_value("denoising").run()
    assert "train dn-smt-grad" in calm(app).info[0].value


def test_a_problem_without_networks_stands_back_for_the_other(
    tmp_path: Path, networks_from: Networks
) -> None:
    untrained_family(tmp_path, "cs")
    networks_from(tmp_path)
    scenario = scenario_of(calm(opened(**FAST)))
    assert (scenario.checkpoint, scenario.compare) == ("cs-smt-grad", ("cs-ord", "cs-adv"))


def test_coming_back_from_another_page_shows_the_same_again() -> None:
    app = AppTest.from_file(apps.APP, default_timeout=120)
    app.query_params.update(FAST)
    app.switch_page("pages/live_lab.py").run()
    app.selectbox(key="lab.problem").set_value("denoising").run()
    app.select_slider(key="lab.eps").set_value(1.0).run()
    before = scenario_of(calm(app))
    assert before.eps == 1.0
    calm(app.switch_page("pages/about.py").run())
    assert scenario_of(calm(app.switch_page("pages/live_lab.py").run())) == before


def test_the_small_picture_has_our_networks_of_one_factor(
    untrained_folder: Path, networks_from: Networks
) -> None:
    networks_from(untrained_folder)
    app = calm(opened(checkpoint="lr-x2-std", size="64", sigma="1", **FAST))
    assert in_link(app)["checkpoint"] == "lr-x2-std"
    (compared,) = (each for each in app.get("button_group") if each.label == "Compared with")
    assert len(compared.options) >= 1
    text = " ".join(each.value for each in app.caption)
    assert "reduced by bicubic interpolation" in text
    assert "d = 3,072" in text
    columns = " ".join(" ".join(map(str, table.value.columns)) for table in app.table)
    assert "PSNR on luma, border cut" in columns


def test_another_input_keeps_the_factor_that_was_asked_for(networks_from: Networks) -> None:
    """A browser knows a choice by its label, which must not be that of another factor's network too."""
    networks_from(SHIPPED)
    app = calm(opened(checkpoint="lr-x2-rs-0.10", size="64", **FAST))
    options = app.selectbox(key="lab.chosen").options
    assert len(set(options)) == len(options)
    assert {"×2: Noise 0.1", "×4: Noise 0.1"} <= {*options}
    assert scenario_of(calm(app.run())).checkpoint == "lr-x2-rs-0.10"


def test_a_link_to_a_published_network_says_how_to_get_it(
    untrained_folder: Path, monkeypatch: pytest.MonkeyPatch, networks_from: Networks
) -> None:
    networks_from(untrained_folder)
    monkeypatch.setattr(published, "find", list)
    app = calm(opened(checkpoint="span-x2-ch48", compare="lr-x2-std", size="64", **FAST))
    (said,) = (each.value for each in app.warning if "span-x2-ch48" in each.value)
    assert "pip install -r requirements-published.txt" in said

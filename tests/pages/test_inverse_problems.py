"""Denoising & sensing through AppTest: live runs, certificates, curves, tables, links, empty states."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from core.base.errors import UserError
from core.base.progress import finish
from core.commands import application
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.problems import problem_of
from core.problems.denoising import DENOISING, DenoisingScenario
from core.problems.scenario import Scenario
from core.problems.sensing import COMPRESSED_SENSING, SensingScenario
from core.reports.tables.paper import build
from core.results.points import scenario_at
from core.results.store import Store
from core.runtime.session import Lab
from core.zoo import checkpoints
from pages.widgets.scenario import inverse_live, inverse_names
from tests.core import synthetic_inverse
from tests.core.inverse_networks import untrained_family
from tests.pages import apps
from tests.pages.apps import calm, in_link

opened = partial(apps.opened, "inverse_problems.py")
FAST = {"samples": "2", "attack_steps": "1"}
SMALL = DenoisingScenario(
    checkpoint="dn-smt-grad", compare=("dn-ord",), size=66, samples=3, attack_steps=2, eps=4.0, seed=5,
    precision="float32",
)  # fmt: skip
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
    st.cache_resource.clear()
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
    app = calm(opened())
    assert "five objectives" in app.markdown[0].value
    assert "Ord loses" in words(app)
    assert scenario_of(app) == DenoisingScenario(compare=("dn-ord",))
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
        row = app.table[1].value.loc[inverse_names.short(name)]
        assert row["median, attacked"] == f"{median:.2e} ≈ {255 * median**0.5:.2f}"


def test_what_is_certified_is_said_with_the_strength_it_holds_for() -> None:
    near = SMALL.replace(eps=0.02, samples=20)
    app = calm(opened(**to_query(near)))
    bound = computed(near).chosen.attacked.bound
    assert f"at most **{255 * bound**0.5:.1f} grey levels**" in words(app)
    assert "at ε = 0.02 grey levels" in words(app)


@pytest.mark.parametrize(("sigma", "why"), [(10.0, "20 samples at σ = 10 reach **0."), (0.0, "nothing ever")])
def test_where_nothing_can_be_certified_it_says_so(sigma: float, why: str) -> None:
    app = calm(opened(**to_query(SMALL.replace(samples=20, sigma=sigma))))
    assert "at ε = 4 grey levels: **nothing**" in words(app)
    assert why in words(app)
    assert list(app.table[1].value["at most, certified at ε = 4"]) == ["none", "none"]


def test_the_verdict_says_it_when_the_linear_estimate_is_best() -> None:
    outcome = computed(SMALL)
    best = max(pair.attacked.quality.psnr for pair in outcome.networks.values())
    best = max(best, outcome.chosen.attacked.estimate.quality.psnr)
    beaten = best <= outcome.baselines["linear"].attacked.quality.psnr
    assert ("the measurement alone beats them" in inverse_live.verdict(outcome)) == beaten
    assert beaten, "untrained networks only do harm"


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
    getattr(app, kind)(key=f"inverse.{key}").set_value(value).run()
    assert getattr(scenario_of(calm(app)), field) == value


def test_objectives_stay_when_the_problem_changes() -> None:
    app = calm(opened(checkpoint="dn-adv", compare="dn-jcb", **FAST))
    app.segmented_control(key="inverse.problem").set_value("compressed_sensing").run()
    scenario = scenario_of(calm(app))
    assert (scenario.checkpoint, scenario.compare) == ("cs-adv", ("cs-jcb",))
    app.select_slider(key="inverse.ratio").set_value(0.5).run()
    assert scenario_of(calm(app)).ratio == 0.5
    assert "545 of 1,089 values a block" in words(app)
    app.selectbox(key="inverse.chosen").set_value("cs-jcb").run()
    assert scenario_of(calm(app)).networks == ("cs-jcb",)


def test_odd_values_of_a_link_are_kept() -> None:
    scenario = SMALL.replace(compare=(), eps=1.23, sigma=7.7, samples=4, size=70, alpha=0.03, sigma_b=3.3)
    assert scenario_of(calm(opened(**to_query(scenario)))) == scenario


def test_how_the_pictures_are_looked_at_stays_in_the_link() -> None:
    view = {"view": "swipe", "a": "ord", "b": "smt-grad-smoothed", "region": "20,30,60,64"}
    app = calm(opened(**to_query(SMALL), **view))
    assert in_link(app) == {**to_query(SMALL), **view}
    app.select_slider(key="inverse.eps").set_value(8.0).run()
    assert in_link(calm(app)) == {**to_query(SMALL.replace(eps=8.0)), **view}
    assert "region=20,30,60,64" in app.code[0].value
    assert "region" not in command_of(app)


@pytest.mark.parametrize(
    "query",
    [
        {"eps": "a lot"},
        {"sigma": "-7"},
        {"checkpoint": "sr-x2-std"},
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


def test_a_damaged_network_is_named_once_and_the_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = untrained_family(tmp_path, "dn")
    broken = tmp_path / f"{names[-1]}.safetensors"
    broken.write_bytes(broken.read_bytes()[:500])
    (tmp_path / "mine.safetensors").write_bytes(b"junk")
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    app = calm(opened(**FAST))
    said = [warning.value for warning in app.warning]
    assert [f"{name}.safetensors" in sentence for name, sentence in zip(
        ("dn-smt-grad", "mine"), said, strict=True)] == [True, True]  # fmt: skip
    assert scenario_of(app).checkpoint == "dn-smt-adv"


def test_without_networks_it_says_what_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    app = calm(opened(checkpoint="cs-adv"))
    assert "python -m core train cs-smt-grad --data DIR" in app.info[0].value
    app.segmented_control(key="inverse.problem").set_value("denoising").run()
    assert "train dn-smt-grad" in calm(app).info[0].value
    app.segmented_control(key="inverse.part").set_value("tables").run()
    assert calm(app).dataframe


def test_a_problem_without_networks_stands_back_for_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untrained_family(tmp_path, "cs")
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    scenario = scenario_of(calm(opened(**FAST)))
    assert (scenario.checkpoint, scenario.compare) == ("cs-smt-grad", ("cs-ord",))


def test_coming_back_from_another_page_shows_the_same_again() -> None:
    app = AppTest.from_file(apps.APP, default_timeout=120)
    app.switch_page("pages/inverse_problems.py").run()
    app.select_slider(key="inverse.eps").set_value(1.0).run()
    before = scenario_of(calm(app))
    assert before.eps == 1.0
    calm(app.switch_page("pages/home.py").run())
    assert scenario_of(calm(app.switch_page("pages/inverse_problems.py").run())) == before


# -- over sigma and tables -------------------------------------------------------------------


def test_curves_say_what_was_measured_and_reopen(store: Path) -> None:
    app = calm(opened(part="noise", setting="10", strength="10", discrepancy="as_published"))
    assert "11 pictures of bsd68, PGD-10" in words(app)
    assert "mixed units" in words(app)
    link = in_link(app)
    assert link == {
        "part": "noise", "problem": "denoising", "setting": "10", "strength": "10", "draws": "50",
        "discrepancy": "as_published",
    }  # fmt: skip
    app.select_slider(key="inverse.curves.strength").set_value(5.0).run()
    assert in_link(calm(app)) == {**link, "strength": "5"}
    assert in_link(calm(opened(**in_link(app)))) == {**link, "strength": "5"}


def test_the_curves_command_prints_the_means_over_pictures(store: Path) -> None:
    app = calm(opened(part="noise", setting="2", strength="10", quality="ssim"))
    line = [*shlex.split(command_of(app))[3:], "--json"]
    result = CliRunner().invoke(application, [*line, "--results", str(store)], catch_exceptions=False)
    rows = Store("inverse_problems", store).read()
    rows = rows[(rows["sigma_b"] == 2) & (rows["eps"] == 10)]
    printed = json.loads(result.stdout)
    assert len(printed) == 5 * rows["sigma"].nunique()
    for each in printed:
        mine = rows[(rows["objective"] == each["objective"]) & (rows["sigma"] == each["sigma"])]
        assert each["images"] == len(mine)
        assert each["ssim"] == pytest.approx(mine["ssim"].mean())
        assert each["median"] == pytest.approx(mine["median"].mean())
        assert each["median_low"] < each["median"] or each["sigma"] == each["median"] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["--quality", "beauty"], "no figure “beauty”"), (["--eps", "99"], "holds no such")],
)
def test_the_curves_command_says_what_it_cannot_print(store: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        CliRunner().invoke(
            application,
            ["curves", "--problem", "denoising", *words, "--results", str(store)],
            catch_exceptions=False,
        )


def test_curves_without_results_say_what_to_run(nothing: None) -> None:
    app = calm(opened(part="noise", problem="compressed_sensing"))
    assert "python -m core evaluate --problem compressed_sensing --data DIR" in app.info[0].value
    assert in_link(app) == {"part": "noise", "problem": "compressed_sensing"}


def test_a_point_opens_the_live_view_there() -> None:
    scenario = scenario_at(COMPRESSED_SENSING, "cs-adv", 0.3, 5.0, 14.0, 500)
    assert (scenario.checkpoint, scenario.compare) == ("cs-adv", ("cs-ord",))
    assert (scenario.ratio, scenario.eps, scenario.sigma, scenario.samples) == (0.3, 5.0, 14.0, 500)
    base = scenario_at(DENOISING, "dn-ord", 10.0, 5.0, 0.0, 1)
    asked = DenoisingScenario(checkpoint="dn-ord", sigma_b=10.0, eps=5.0, sigma=0.0)
    assert base == asked.replace(attack="pgd", attack_on="base", attack_samples=16), "as the rows were made"


@pytest.mark.parametrize(
    ("query", "name", "metric"),
    [
        ({}, "1a", "psnr"),
        ({"problem": "compressed_sensing", "table": "4", "figure": "discrepancy"}, "4b", "discrepancy"),
        ({"table": "2"}, "2", "psnr"),
    ],
)
def test_tables_show_ours_beside_the_published(
    store: Path, query: dict[str, str], name: str, metric: str
) -> None:
    app = calm(opened(part="tables", **query))
    cells = build(name, store).cells
    cells = cells[cells["metric"] == metric]
    shown = app.dataframe[0].value
    for cell in cells.to_dict("records"):
        for part in ("ours", "published", "difference"):
            assert shown.loc[cell["row"], (cell["column"], _heading(part))] == pytest.approx(
                cell[part], nan_ok=True
            )
    assert cells["published"].notna().any()
    assert "(mixed units)" in words(app)
    assert command_of(app) == f"python -m core tables {name}"
    assert in_link(calm(opened(**in_link(app)))) == in_link(app)


def _heading(part: str) -> str:
    return part


def test_tables_without_results_show_the_published(nothing: None) -> None:
    app = calm(opened(part="tables"))
    assert app.dataframe[0].value.loc["Ord", ("ε = 0, σ = 0", "published")] == 32.71


def test_every_view_is_reached_from_the_others_and_leaves_nothing_in_the_link(store: Path) -> None:
    app = calm(opened(**to_query(SMALL)))
    for part in ("noise", "tables"):
        app.segmented_control(key="inverse.part").set_value(part).run()
        assert in_link(calm(app))["part"] == part
        assert "checkpoint" not in in_link(app)
    app.segmented_control(key="inverse.part").set_value("live").run()
    assert in_link(calm(app)) == to_query(SMALL)


@pytest.mark.parametrize("part", ["live", "noise", "tables"])
@pytest.mark.parametrize("problem", ["inpainting", "deblurring"])
def test_what_was_never_published_is_not_said_to_be(problem: str, part: str) -> None:
    app = calm(opened(part=part, problem=problem, **FAST, size="66"))
    here = words(app).split("Publications")[0]
    assert "published" not in here
    assert "Sun & Scarlett" not in here
    assert "paper" not in here

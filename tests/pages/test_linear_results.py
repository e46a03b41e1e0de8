"""Results of the linear problems through AppTest: curves, tables, links, empty states."""

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
from core.commands import application
from core.problems import problem_of
from core.problems.denoising import DENOISING, DenoisingScenario
from core.problems.scenario import Scenario
from core.problems.sensing import COMPRESSED_SENSING, SensingScenario
from core.reports.tables.paper import build
from core.results.points import scenario_at
from core.results.store import Store
from core.zoo import checkpoints
from tests.core import synthetic_inverse
from tests.core.inverse_networks import untrained_family
from tests.pages import apps
from tests.pages.apps import calm, in_link

opened = partial(apps.opened, "linear_results.py")
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
    app.select_slider(key="findings.strength").set_value(5.0).run()
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
    assert (
        "python -m core evaluate --problem compressed_sensing --attack thesis --data DIR" in app.info[0].value
    )
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


def test_every_view_is_reached_from_the_others(store: Path) -> None:
    app = calm(opened(part="noise"))
    for part in ("tables", "noise"):
        app.segmented_control(key="findings.part").set_value(part).run()
        assert in_link(calm(app))["part"] == part


@pytest.mark.parametrize("part", ["live", "noise", "tables"])
@pytest.mark.parametrize("problem", ["inpainting", "deblurring"])
def test_what_was_never_published_is_not_said_to_be(problem: str, part: str) -> None:
    app = calm(opened(part=part, problem=problem, **FAST, size="66"))
    here = words(app).split("Publications")[0]
    assert "published" not in here
    assert "Sun & Scarlett" not in here
    assert "paper" not in here

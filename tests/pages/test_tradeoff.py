"""Trade-off and Tables through AppTest; what plotly draws is tested in a browser."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.commands import application
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.tables.paper import build
from core.results import store
from core.results.store import Store
from pages.widgets.page import results_data
from tests.core.synthetic_inverse import write_general
from tests.core.synthetic_results import fill
from tests.pages.apps import in_link, opened, reading


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    fill(folder, factors=(2, 4))
    return folder


@pytest.fixture
def results(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(filled, monkeypatch) as folder:
        yield folder


@pytest.fixture
def no_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(tmp_path, monkeypatch) as folder:
        yield folder


@pytest.mark.parametrize("view", ["Curves", "Robustness–accuracy", "Smoothing noise", "Heat map"])
@pytest.mark.parametrize("factor", ["×2", "×4"])
def test_every_view_draws_one_figure(results: Path, view: str, factor: str) -> None:
    app = opened("tradeoff.py", chart=view, factor=factor, quality="SSIM")
    assert len(app.get("plotly_chart")) == 1
    photos = "validation" if view == "Smoothing noise" else "test"
    assert f"12 {photos} photos" in app.caption[-1].value
    assert not app.error


@pytest.mark.parametrize("view", ["Curves", "Robustness–accuracy", "Smoothing noise", "Heat map"])
def test_an_added_networks_results_stand_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    fill(tmp_path)
    store = Store("super_resolution", tmp_path)
    rows = store.read()
    rows = rows[rows["estimator"] == "sr-x2-rs-0.10"]
    store.put("own", rows.assign(estimator="sr-x2-rs-0.10-own-mine", key=rows["key"] + "own"))
    store.merge(["image"])
    with reading(tmp_path, monkeypatch):
        app = opened("tradeoff.py", chart=view)
        assert not app.error
        assert len(app.get("plotly_chart")) == 1
        if view == "Smoothing noise":
            assert "σ_f 0.1 · mine" in app.segmented_control(key="findings.network").options


@pytest.mark.parametrize("query", [{}, {"chart": "Smoothing noise", "quality": "SSIM", "factor": "×4"}])
def test_the_command_it_offers_prints_the_numbers_of_its_figure(results: Path, query: dict[str, str]) -> None:
    app = opened("tradeoff.py", **query)
    link, command = (each.value for each in app.code)
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "core"]
    done = CliRunner().invoke(application, [*words[3:], "--json"], catch_exceptions=False)
    metric = words[words.index("--quality") + 1]
    printed = {
        (row["estimator"], row["eps_rel"], row["sigma_g"]): row[metric] for row in json.loads(done.stdout)
    }
    drawn = [trace for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
             if trace.get("customdata") and "x" in trace]  # fmt: skip
    points = [
        (tuple(point[:3]), value)
        for trace in drawn
        for point, value in zip(trace["customdata"], _floats(trace["y"]), strict=True)
    ]
    assert len(points) >= 20
    for point, value in points:
        assert printed[point] == pytest.approx(value, abs=1e-9)
    if query:
        assert "network=" in link  # which network stands by default depends on the store


def _floats(values: list[float] | dict[str, str]) -> list[float]:
    """Numbers as Plotly writes them: a list, or base64 of an array."""
    if isinstance(values, list):
        return values
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


@pytest.fixture
def linear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    write_general(tmp_path)
    with reading(tmp_path, monkeypatch) as folder:
        yield folder


@pytest.mark.parametrize("part", ["curves", "plane", "noise", "map"])
@pytest.mark.parametrize("problem", ["denoising", "inpainting"])
def test_other_problems_have_the_same_views(linear: Path, problem: str, part: str) -> None:
    app = opened("tradeoff.py", problem=problem, part=part)
    assert not app.error
    charts = [json.loads(chart.proto.spec)["data"] for chart in app.get("plotly_chart")]
    assert len(charts) == (2 if part == "noise" else 1)
    names = {trace.get("name") for trace in charts[-1]}
    if part != "map":
        assert ({"Ord", "Smt-Grad"} if problem == "denoising" else {"Standard", "Noise 10"}) < names
    assert "11 pictures of bsd68, PGD-10 on each network, on f alone" in app.caption[-1].value
    words = shlex.split(app.code[1].value)
    done = CliRunner().invoke(application, [*words[3:], "--json"], catch_exceptions=False)
    printed = {
        (row["network"], row.get("eps", 5.0), row["sigma"]): row["psnr"] for row in json.loads(done.stdout)
    }
    for trace in charts[-1]:
        if trace.get("customdata") and part in ("curves", "noise"):
            for point, value in zip(trace["customdata"], _floats(trace["y"]), strict=True):
                name, eps, sigma = point
                where = (
                    name,
                    eps,
                    0.0 if name == "linear" else sigma,
                )  # drawn over all noises: none changes it
                assert printed[where] == pytest.approx(value, abs=1e-9)


def test_a_problem_is_chosen_anew(linear: Path) -> None:
    app = opened("tradeoff.py", problem="denoising", setting="10", part="noise", quality="psnr_median")
    assert in_link(app)["quality"] == "psnr_median"
    app.selectbox(key="findings.problem").set_value("inpainting").run()
    assert in_link(app) == {
        "problem": "inpainting", "setting": "0.5", "part": "noise", "strength": "5", "draws": "50",
    }  # fmt: skip
    app.selectbox(key="findings.problem").set_value("deblurring").run()
    assert "evaluate --problem deblurring --attack thesis --data DIR" in app.info[0].value


def test_a_link_of_the_papers_figure_is_understood(linear: Path) -> None:
    link = {"part": "noise", "problem": "denoising", "setting": "2", "strength": "10", "draws": "50",
            "discrepancy": "certified_half", "quality": "ssim"}  # fmt: skip
    app = opened("tradeoff.py", **link)
    assert in_link(app) == link
    assert app.code[1].value == (
        "python -m core curves --problem denoising --setting 2 --eps 10 --samples 50 --discrepancy "
        "certified_half --attack thesis --quality ssim"
    )


@pytest.mark.parametrize("view", ["Curves", "Smoothing noise"])
def test_the_protocol_is_that_of_the_rows(view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, steps=20, samples=7)
    with reading(tmp_path, monkeypatch):
        protocol = opened("tradeoff.py", chart=view).caption[-1].value
    assert "PGD-20 on each network, on f alone where it is smoothed" in protocol
    assert "iterate of highest loss), k = 7." in protocol


def test_it_opens_under_the_strongest_attack_with_an_answer_and_the_thesis_is_a_switch(
    results: Path,
) -> None:
    app = opened("tradeoff.py")
    title = app.markdown[0].value
    assert "strongest attack known on each estimator" in title
    assert "#### At ε_rel 0.05, judged by PSNR, what should I use?" in title
    assert "At ε_rel 0.05, by PSNR and under the strongest attack known on each estimator, **" in title
    assert in_link(app)["attack"] == "strongest"
    app.segmented_control(key="findings.attack").set_value("thesis").run()
    title = app.markdown[0].value
    assert "smoothed networks are attacked on f alone" in title
    assert "under attacks that leave smoothing itself alone (PGD on f), **" in title
    assert "attack" not in in_link(app)


def test_what_was_not_attacked_strongly_is_hatched_and_not_filled_from_the_weak_attack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    store = Store("super_resolution_strongest", tmp_path)
    rows = store.read()
    rows[~((rows["eps_rel"] == 0.05) & (rows["level"] == 0.4))].to_parquet(store.path)
    with reading(tmp_path, monkeypatch):
        app = opened("tradeoff.py", part="map", attack="strongest")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert len([shape for shape in figure["layout"]["shapes"] if shape["type"] == "line"]) == 3
    assert np.isnan(np.array(_floats(figure["data"][0]["z"]), dtype=float)).sum() == 1


def test_an_empty_store_says_what_to_do(no_results: Path) -> None:
    app = opened("tradeoff.py")
    assert "python -m core evaluate" in app.info[0].value
    assert not app.get("plotly_chart")


@pytest.mark.parametrize(
    ("table", "attack"), [("super_resolution", "thesis"), ("super_resolution_strongest", "strongest")]
)
def test_a_damaged_store_is_one_sentence(no_results: Path, table: str, attack: str) -> None:
    Store(table, no_results).path.write_bytes(b"broken")
    app = opened("tradeoff.py", part="curves", attack=attack)
    assert "is damaged" in app.error[0].value


@pytest.mark.parametrize("name", ["4.1", "4.4", "A.1", "A.2"])
def test_every_table_is_shown_with_the_published_numbers(results: Path, name: str) -> None:
    app = opened("tables.py", table=name)
    assert name in app.markdown[-1].value or any(f"Table {name}" in each.value for each in app.markdown)
    shown = app.dataframe[0].value
    assert {part for _, part in shown.columns} == {"ours", "published", "difference"}
    assert shown.notna().to_numpy().any()


@pytest.mark.parametrize(
    ("query", "name", "metric"),
    [({"problem": "denoising"}, "1a", "psnr"),
     ({"problem": "compressed_sensing", "table": "4", "figure": "discrepancy"}, "4b", "discrepancy")],
)  # fmt: skip
def test_the_papers_tables_are_on_the_page_too(
    no_results: Path, query: dict[str, str], name: str, metric: str
) -> None:
    app = opened("tables.py", **query)
    cells = build(name, no_results).cells.query("metric == @metric")
    shown = app.dataframe[0].value.xs("published", axis=1, level=1)
    for row, column, published in cells[["row", "column", "published"]].itertuples(index=False):
        assert shown.loc[row, column] == published
    assert app.code[1].value == f"python -m core tables {name}"


def test_a_problem_without_a_document_has_tables_of_its_settings(no_results: Path) -> None:
    assert "evaluate --problem inpainting" in opened("tables.py", problem="inpainting").info[0].value
    write_general(no_results)
    app = opened("tables.py", problem="inpainting")
    assert "50% of the pixels" in app.markdown[0].value
    assert "Linear estimate" in app.dataframe[0].value.index
    assert app.code[1].value == "python -m core tables --problem inpainting"


def test_without_results_the_published_tables_still_show(no_results: Path) -> None:
    shown = opened("tables.py", table="4.1").dataframe[0].value
    assert shown["ε_rel = 0.02", "published"].max() == 24.26


def test_the_store_is_read_again_when_it_changes(no_results: Path) -> None:
    assert results_data.load(SUPER_RESOLUTION).test.empty
    fill(no_results)
    assert not results_data.load(SUPER_RESOLUTION).test.empty
    assert no_results == store.RESULTS

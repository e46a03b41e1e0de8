"""The figures draw the numbers that they are given, and every point knows its setting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.problems.super_resolution import EPS_REL, SIGMA_F, SUPER_RESOLUTION
from core.reports.figures import tradeoff
from core.reports.figures.families import look
from core.reports.tables.thesis import QUALITY
from core.results import evaluations
from core.results import summary as results
from core.results.points import scenario_at
from core.results.published import published
from tests.core.synthetic_results import fill


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def deployed(root: Path) -> pd.DataFrame:
    return results.deployed(
        evaluations.load(SUPER_RESOLUTION, "test", root), evaluations.chosen(SUPER_RESOLUTION, root)
    )


def trace(figure: object, name: str) -> object:
    return next(each for each in figure.data if each.name == name)


def test_a_curve_has_the_means_and_their_intervals(deployed: pd.DataFrame) -> None:
    figure = tradeoff.curves(SUPER_RESOLUTION, deployed, published(SUPER_RESOLUTION), "psnr")
    line = trace(figure, "smoothed, σ_f 0.2")
    rows = deployed[deployed["estimator"] == "sr-x2-rs-0.20"].sort_values("eps")
    np.testing.assert_allclose(line.y, rows["psnr"])
    np.testing.assert_allclose(line.y + line.error_y.array, rows["psnr_high"])
    np.testing.assert_allclose(line.y - line.error_y.arrayminus, rows["psnr_low"])
    assert [list(point) for point in line.customdata] == rows[tradeoff.POINT].to_numpy().tolist()
    assert len(figure.data) == deployed["estimator"].nunique()


def test_published_curves_are_dashed_and_say_so(deployed: pd.DataFrame) -> None:
    printed = published(SUPER_RESOLUTION, *QUALITY).query("factor == 2 and objective == 'standard'")
    figure = tradeoff.curves(SUPER_RESOLUTION, deployed, printed, "psnr")
    line = trace(figure, "standard (published)")
    assert line.line.dash == "dash"
    assert list(line.y) == [25.29, 22.87, 21.53, 19.31, 17.3, 15.17]


def test_the_pareto_front_against_its_definition() -> None:
    random = np.random.default_rng(0)
    clean, attacked = random.normal(size=(2, 60))
    front = set(tradeoff.pareto(clean, attacked).tolist())
    for place in range(60):
        beaten = (clean >= clean[place]) & (attacked >= attacked[place])
        beaten &= (clean > clean[place]) | (attacked > attacked[place])
        assert (place in front) == (not beaten.any())


@pytest.mark.parametrize("metric", ["psnr", "ssim", "mse"])
def test_the_plane_has_every_estimator_once(deployed: pd.DataFrame, metric: str) -> None:
    figure = tradeoff.plane(SUPER_RESOLUTION, deployed, metric, 0.05)
    points = {
        each.customdata[0][0]: (each.x[0], each.y[0]) for each in figure.data if each.mode == "markers+text"
    }
    assert set(points) == set(deployed["estimator"])
    rows = deployed[deployed["estimator"] == "sr-x2-adv-0.10"].set_index("eps")[metric]
    assert points["sr-x2-adv-0.10"] == pytest.approx((rows[0.0], rows[0.05]))


@pytest.mark.parametrize(("metric", "best"), [("ssim", "idxmax"), ("mse", "idxmin")])
def test_the_star_marks_the_best_noise(root: Path, metric: str, best: str) -> None:
    validation = evaluations.load(SUPER_RESOLUTION, "validation", root)
    rows = validation[validation["estimator"] == "sr-x2-rs-0.30"]
    figure = tradeoff.smoothing_noise(SUPER_RESOLUTION, rows, metric)
    for eps_rel, group in rows.groupby("eps"):
        star = trace(figure, f"best at ε_rel {eps_rel:g}")
        assert star.x[0] == group.loc[getattr(group[metric], best)(), "sigma"]


def test_the_heat_map_frames_the_best_level_of_each_column(deployed: pd.DataFrame) -> None:
    smoothed = deployed[deployed["objective"] == "smoothing"]
    figure = tradeoff.heat_map(SUPER_RESOLUTION, smoothed, "psnr", "level", "training noise σ_f")
    grid = smoothed.pivot(index="level", columns="eps", values="psnr")
    np.testing.assert_allclose(figure.data[0].z, grid.to_numpy())
    framed = [(shape.y0 + shape.y1) / 2 for shape in figure.layout.shapes]
    assert framed == list(np.argmax(grid.to_numpy(), axis=0))
    assert {tuple(point) for point in figure.data[1].customdata} == set(
        smoothed[tradeoff.POINT].itertuples(index=False, name=None)
    )


def test_cells_that_were_not_evaluated_are_hatched_and_never_filled(deployed: pd.DataFrame) -> None:
    smoothed = deployed[deployed["objective"] == "smoothing"]
    levels, epses = sorted(smoothed["level"].unique()), sorted(smoothed["eps"].unique())
    some = smoothed[~((smoothed["level"] == levels[1]) & (smoothed["eps"] == epses[1]))]
    some = some[some["eps"] != epses[-1]]
    figure = tradeoff.heat_map(SUPER_RESOLUTION, some, "psnr", "level", "training noise σ_f", (levels, epses))
    cells = figure.data[0].z
    assert cells.shape == (len(levels), len(epses))
    assert np.isnan(cells[1, 1])
    assert np.isnan(cells[:, -1]).all()
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert len(lines) == 3 * (1 + len(levels))
    inside = [line for line in lines if abs((line.x0 + line.x1) / 2 - 1) <= 0.5]
    assert len(inside) == 3
    for line in inside:
        assert all(abs(place - 1) <= 0.5 for place in (line.x0, line.x1, line.y0, line.y1))
    frames = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(frames) == len(epses) - 1


def test_no_two_estimators_look_the_same() -> None:
    looks = [look("smoothing", level) for level in SIGMA_F] + [
        look("adversarial", level) for level in EPS_REL
    ]
    looks += [look("standard", 0.0)]
    assert len({(each.colour, each.marker) for each in looks}) == len(looks)
    assert len({each.name for each in looks}) == len(looks)


def test_a_point_opens_the_scenario_it_was_measured_at() -> None:
    smoothed = scenario_at(SUPER_RESOLUTION, "sr-x4-rs-0.40", 4, 0.05, 0.5)
    assert (smoothed.checkpoint, smoothed.eps_rel, smoothed.sigma_g) == ("sr-x4-rs-0.40", 0.05, 0.5)
    assert smoothed.compare == ("sr-x4-std", "sr-x4-adv-0.05"), "the opponent trained for this attack"
    assert (smoothed.attack, smoothed.attack_on) == ("pgd", "base"), "as the store was measured"
    trained = scenario_at(SUPER_RESOLUTION, "sr-x2-adv-0.10", 2, 0.1, 0.0)
    assert "sr-x2-adv-0.10" in trained.networks
    assert scenario_at(SUPER_RESOLUTION, "bilinear", 4, 0.2, 0.0).factor == 4


def test_labels_have_room_beside_their_points() -> None:
    points = np.array([[0.5, 0.5], [0.55, 0.5], [0.02, 0.2], [0.98, 0.8]])
    labels = ["a long label", "another one", "at the left", "at the right"]
    places = tradeoff._places(points, labels, np.array([0, 1]))
    assert "right" not in places[0] or "middle" not in places[0], "the next point is there, and the front"
    assert "left" not in places[1] or "middle" not in places[1]
    assert "right" in places[2]
    assert "left" in places[3]


def test_every_point_of_the_plane_is_labelled(deployed: pd.DataFrame) -> None:
    figure = tradeoff.plane(SUPER_RESOLUTION, deployed, "psnr", 0.05)
    labels = {text for each in figure.data if each.mode == "markers+text" for text in each.text}
    assert len(labels) == deployed["estimator"].nunique()
    assert labels >= {"σ_f 0.4", "ε_rel 0.02", "bilinear", "standard"}


def test_strength_is_on_a_true_axis(deployed: pd.DataFrame) -> None:
    figure = tradeoff.curves(SUPER_RESOLUTION, deployed, published(SUPER_RESOLUTION), "psnr")
    assert list(trace(figure, "standard").x) == sorted(deployed["eps"].unique())
    assert figure.layout.xaxis.type in (None, "linear")
    spaces = np.diff(figure.layout.xaxis.tickvals)
    assert spaces.min() > max(deployed["eps"]) / 14, "no tick covers another"

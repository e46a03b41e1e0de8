"""Figures of the digits page say what the frames say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.reports import digits as report
from core.reports.figures import digits as figures


@pytest.fixture
def attacks() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = [
        {"network": network, "attack": kind, "epsilon": radius, "correct": generator.random() > radius}
        for network in ("digits-std", "digits-rs-0.50")
        for kind, radii in (("clean", [0.0]), ("sign", [0.1, 0.3]), ("linf", [0.1, 0.3]), ("l2", [0.5, 1.0]))
        for radius in radii
        for _ in range(40)
    ]
    return pd.DataFrame(rows)


def test_attack_curves_show_every_network_in_every_panel(attacks: pd.DataFrame) -> None:
    table = report.accuracy_under_attack(attacks)
    figure = figures.attack_curves(table)
    lines = [trace for trace in figure.data if trace.name]
    assert len(lines) == 2 * 3
    assert sum(bool(trace.showlegend) for trace in lines) == 2
    for kind, axis in (("sign", "x"), ("linf", "x2"), ("l2", "x3")):
        trace = next(t for t in lines if t.name == "standard" and t.xaxis == axis)
        part = table[(table["network"] == "digits-std") & (table["attack"] == kind)].sort_values("epsilon")
        np.testing.assert_allclose(trace.x, part["epsilon"])
        np.testing.assert_allclose(trace.y, part["accuracy"])
        np.testing.assert_allclose(trace.customdata[:, :2], part[["low", "high"]])


def test_certified_curves_fall_and_end_at_the_largest_radius() -> None:
    generator = np.random.default_rng(1)
    rows = pd.DataFrame(
        {
            "network": "digits-rs-0.50",
            "sigma": 0.5,
            "radius": generator.uniform(0, 1.2, 50),
            "correct": generator.random(50) > 0.1,
        }
    )
    figure = figures.certified_curves(report.certified_accuracy(rows), (0.25, 0.5))
    (line,) = [trace for trace in figure.data if trace.name]
    assert (np.diff(line.y) <= 0).all()
    assert line.y[0] == rows["correct"].mean()
    largest = rows.loc[rows["correct"], "radius"].max()
    assert figure.layout.xaxis2.range[1] == pytest.approx(1.03 * (largest // 0.05) * 0.05)


def test_the_plane_marks_regions_circles_and_the_attack() -> None:
    answers = np.full((21, 21), 3)
    answers[:, 14:] = 8
    figure = figures.plane(answers, 2.0, (1.0, 0.0), title="t", answer=3, certified=1.2, epsilon=1.0)
    heat, dashed, circle, arrow = figure.data
    np.testing.assert_array_equal(np.asarray(heat.z), answers != 3)
    for trace, radius in ((dashed, 1.0), (circle, 1.2)):
        np.testing.assert_allclose(np.hypot(trace.x, trace.y), radius)
    assert (arrow.x[1], arrow.y[1]) == (1.0, 0.0)
    labels = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert {"<b>3</b>", "<b>8</b>", "<b>R = 1.20</b>", "<b>ε = 1</b>"} == set(labels)
    assert labels["<b>8</b>"][0] > 0.8 > labels["<b>3</b>"][0]


def test_the_plane_is_coloured_by_the_classifiers_answer_not_by_its_own_middle() -> None:
    """A few votes may name another class in the middle than the many that gave the answer."""
    answers = np.full((5, 5), 6)
    answers[:, 0] = 8
    answers[:, 4] = -1
    figure = figures.plane(answers, 1.0, (0.0, 0.0), title="t", answer=8, certified=0.0, epsilon=None)
    heat = figure.data[0]
    colours = dict(heat.colorscale)
    assert {colours[z] for z in heat.z[:, 0]} == {figures.SAME}
    assert {colours[z] for z in heat.z[:, 1:4].flatten()} == {figures.CHANGED}
    assert {colours[z] for z in heat.z[:, 4]} == {figures.UNDECIDED}
    assert heat.customdata[0, 4] == "not decided"
    assert {note.text for note in figure.layout.annotations} == {"<b>6</b>", "<b>8</b>"}


@pytest.mark.parametrize(("certified", "epsilon"), [(0.0, 1.0), (1.0, None), (0.0, 0.0)])
def test_no_circle_where_there_is_no_radius(certified: float, epsilon: float | None) -> None:
    figure = figures.plane(
        np.zeros((5, 5), int), 1.0, (0.0, 0.0), title="t", answer=0, certified=certified, epsilon=epsilon
    )
    assert len(figure.data) == 2 + (certified > 0) + bool(epsilon)

"""The publications' figures: each is there by its number, and shows what the store and the documents say."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from core.base.errors import UserError
from core.commands import application
from core.problems.super_resolution import SUPER_RESOLUTION
from core.reports.export import saved
from core.reports.publications import ALSO, FIGURES, drawn
from core.results.evaluations import chosen
from core.results.published import published
from core.runtime.session import Lab

THESIS = ["1.1", "3.1", "3.2", "4.1", "4.2", "4.3", *(f"A.{n}" for n in range(1, 12))]
PAPER = [f"paper-{n}" for n in range(1, 5)]
SLIDES = [f"slides-{n}" for n in range(1, 6)]


def no_lab() -> Lab:
    raise AssertionError("a figure of numbers asks no network")


def drawing(name: str, root: Path | None = None) -> Figure:
    return drawn(name, root, no_lab)


def test_every_figure_of_the_documents_has_its_name() -> None:
    done = CliRunner().invoke(application, ["figures", "--list"])
    named = [line.split()[0] for line in done.stdout.splitlines()]
    assert {*named} == {*THESIS, *PAPER, *SLIDES, *(name for name in ALSO if name.startswith("readme-"))}
    assert len(named) == len({*named})
    assert all(figure.draw and figure.note for figure in FIGURES.values())


@pytest.mark.parametrize("name", ["A.3", "A.8"])
def test_stars_and_circles_stand_at_our_and_the_published_noise(name: str) -> None:
    factor, level, table = {"A.3": (2, 0.2, "A.2"), "A.8": (4, 1.0, "A.3")}[name]
    _, right = drawing(name).axes
    marks = {kind: [line for line in right.lines if line.get_marker() == kind] for kind in "*o"}
    circles = [line for line in marks["o"] if line.get_fillstyle() == "none"]
    ours = chosen(SUPER_RESOLUTION, metric="ssim")
    ours = ours[ours["estimator"] == SUPER_RESOLUTION.called("smoothing", factor=factor, level=level)]
    theirs = published(SUPER_RESOLUTION, table)
    theirs = theirs[theirs["level"] == level].sort_values("eps")
    assert [line.get_xdata()[0] for line in marks["*"]] == ours.sort_values("eps")["sigma"].tolist()
    assert [line.get_xdata()[0] for line in circles] == theirs["sigma"].tolist()


def test_attacks_on_f_and_on_g_meet_at_the_clean_quality() -> None:
    for axes in drawing("A.1").axes:
        starts = {round(float(bars[0].get_ydata()[0]), 9) for bars in axes.containers}
        assert len(starts) == 1


def test_the_network_is_drawn_as_it_is_built() -> None:
    texts = [text.get_text() for text in drawing("4.1").axes[0].texts]
    channels, sides = (
        (3, 8, 16, 32, 64, 128, 64, 32, 16, 8, 3),
        (160, 160, 80, 40, 20, 10, 20, 40, 80, 160, 160),
    )
    assert [t for t in texts if "²" in t] == [
        f"{c}\n{side}²" for c, side in zip(channels, sides, strict=True)
    ]


def test_files_repeat_themselves_and_what_is_missing_is_said(tmp_path: Path) -> None:
    assert saved(drawing("3.2"), "pdf") == saved(drawing("3.2"), "pdf")
    for name, said in (("A.1", "study attacks"), ("A.3", "evaluate sr-x2-rs-0.20")):
        with pytest.raises(UserError, match=said):
            drawing(name, tmp_path)
    with pytest.raises(UserError, match="no figure"):
        drawing("5.1", tmp_path)
    done = CliRunner().invoke(application, ["figures", "3.2", "--output", str(tmp_path)])
    assert done.exit_code == 0
    assert (tmp_path / "figure-3.2.pdf").read_bytes().startswith(b"%PDF")

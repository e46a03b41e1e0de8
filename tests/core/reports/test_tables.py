from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.errors import UserError
from core.reports.documents import table_named
from core.reports.tables.text import FORMATS, render
from core.reports.tables.thesis import NAMES, build
from core.results.store import Store
from tests.core.synthetic_results import fill, plain_rule

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    fill(folder, factors=(2, 4))
    return folder


def test_quality_cells_are_ours_the_published_and_their_difference(root: Path) -> None:
    cells = build("4.1", root).cells.set_index(["row", "column", "metric"])
    cell = cells.loc[("smoothing, σ_f = 0.1", "ε_rel = 0.02", "psnr")]
    assert cell["published"] == 24.26
    assert cell["ours"] == pytest.approx(plain_rule("smoothing", 0.1, 0.02), abs=1.0)
    assert cell["low"] < cell["ours"] < cell["high"]
    assert cell["difference"] == pytest.approx(cell["ours"] - 24.26)
    # 7 smoothing, standard, 5 adversarial and bilinear; three strengths; three figures.
    assert len(cells) == (7 + 1 + 5 + 1) * 3 * 3


def test_the_best_of_each_column_is_marked(root: Path) -> None:
    cells = build("4.1", root).cells
    best = cells[cells["best_published"]].set_index(["column", "metric"])["row"]
    # Bold in the thesis's Table 4.1.
    assert best["ε_rel = 0", "psnr"] == "smoothing, σ_f = 0.1"
    assert best["ε_rel = 0", "ssim"] == "standard"
    assert best["ε_rel = 0.01", "ssim"] == "adversarial, ε_rel = 0.01"
    assert set(best["ε_rel = 0.02", "mse"]) == {"smoothing, σ_f = 0.1", "smoothing, σ_f = 0.4"}
    ours = cells[(cells["column"] == "ε_rel = 0") & (cells["metric"] == "psnr")]
    assert ours.loc[ours["best_ours"], "ours"].item() == ours["ours"].max()


@pytest.mark.parametrize(("name", "factor"), [("A.2", 2), ("A.3", 4)])
def test_chosen_noise_beside_the_published(root: Path, name: str, factor: int) -> None:
    cells = build(name, root).cells.set_index(["row", "column"])
    assert cells.loc[("σ_f = 0.2", "ε_rel = 0.1"), "ours"] == 0.3
    assert cells.loc[("σ_f = 0.2", "ε_rel = 0.1"), "published"] == {2: 0.2, 4: 0.0}[factor]
    assert len(cells) == 7 * 7


def test_norms_beside_the_published(root: Path) -> None:
    cells = build("A.1", root).cells.set_index(["row", "column"])
    assert cells.loc[("ε_rel = 0.05", "ε"), "ours"] == pytest.approx(13.85640646, abs=1e-8)
    assert cells.loc[("ε_rel = 0.05", "‖e_f‖"), "published"] == 13.85640583
    assert cells.loc[("ε_rel = 0.05", "‖e_f‖"), "ours"] == pytest.approx(13.8564, abs=1e-3)


def test_markdown_has_as_many_cells_in_every_row(root: Path) -> None:
    for name in NAMES:
        blocks = render(build(name, root), "markdown").split("\n\n")
        tables = [block.splitlines() for block in blocks if block.startswith("|")]
        assert len(tables) == 3
        for lines in tables:
            assert len({line.count("|") for line in lines}) == 1
    assert "**24.26**" in render(build("4.1", root), "markdown")


def test_csv_reads_back(root: Path) -> None:
    lines = list(csv.DictReader(io.StringIO(render(build("4.2", root), "csv"))))
    assert len(lines) == 14 * 3 * 3
    assert {line["table"] for line in lines} == {"4.2"}


def test_latex_has_only_commands_and_ascii_in_its_cells(root: Path) -> None:
    for name in NAMES:
        text = render(build(name, root), "latex")
        assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 3
        body = "".join(line for line in text.splitlines() if not line.startswith("%"))
        assert set(body) - set(map(chr, range(128))) <= {"–"}


def test_unknown_tables_and_formats_are_one_sentence(root: Path) -> None:
    with pytest.raises(UserError, match="no Table 5"):
        table_named("5", root)
    with pytest.raises(UserError, match="markdown, latex, csv"):
        render(build("A.1", root), "html")


def test_without_results_the_published_numbers_still_print(tmp_path: Path) -> None:
    for name in NAMES:
        for form in FORMATS:
            assert render(build(name, tmp_path), form)


def test_tables_need_no_torch() -> None:
    code = (
        "import sys; sys.argv = ['core', 'tables', '4.1']\n"
        "from core.commands import application\n"
        "application(standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)


def test_the_notes_say_what_the_rows_say(tmp_path: Path) -> None:
    fill(tmp_path, steps=20, samples=7)
    notes = " ".join(build("4.1", tmp_path).notes)
    assert "12 test photos, PGD-20 on each network" in notes
    assert "k = 7." in notes
    assert "on 12 validation photos, out of 17 values" in " ".join(build("A.2", tmp_path).notes)


def test_numbers_of_photos_stand_in_their_order(tmp_path: Path) -> None:
    """As a set, {10, 40} is told from its larger end."""
    fill(tmp_path, images=40)
    store = Store("super_resolution", tmp_path)
    rows = store.read()
    few = (rows["estimator"] != "sr-x2-std") | (rows["image"].str.removesuffix(".png").astype(int) < 10)
    rows[few].to_parquet(store.path)
    assert "over 10 to 40 test photos" in " ".join(build("4.1", tmp_path).notes)

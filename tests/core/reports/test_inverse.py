"""Readers, figures, tables and findings, on rows whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from core.base.errors import UserError
from core.commands import application
from core.problems import PROBLEMS
from core.problems.denoising import DENOISING
from core.problems.sensing import COMPRESSED_SENSING
from core.reports.documents import document_of, table_named, tables_of
from core.reports.figures import tradeoff as figures
from core.reports.findings.paper import findings, to_markdown
from core.reports.tables import paper as tables
from core.reports.tables.text import render
from core.reports.titles import FIVE
from core.results.evaluations import load, per_image
from core.results.published import published
from core.results.store import Store
from core.results.summary import at
from tests.core.synthetic_inverse import IMAGES, best_sigma, write, write_general


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write(folder)
    return folder


def test_means_are_over_pictures_and_none_is_nan(root: Path) -> None:
    rows, summary = per_image(DENOISING, root=root), load(DENOISING, root=root)
    assert (summary["images"] == len(IMAGES)).all()
    where = "estimator == 'dn-adv' and sigma_b == 2 and eps == 5 and sigma == 6"
    row = summary.query(where).iloc[0]
    assert row["psnr"] == pytest.approx(rows.query(where)["psnr"].mean())
    assert row["psnr_low"] < row["psnr"] < row["psnr_high"]
    assert np.isnan(row["certified"])
    assert row["certified_half"] == pytest.approx(rows.query(where)["certified_half"].mean())


def test_an_empty_store_is_an_empty_frame(tmp_path: Path) -> None:
    assert load(DENOISING, root=tmp_path).empty
    assert findings(tmp_path) == []
    assert all(tables.build(name, tmp_path).cells["ours"].isna().all() for name in tables.NAMES)


def test_two_protocols_in_one_store_are_refused(root: Path, tmp_path: Path) -> None:
    rows = Store(DENOISING.table, root).read()
    Store(DENOISING.table, tmp_path).put("all", pd.concat([rows, rows.assign(key=rows["key"] + "x")]))
    Store(DENOISING.table, tmp_path).merge(["network"])
    with pytest.raises(UserError, match="two protocols"):
        per_image(DENOISING, root=tmp_path)


def test_the_published_numbers_are_those_printed() -> None:
    one = published(COMPRESSED_SENSING, "1").query("objective == 'smt-grad' and level == 10")
    assert one.query("radius == 'high' and sigma == 35")["psnr_published"].item() == 17.15
    four = published(DENOISING, "4").query("objective == 'smt-adv' and samples == 500")
    assert four["as_published"].item() == pytest.approx(4.179e-4)
    assert four["psnr_published"].item() == 25.727
    assert len(published(DENOISING, "2")) + len(published(COMPRESSED_SENSING, "2")) == 5


def test_findings_find_what_was_put_in(root: Path) -> None:
    found = {finding.claim.letter: finding for finding in findings(root)}
    assert {letter: finding.answer for letter, finding in found.items()} == dict.fromkeys("abcde", "yes")
    assert found["a"].images == len(IMAGES)
    # The best noise of the grid is the one nearest to the top of the parabola.
    noises = np.array(DENOISING.grid.sigmas)
    expected = [float(noises[np.abs(noises - best_sigma(eps)).argmin()]) for eps in (5.0, 10.0, 15.0)]
    assert [line.value for line in found["b"].evidence[:3]] == expected
    costs = {line.text: line.value for line in found["d"].evidence}
    assert costs["σ_b = 2, clean: Smt-Grad less Ord"] == pytest.approx(-0.8, abs=0.01)
    lowest = found["c"].evidence[0]
    assert "Smt-Grad against Smt-Adv" in lowest.text
    assert lowest.value == pytest.approx(100 * (1.2 / 1.4 - 1), abs=0.01)
    falls = [line for line in found["e"].evidence if line.unit == " %"]
    assert falls[0].value == pytest.approx(100 * ((1 + 0.1 / 1000) / (1 + 0.1 / 50) - 1), abs=1e-3)


def test_findings_can_say_no(tmp_path: Path) -> None:
    write(tmp_path, arch=False)
    found = {finding.claim.letter: finding for finding in findings(tmp_path)}
    assert found["a"].answer == "no"
    text = to_markdown(list(found.values()))
    assert "| (a) PSNR over the smoothing noise" in text
    assert "**no**" in text


def test_tables_put_ours_beside_the_published(root: Path) -> None:
    table = tables.build("1a", root)
    cell = table.cells.query("row == 'Smt-Grad' and column == 'ε = 15, σ = 18'").iloc[0]
    assert cell["published"] == 23.40
    summary = load(DENOISING, root=root).query(
        "estimator == 'dn-smt-grad' and sigma_b == 2 and eps == 15 and sigma == 18"
    )
    assert cell["ours"] == pytest.approx(summary["psnr_published"].item())
    assert cell["difference"] == pytest.approx(cell["ours"] - 23.40)
    four = tables.build("4a", root).cells.query("row == 'Ord' and column == 'S = 1000'")
    assert four.query("metric == 'discrepancy'")["published"].item() == pytest.approx(5.072e-4)
    assert four["ours"].notna().all()
    best = tables.build("4a", root).cells.query("metric == 'discrepancy' and column == 'S = 50'")
    assert best.loc[best["best_ours"], "row"].tolist() == ["Smt-Grad"]
    with pytest.raises(UserError, match="no Table 9"):
        table_named("9", root)


@pytest.mark.parametrize("form", ["markdown", "latex", "csv"])
@pytest.mark.parametrize("name", tables.NAMES)
def test_tables_have_three_forms(name: str, form: str, root: Path) -> None:
    text = render(tables.build(name, root), form)
    assert "nan" not in text.replace("difference", "") or form == "csv"
    if form == "latex":
        assert "ε" not in text
        assert "σ" not in text


def test_the_figure_shows_five_lines_and_says_none(root: Path) -> None:
    panel = at(load(DENOISING, root=root), 50, sigma_b=2.0, eps=5.0)
    discrepancy, quality = (figures.over_sigma(DENOISING, panel, metric) for metric in ("median", "psnr"))
    assert [trace.name for trace in quality.data] == list(FIVE.values())
    assert list(quality.data[0].x) == list(DENOISING.grid.sigmas)
    network, *_ = quality.data[0].customdata[1]
    assert network == "dn-ord"
    # The base network's discrepancy is 0, which a logarithmic axis cannot show.
    assert list(discrepancy.data[0].x) == [sigma for sigma in DENOISING.grid.sigmas if sigma]
    assert (discrepancy.layout.yaxis.type, quality.layout.yaxis.type) == ("log", None), "linear by default"
    nothing = figures.over_sigma(DENOISING, panel, "certified")
    assert all(": none" in trace.name for trace in nothing.data)
    assert nothing.layout.annotations[0].text == figures.NOTHING
    assert not quality.layout.annotations
    assert not figures.over_sigma(DENOISING, panel.iloc[:0], "psnr").data
    assert not any(": none" in trace.name for trace in discrepancy.data)


def test_the_commands_print_them(root: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    found = run(application, ["findings", "--problem", "denoising", "--results", str(root), "--json"])
    assert [entry["letter"] for entry in json.loads(found.output)] == list("abcde")
    file = tmp_path / "findings.md"
    run(application, ["findings", "--problem", "denoising", "--results", str(root), "--output", str(file)])
    assert file.read_text().startswith("# Findings")
    shown = run(application, ["tables", "4a", "--results", str(root)])
    assert "### Table 4a" in shown.output
    with pytest.raises(UserError, match="does not hold"):
        run(
            application,
            ["findings", "--problem", "denoising", "--results", str(tmp_path)],
            catch_exceptions=False,
        )


def test_the_notes_say_what_attack_the_rows_are_from(tmp_path: Path) -> None:
    write(tmp_path, steps=20)
    assert "PGD-20 on each network" in to_markdown(findings(tmp_path))
    for name in ("1a", "4a"):
        assert "PGD-20 on each network" in tables.build(name, tmp_path).notes[0]


def test_a_problem_that_no_document_is_about_has_tables_and_curves_too(tmp_path: Path) -> None:
    write_general(tmp_path)
    (table,) = tables_of(PROBLEMS["inpainting"], tmp_path)
    summary = load(PROBLEMS["inpainting"], root=tmp_path)
    cells = table.cells.query("column == 'ε = 5' and metric == 'psnr'")
    cell = cells[cells["row"] == "Noise 10 smoothed, σ = 6"]
    mine = summary.query("estimator == 'ip-rs-10.00' and sigma == 6 and eps == 5")
    assert cell["ours"].item() == mine["psnr"].item()
    assert table.cells["published"].isna().all()
    assert "Linear estimate" in set(table.cells["row"])
    panel = at(summary, 50, share=0.5, eps=5.0)
    drawn = figures.over_sigma(PROBLEMS["inpainting"], panel, "psnr").data
    assert [trace.name for trace in drawn] == ["Standard", "Noise 10", "Linear estimate, smoothed or not"]
    assert list(drawn[1].customdata[0]) == ["ip-rs-10.00", 5.0, 0.0]
    with pytest.raises(UserError, match="No claims about inpainting"):
        document_of(PROBLEMS["inpainting"])
    with pytest.raises(UserError, match="evaluate --problem deblurring"):
        tables_of(PROBLEMS["deblurring"], tmp_path)


def test_batches_are_compared_as_multiples_of_ordinary_training(tmp_path: Path) -> None:
    (tmp_path / tables.SECONDS).write_text(
        "problem,objective,batch,seconds\ndenoising,ord,16,2.0\ndenoising,jcb,16,5.0\n"
    )
    cells = tables.build("3", tmp_path).cells.set_index(["row", "column"])
    assert cells.loc[("Jcb", "Denoising"), "ours"] == 2.5
    assert cells.loc[("Smt-Adv", "Denoising"), "published"] == pytest.approx(46.81 / 0.49)
    assert cells.loc[("Smt-Grad", "Compressed sensing"), "published"] == pytest.approx(5.41 / 0.08)

"""Results that cannot be read: every page that shows some names the file in one sentence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.base.columns import TABLES
from tests.core import synthetic_inverse, synthetic_results, synthetic_studies
from tests.pages.apps import opened, reading

PAGES = {
    "tradeoff.py": ("super_resolution_strongest", {}),
    "attack_strength.py": ("attacks", {}),
    "certificates.py": ("certificates", {"part": "bounds"}),
    "tables.py": ("super_resolution", {"table": "4.1"}),
    "linear_results.py": ("inverse_problems", {"part": "noise"}),
    "digits.py": ("digits_attacks", {}),
}
OBSTACLES = ("a folder", "unreadable", "flipped", "without a column", "another kind")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    synthetic_results.fill(folder)
    synthetic_studies.fill(folder)
    synthetic_inverse.write(folder)
    pd.DataFrame({name: [1] for name in TABLES["digits_attacks"]}).to_parquet(
        folder / "digits_attacks.parquet"
    )
    return folder


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_a_table_that_cannot_be_read_is_one_sentence(
    page: str, obstacle: str, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, query = PAGES[page]
    for source in filled.glob("*.parquet"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    path = tmp_path / f"{table}.parquet"
    content, rows = path.read_bytes(), pd.read_parquet(path)
    path.unlink()
    if obstacle == "a folder":
        path.mkdir()
    elif obstacle == "unreadable":
        path.symlink_to("/proc/self/mem")
    elif obstacle == "flipped":
        path.write_bytes(content[:-100] + bytes(100))
    else:
        name = "epsilon" if "epsilon" in rows else "eps_rel"
        wrong = rows.drop(columns=name) if obstacle == "without a column" else rows.assign(**{name: "a text"})
        wrong.to_parquet(path)
    with reading(tmp_path, monkeypatch):
        app = opened(page, **query)
    assert [each.value for each in app.error if path.name in each.value], [each.value for each in app.error]


@pytest.mark.parametrize("page", PAGES)
def test_a_results_folder_with_too_long_a_name_is_one_sentence(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(tmp_path / ("x" * 300), monkeypatch):
        app = opened(page, **PAGES[page][1])
    assert "give a shorter name" in app.error[0].value

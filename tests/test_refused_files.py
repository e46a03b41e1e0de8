"""Files and folders that the system refuses, or that hold something else: one sentence names them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from core.base.columns import NUMBER, TABLES, TEXT, TRUTH, WHOLE
from core.base.errors import UserError
from core.commands import application
from core.results import store
from core.results.store import Store
from core.zoo import checkpoints, uploads
from tests.command_line import said
from tests.conftest import untrained_checkpoint
from tests.core import synthetic_inverse, synthetic_results, synthetic_studies
from tests.pages.apps import reading

ROOT = Path(__file__).resolve().parent.parent
PAPER = ["--problem", "denoising"]
READERS = {
    "tables": ["tables", "4.1"], "norms": ["tables", "A.1"], "curves": ["curves"], "findings": ["findings"],
    "attacks": ["study", "attacks"], "certificates": ["study", "certificates"],
    "inverse tables": ["tables", *PAPER], "inverse curves": ["curves", *PAPER, "--setting", "10"],
    "inverse findings": ["findings", *PAPER], "general tables": ["tables", "--problem", "inpainting"],
    "general curves": ["curves", "--problem", "inpainting"], "digits": ["findings", "--problem", "digits"],
    "digits tables": ["tables", "--problem", "digits"],
}  # fmt: skip
"""Commands that only read the store."""

OWN = {"evaluations": ("share",)}
"""Columns that one problem alone has."""

UNREADABLE = Path("/proc/self/mem")
"""A file that even the superuser cannot read from its beginning."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table, with no column but those that are declared."""
    folder = tmp_path_factory.mktemp("results")
    synthetic_results.fill(folder, factors=(2, 4))
    synthetic_studies.fill(folder)
    synthetic_inverse.write_general(folder)
    for name, columns in TABLES.items():
        path = folder / f"{name}.parquet"
        source = path if path.exists() else store.RESULTS / path.name
        if not source.exists():  # nobody has evaluated that yet
            continue
        pd.read_parquet(source)[[*columns, *OWN.get(name, ())]].to_parquet(path, index=False)
    return folder


def words_of(reader: str, folder: Path) -> list[str]:
    """The command."""
    return [*READERS[reader], "--results", str(folder)]


@pytest.mark.parametrize("reader", READERS)
def test_the_declared_columns_are_all_that_is_read(
    reader: str, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(filled, monkeypatch):
        done = CliRunner().invoke(application, words_of(reader, filled), catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout


EXAMPLES = {TEXT: ["a"], WHOLE: [1], NUMBER: [0.5], TRUTH: [True]}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_another_kind_is_one_sentence(table: str, tmp_path: Path) -> None:
    where = Store(table, tmp_path)
    right = pd.DataFrame({name: EXAMPLES[kind] for name, kind in TABLES[table].items()})
    right.to_parquet(where.path)
    assert len(where.read()) == 1
    for name, kind in TABLES[table].items():
        others = [right.assign(**{name: EXAMPLES[other]}) for other in EXAMPLES if other != kind]
        for wrong in (right.drop(columns=name), *others[: 2 if kind == NUMBER else 3]):
            if kind == NUMBER and name in wrong and wrong[name].dtype.kind == "i":
                continue  # a whole number is a number
            wrong.to_parquet(where.path)
            with pytest.raises(UserError, match=f"{table}.parquet has no column {name} of {kind}: "):
                where.read()
            with pytest.raises(UserError, match=f"has no column {name}"):
                where.read([name])


@pytest.mark.parametrize("table", [name for name in TABLES if Store(name).path.exists()])
def test_the_shipped_tables_are_of_this_version(table: str) -> None:
    assert len(Store(table).read())


def test_flipped_bytes_are_damage_and_not_other_numbers(tmp_path: Path) -> None:
    where = Store("super_resolution", tmp_path)
    synthetic_results.fill(tmp_path, images=2)
    before, content = where.read(), where.path.read_bytes()
    for place in range(0, len(content), len(content) // 150):
        where.path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        with suppress(UserError):
            pd.testing.assert_frame_equal(where.read(), before)


# -- what the system refuses ---------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("obstacle", ["a file", "a folder", "unreadable", "too long"])
def test_results_that_cannot_be_read_are_one_sentence(
    reader: str, obstacle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    if obstacle == "a file":
        folder.write_text("not a folder", encoding="utf-8")
    elif obstacle == "too long":
        folder = tmp_path / ("x" * 300)
    else:
        folder.mkdir()
        for table in TABLES:
            path = folder / f"{table}.parquet"
            path.symlink_to(UNREADABLE) if obstacle == "unreadable" else path.mkdir()
    with reading(folder, monkeypatch):
        sentence = said(*words_of(reader, folder))
    assert sentence.startswith(f"error: {tmp_path}")
    assert "could not be used" in sentence
    assert sentence.count("\n") == 1


@pytest.mark.parametrize("words", [["findings"], ["findings", *PAPER]])
def test_an_output_that_cannot_be_written_is_one_sentence(
    words: list[str], filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for output, sentence in (
        ("", "is a folder"), ("/", "is a folder"), (str(tmp_path), "is a folder"),
        (str(tmp_path / "file" / "findings.md"), "could not be used"),
        (str(tmp_path / ("x" * 300)), "give a shorter name"),
    ):  # fmt: skip
        refused = said(*words, "--results", str(filled), "--output", output)
        assert sentence in refused
        assert refused.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if path.name != "file"]


def test_a_network_that_cannot_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    untrained_checkpoint("sr-x2-std", tmp_path)
    (tmp_path / "sr-x2-rs-0.10.safetensors").symlink_to(UNREADABLE)
    (tmp_path / "sr-x2-rs-0.20.safetensors").mkdir()
    good, bad = checkpoints.find(tmp_path)
    assert [each.name for each in good] == ["sr-x2-std"]
    assert len(bad) == 2
    for name, sentence in zip(("sr-x2-rs-0.10", "sr-x2-rs-0.20"), bad, strict=True):
        assert f"{name}.safetensors could not be used" in sentence
        assert "damaged" not in sentence


def test_checkpoints_in_a_file_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = said("run", "--checkpoints", str(tmp_path / "file"))
    assert "name a folder, not a file" in sentence


def _no_room() -> None:
    """No file may grow: as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize(
    ("words", "status"), [(["models", "--json"], 2), (["findings", "--output", "findings.md"], 2)]
)
def test_a_full_disk_is_one_sentence(words: list[str], status: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", *words], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, check=False, preexec_fn=_no_room,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_an_upload_without_room_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untrained_folder: Path
) -> None:
    monkeypatch.setattr(uploads.tempfile, "tempdir", str(tmp_path / "gone"))
    content = (untrained_folder / "sr-x2-std.safetensors").read_bytes()
    with pytest.raises(UserError, match="could not be used"):
        uploads.add(content, "mine.safetensors")

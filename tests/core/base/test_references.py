"""The publications: one file, complete entries, each named where it is implemented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from core.base import references
from core.base.references import FILE, PAPER, THESIS, cite

ROOT = Path(__file__).resolve().parents[3]
KEY = re.compile(r"``([a-z]+(?:\d{4}|-page))``")


def test_every_entry_is_read_whole() -> None:
    known = references.references()
    assert len(known) == FILE.read_text().count("\n@")
    assert {THESIS, PAPER} <= known.keys()
    for key, reference in known.items():
        assert reference.title, key
        assert reference.where, key
        assert reference.note, key
        if reference.authors:
            assert key == f"{key.rstrip('0123456789')}{reference.year}"
            assert reference.authors[0].lower().startswith(key.rstrip("0123456789"))
            assert reference.url.startswith("https://"), key


def test_citations_name_author_and_year_and_lead_there() -> None:
    assert cite(THESIS).startswith("[Patsatzi 2023](https://github.com/")
    assert cite(PAPER).startswith("[Sun & Scarlett 2024](https://")
    assert cite("digits-page") == "Adversarial Training and Randomized Smoothing"
    with pytest.raises(KeyError):
        cite("nobody1900")


def test_docstrings_name_the_publications_that_there_are_and_all_of_them() -> None:
    named = set()
    for path in (ROOT / "core").rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                named |= set(KEY.findall(ast.get_docstring(node) or ""))
    assert named == references.references().keys()


def test_the_readme_leads_to_the_thesis_and_the_paper() -> None:
    top = (ROOT / "README.md").read_text()[:4000]
    for key in (THESIS, PAPER):
        reference = references.references()[key]
        assert reference.url in top
        assert reference.year in top
        assert reference.title in re.sub(r"\s+", " ", top)

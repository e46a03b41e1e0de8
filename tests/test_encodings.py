"""Text is UTF-8 wherever the app reads and writes it, and replaced where a terminal cannot show it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import call

ROOT = Path(__file__).resolve().parent.parent
TEXT = ("read_text", "write_text")


def without_encoding(source: str) -> Iterator[int]:
    """Lines that open text without saying its encoding, which then is the machine's."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or any(word.arg == "encoding" for word in node.keywords):
            continue
        called = node.func
        plain_open = isinstance(called, ast.Name) and called.id == "open"
        of_path = isinstance(called, ast.Attribute) and called.attr in TEXT
        binary = any(isinstance(each, ast.Constant) and "b" in str(each.value) for each in node.args[1:2])
        if of_path or (plain_open and not binary):
            yield node.lineno


@pytest.mark.parametrize("folder", ["core", "pages", "."])
def test_every_text_says_its_encoding(folder: str) -> None:
    paths = (ROOT / folder).glob("*.py") if folder == "." else (ROOT / folder).rglob("*.py")
    ours = [path for path in paths if "node_modules" not in path.parts]
    found = {str(path): [*without_encoding(path.read_text(encoding="utf-8"))] for path in ours}
    assert found
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_test_above_can_fail() -> None:
    assert [*without_encoding('open("x")\nPath("x").read_text()\nopen("x", "rb")\n')] == [1, 2]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
@pytest.mark.parametrize("words", ["study attacks", "tables 4.1", "run --help", "run --image ĝ"])
def test_a_terminal_that_cannot_show_a_letter_shows_another(words: str, encoding: str) -> None:
    done = call(*words.split(), encoding=encoding)
    assert "Error" not in done.stderr
    assert done.returncode == (2 if "--image" in words else 0)

"""The page that says where everything of the documents is: complete, and what it names is there."""

from __future__ import annotations

import importlib
import re

import pytest

from core.problems.names import Identity
from core.reports.documents import table_named
from core.reports.publications import FIGURES
from core.training.recipes import recipe
from docs.generate import coverage, reference

ITEMS = [item for found in coverage.items().values() for item in found]
NUMBER = re.compile(r"(?:([A-Z\d])\.)?(\d+)(?: to (?:[A-Z\d]\.)?(\d+))?")


def numbered(title: str) -> set[str]:
    """Equations that rows of a chapter name before their colon, ranges written out."""
    found = set()
    for item in coverage.items()[title]:
        said = item.what.partition(":")[0].replace("slides, eqs", "")
        for chapter, first, last in NUMBER.findall(
            re.sub(r"(Definition|Corollary|Algorithms?) [\d., ]+", "", said)
        ):
            found |= {f"{chapter}.{n}".lstrip(".") for n in range(int(first), int(last or first) + 1)}
    return found


def test_every_equation_has_a_row() -> None:
    thesis = {"1.1", *(f"2.{n}" for n in range(1, 9)), *(f"4.{n}" for n in range(1, 6))}
    thesis |= {f"A.{n}" for n in range(1, 19)}
    assert numbered("The thesis: equations") == thesis
    assert numbered("The paper: equations and algorithms") == {str(n) for n in range(1, 18)}
    paper = " ".join(item.what for item in coverage.items()["The paper: equations and algorithms"])
    assert all(word in paper for word in ("Algorithm 1", "Algorithm 2", "Algorithms 3, 4", "Corollary 3.2"))


def test_what_is_partly_there_says_what_is_less_and_what_is_missing_why() -> None:
    for item in ITEMS:
        assert item.state == "whole" or len(item.state.partition(": ")[2]) > 10, item.what
        assert item.cannot or item.command, item.what


@pytest.mark.parametrize("code", dict.fromkeys(item.code for item in ITEMS if item.code))
def test_code_that_is_named_is_there(code: str) -> None:
    module, _, name = code.partition(":")
    assert hasattr(importlib.import_module(f"core.{module}"), name)


@pytest.mark.parametrize("command", dict.fromkeys(item.command for item in ITEMS if item.command))
def test_commands_that_are_named_are_there(command: str) -> None:
    words = command.removeprefix("python -m core ").split()
    page = "-".join(words[:2] if words[0] == "study" else words[:1])
    options = reference.COMMANDS[page]()
    if words[0] in ("figures", "tables"):
        assert words[1] in FIGURES if words[0] == "figures" else table_named(words[1])
    for word in words[1:]:
        if word.startswith("--"):
            assert f"`{word}`" in options or f", {word}`" in options
        elif Identity.read(word) is not None:
            recipe(word)


def test_every_document_is_on_one_of_the_pages() -> None:
    shown = coverage.coverage() + coverage.coverage_of_others()
    assert [title for title in coverage.items() if f"## {title}\n" not in shown] == []
    assert shown.count("## ") == len(coverage.items())

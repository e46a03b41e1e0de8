"""Addresses that name a choice and leave it empty (“?factor=”) mean its default, on every page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.core import synthetic_results, synthetic_studies
from tests.pages.apps import calm, opened, reading

VIEWS: list[tuple[str, dict[str, str]]] = [
    *(("tradeoff.py", {"part": part}) for part in ("curves", "plane", "noise")),
    *(("attack_strength.py", {"part": part}) for part in ("compare", "effort")),
    *(("certificates.py", {"part": part}) for part in ("bounds", "reach")),
    ("tables.py", {"table": "4.1"}),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    synthetic_results.fill(folder, factors=(2, 4))
    synthetic_studies.fill(folder)
    return folder


@pytest.fixture
def results(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(filled, monkeypatch) as folder:
        yield folder


def shown(app: AppTest) -> dict[str, object]:
    """What every control shows now, by its parameter."""
    return {
        element.key.rpartition(".")[2]: element.value
        for kind in ("button_group", "segmented_control", "select_slider", "slider", "selectbox", "toggle")
        for element in app.get(kind)
    }


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=lambda part: str(part))
def test_an_emptied_parameter_means_the_default(page: str, query: dict[str, str], results: Path) -> None:
    usual = shown(calm(opened(page, **query)))
    assert usual.keys() >= query.keys()
    assert len(usual) > 1
    for name in usual.keys() - query.keys():
        expected = {**usual, name: []} if isinstance(usual[name], list) else usual  # of many, none is lawful
        assert shown(calm(opened(page, **{**query, name: ""}))) == expected, name


@pytest.mark.parametrize("page", sorted({page for page, _ in VIEWS}))
def test_an_emptied_view_is_the_first_one(page: str, results: Path) -> None:
    usual = shown(calm(opened(page)))
    name = next(query for other, query in VIEWS if other == page)
    assert shown(calm(opened(page, **dict.fromkeys(name, "")))) == usual

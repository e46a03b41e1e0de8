"""“The thesis” and “the paper” are named and linked wherever a page speaks of them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.base.references import PAPER, THESIS, cite, references
from tests.pages import apps


def words(app: AppTest) -> str:
    """All that stands on the page, help texts of its controls included."""
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    controls = [*app.toggle, *app.button, *app.selectbox, *app.button_group]
    return " ".join([*(part.value for part in parts), *(control.help or "" for control in controls)])


@pytest.mark.parametrize(
    ("page", "query", "key"),
    [
        ("tables.py", {}, THESIS),
        ("tables.py", {"table": "A.2"}, THESIS),
        ("attack_strength.py", {}, THESIS),
        ("attack_strength.py", {"look": "norms"}, THESIS),
        ("tradeoff.py", {"attack": "thesis", "part": "curves"}, THESIS),
        ("certificates.py", {}, PAPER),
        ("linear_results.py", {"part": "noise"}, PAPER),
        ("linear_results.py", {"part": "tables"}, PAPER),
    ],
)
def test_a_page_that_speaks_of_a_publication_links_it(page: str, query: dict[str, str], key: str) -> None:
    app = apps.calm(apps.opened(page, **query))
    assert cite(key) in words(app)


def test_every_publication_is_named_on_about() -> None:
    app = apps.calm(apps.opened("about.py"))
    assert f"“The thesis” is {cite(THESIS)}, “the paper” {cite(PAPER)}" in app.markdown[0].value
    listed = app.markdown[1]
    for reference in references().values():
        assert reference.title in listed.value
        assert reference.url in listed.value


def test_a_figure_of_the_publications_is_drawn_when_it_is_chosen() -> None:
    app = apps.calm(apps.opened("tables.py"))
    assert not app.get("download_button")[2:]
    app.selectbox(key="tables.drawn").set_value("3.2").run()
    assert any("python -m core figures 3.2" in text.value for text in apps.calm(app).caption)
    assert app.get("download_button")[2].proto.label == "PDF"

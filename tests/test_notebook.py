"""The example notebook runs, and shows a run in the pages' own viewer."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.driver import chromium, headless

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.browser
def test_the_example_runs_and_its_pictures_are_drawn_without_a_network() -> None:
    notebook = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    results = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in results if output.output_type == "error"]
    (shown,) = (output.data["text/html"] for output in results if "text/html" in output.get("data", {}))
    assert any("smoothed" in output.get("text", "") for output in results)
    if chromium() is None:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the browser tests")
    with headless() as browser:
        page = browser.new_context(offline=True).new_page()
        page.set_content(shown)
        frame = page.frame_locator("iframe")
        frame.locator(".viewer[data-drawn]").wait_for()
        assert frame.locator("canvas").count() > 8

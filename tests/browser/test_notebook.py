"""The example notebook runs, and shows a run in the pages' own viewer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read("docs/notebook.ipynb", as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": "."}}).execute()
nbformat.write(notebook, sys.argv[1])
"""

pytestmark = pytest.mark.browser


def test_the_example_runs_and_its_pictures_are_drawn_without_a_network(
    tmp_path: Path, browser: Browser
) -> None:
    subprocess.run([sys.executable, "-c", RUN, tmp_path / "run.ipynb"], cwd=ROOT, check=True, timeout=300)
    cells = nbformat.read(tmp_path / "run.ipynb", as_version=4).cells
    results = [output for cell in cells for output in cell.get("outputs", [])]
    (shown,) = (output.data["text/html"] for output in results if "text/html" in output.get("data", {}))
    assert any("smoothed" in output.get("text", "") for output in results)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_content(shown)
    frame = page.frame_locator("iframe")
    frame.locator(".viewer[data-drawn]").wait_for()
    assert frame.locator("canvas").count() > 8
    context.close()

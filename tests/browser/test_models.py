"""Selecting a network by a click, and adding one, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.problems.names import OWN
from tests.browser.driver import IDLE, wait_drawn
from tests.conftest import untrained_checkpoint

pytestmark = pytest.mark.browser

HEADING, ROW = 35, 30  # pixels


def click_row(page: Page, number: int) -> None:
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 17, box["y"] + HEADING + ROW * (number + 0.5))


def test_a_click_selects_and_an_added_network_reaches_the_live_lab(
    page: Page, address: str, tmp_path: Path
) -> None:
    page.goto(f"{address}/networks?network=sr-x2-rs-0.10")
    page.wait_for_selector(".js-plotly-plot")
    page.wait_for_selector(IDLE)
    click_row(page, 0)
    page.wait_for_url(re.compile("network=sr-x2-std"))
    expect(page.get_by_text("from random weights")).to_be_visible()

    mine = untrained_checkpoint("sr-x2-rs-0.15", tmp_path, seed=11)
    page.get_by_role("button", name="Add your own").click()
    page.locator("input[type=file]").set_input_files(mine)
    expect(page.get_by_text("Added as")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(f"network=sr-x2-rs-0.15{OWN}"))
    page.wait_for_selector(IDLE)
    page.get_by_role("button", name="Open in the Lab").click()
    page.wait_for_url(re.compile(f"checkpoint=sr-x2-rs-0.15{OWN}"))
    wait_drawn(page)
    # The slider σ_f gives way to what the file says.
    expect(page.get_by_text("Noise in its training: 0.15")).to_be_visible()

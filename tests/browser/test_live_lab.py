"""A person's way through the Live lab, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.browser.driver import wait_drawn
from tests.browser.pictures import pngs

pytestmark = pytest.mark.browser

SCENARIO = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"), samples=5)


def open_lab(page: Page, address: str, scenario: Scenario = SCENARIO) -> None:
    page.goto(f"{address}/lab?{urlencode(scenario.to_query())}")


def in_url(page: Page) -> Scenario:
    return Scenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))


def slider(page: Page, label: str):
    return page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider")


def pictures(page: Page) -> list[str]:
    return list(pngs(page).values())


def test_attack_compare_share_and_reopen(page: Page, browser: Browser, address: str) -> None:
    outside: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else outside.append(r.url)
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    before = pictures(page)
    assert len(before) == 18
    assert len(set(before)) > 12

    thumb = slider(page, "Attack strength")
    for _ in range(12):
        thumb.press("ArrowRight")
    # The adversarially trained network follows ε.
    stronger = SCENARIO.replace(eps_rel=0.05, compare=("sr-x2-std", "sr-x2-adv-0.05"))
    wait_drawn(page, stronger.key())
    assert in_url(page) == stronger
    after = pictures(page)
    assert after[0] == before[0], "the ground truth stays"
    assert after[2:8] != before[2:8]

    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stPopoverBody").locator("code").first.inner_text()
    command = page.get_by_test_id("stPopoverBody").locator("code").nth(1).inner_text()
    assert command == stronger.to_command()
    page.keyboard.press("Escape")
    figures = page.get_by_test_id("stTable").inner_text()

    elsewhere = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    elsewhere.goto(link)
    wait_drawn(elsewhere, stronger.key())
    assert elsewhere.get_by_test_id("stTable").inner_text() == figures
    assert pictures(elsewhere) == after
    elsewhere.context.close()
    assert outside == []
    assert problems == []


def test_a_second_move_cancels_the_first_run(page: Page, address: str) -> None:
    """The first run would take minutes; the change must be drawn long before that."""
    endless = SCENARIO.replace(samples=100_000, seed=1)
    open_lab(page, address, endless)
    expect(page.get_by_role("progressbar").or_(page.get_by_test_id("stProgress")).first).to_be_visible(
        timeout=60_000
    )
    expect(page.get_by_text(re.compile("Smoothing (clean|attacked)"))).to_be_visible(timeout=60_000)
    page.get_by_text("Smoothing and seed").click()
    samples = page.get_by_test_id("stSelectbox").filter(has_text="Samples k").locator("input")
    page.wait_for_timeout(500)  # the expander is still growing: a list opened now would close again
    samples.scroll_into_view_if_needed()
    samples.click()
    expect(page.get_by_role("listbox")).to_be_visible()
    samples.fill("5")
    page.get_by_role("option", name="5", exact=True).click()
    wait_drawn(page, endless.replace(samples=5).key(), timeout=30_000)
    assert in_url(page).samples == 5

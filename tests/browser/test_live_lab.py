"""A person's way through the Live lab, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.scenario import Scenario
from tests.browser.driver import wait_drawn

pytestmark = pytest.mark.browser

SCENARIO = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"), samples=5)


def open_lab(page: Page, address: str, scenario: Scenario = SCENARIO) -> None:
    page.goto(f"{address}/?{urlencode(scenario.to_query())}")


def in_url(page: Page) -> Scenario:
    return Scenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))


def slider(page: Page, label: str):
    return page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider")


def pictures(page: Page) -> list[str]:
    return page.locator(".panels canvas").evaluate_all("nodes => nodes.map(node => node.dataset.source)")


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
    stronger = SCENARIO.replace(eps_rel=0.05)
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
    expect(page.get_by_role("progressbar").or_(page.get_by_test_id("stProgress")).first).to_be_visible()
    expect(page.get_by_text(re.compile("Smoothing (clean|attacked)"))).to_be_visible()
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


def test_pictures_are_drawn_pixel_by_pixel_and_open_large(page: Page, address: str) -> None:
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    exact = page.evaluate(
        """async () => {
            const roots = [...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean);
            const drawn = [document, ...roots].flatMap(r => [...r.querySelectorAll('.panels canvas')])[4];
            const image = new Image();
            image.src = drawn.dataset.source;
            await image.decode();
            const small = Object.assign(document.createElement('canvas'), {width: 160, height: 160});
            const source = small.getContext('2d');
            source.drawImage(image, 0, 0);
            const scale = drawn.width / 160;
            const large = drawn.getContext('2d');
            for (const [x, y] of [[0, 0], [159, 159], [80, 40], [13, 150]]) {
                const want = source.getImageData(x, y, 1, 1).data.join();
                for (const dx of [0, scale - 1]) for (const dy of [0, scale - 1]) {
                    const got = large.getImageData(x * scale + dx, y * scale + dy, 1, 1).data.join();
                    if (got !== want) return `${x},${y}: ${got} is not ${want}`;
                }
            }
            return Number.isInteger(scale) && scale >= 2 ? 'exact' : `scale ${scale}`;
        }"""
    )
    assert exact == "exact"
    page.locator("button.picture").nth(4).focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Standard training")
    # 720 pixels of window leave room for three times 160; each picture pixel gets a whole square.
    page.wait_for_function(
        """() => [...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean)
            .some(r => r.querySelector('dialog[open] canvas')?.width === 480)"""
    )
    assert dialog.locator("canvas").evaluate("canvas => canvas.clientWidth") == 480
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Adversarial training")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_accessible_in_light_and_dark(browser: Browser, address: str) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
        open_lab(page, address)
        wait_drawn(page, SCENARIO.key())
        found = Axe().run(page).response["violations"]
        grave = [
            f"{violation['id']}: {violation['nodes'][0]['html'][:150]}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]
        page.close()
        assert grave == [], scheme

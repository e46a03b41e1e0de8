"""A person's way through the Lab, in a real browser."""

from __future__ import annotations

import itertools
import os
import re
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.browser.driver import quiet, settled, wait_drawn
from tests.browser.pictures import pngs

pytestmark = pytest.mark.browser

PATIENCE = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""How much longer things may take where others use the machine."""
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
    assert len(before) == 23
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
    figures = page.get_by_test_id("stTable").first.text_content()

    elsewhere = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    elsewhere.goto(link)
    wait_drawn(elsewhere, stronger.key())
    assert elsewhere.get_by_test_id("stTable").first.text_content() == figures
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
    page.get_by_text("More: networks, crop, attack, samples").click()
    samples = page.get_by_test_id("stSelectbox").filter(has_text="Samples k").locator("input")
    page.wait_for_timeout(500)  # the expander is still growing: a list opened now would close again
    samples.scroll_into_view_if_needed()
    samples.click()
    expect(page.get_by_role("listbox")).to_be_visible()
    samples.fill("5")
    page.get_by_role("option", name="5", exact=True).click()
    wait_drawn(page, endless.replace(samples=5).key(), timeout=30_000)
    assert in_url(page).samples == 5


def verdict(page: Page) -> Locator:
    return page.locator(".st-key-lab_status")


def card(page: Page, title: str) -> Locator:
    return page.locator(".card").filter(has=page.locator(".card-title", has_text=title))


def number(page: Page, title: str) -> float:
    shown = card(page, title).locator(".number")
    return float(shown.inner_text().removesuffix(" dB"))


def test_the_story_with_the_mouse_alone(browser: Browser, address: str) -> None:
    """From opening: standard broke, smoothing seemed to hold, and broke too when it was attacked itself."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    began = time.monotonic()
    page.goto(address)
    wait_drawn(page)
    expect(verdict(page)).to_contain_text("standard training falls below interpolation")
    expect(verdict(page)).to_contain_text("but nobody has attacked ĝ itself yet")
    expect(card(page, "Standard").locator(".below")).to_be_visible(timeout=30_000)
    floor, seemed = number(page, "Interpolation"), number(page, "Smoothed")
    while number(page, "Standard") >= floor:  # the attack plays once, and its first steps take little
        assert time.monotonic() - began < 30 * PATIENCE
        page.wait_for_timeout(100)
    assert floor < seemed
    page.get_by_role("button", name="Now attack the defence").click()
    expect(verdict(page)).to_contain_text(
        "standard training and smoothing fall below interpolation", timeout=30_000
    )
    expect(card(page, "Smoothed").locator(".below")).to_be_visible(timeout=30_000)
    print(f"\nthe story took {time.monotonic() - began:.1f} s")
    assert number(page, "Smoothed") < number(page, "Interpolation") < seemed
    assert time.monotonic() - began < 30 * PATIENCE
    page.close()


def test_the_compared_picture_is_large_and_the_story_needs_no_scrolling(
    browser: Browser, address: str
) -> None:
    for width, height, least in ((1280, 720, 560), (1920, 1080, 900)):
        page = browser.new_page(viewport={"width": width, "height": height})
        open_lab(page, address)
        wait_drawn(page, SCENARIO.key())
        box = settled(page.locator(".view"))
        thumbs = [settled(page.locator(".card canvas").nth(n)) for n in range(4)]
        pixels = sum(each["width"] * each["height"] for each in (box, *thumbs))
        share = pixels / (width * height)
        print(
            f"\n{width}×{height}: compared picture {box['width']:.0f} px, pictures {share:.0%} of the screen"
        )
        assert min(box["width"], box["height"]) >= least
        assert share >= 0.35
        for part in (".st-key-lab_status", ".film", ".cards"):
            shown = settled(page.locator(part))
            assert shown["y"] >= 0
            assert shown["y"] + shown["height"] <= height, part
            assert shown["x"] + shown["width"] <= width, part
        page.close()


def test_on_a_phone_the_stage_comes_first_and_nothing_overlaps(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    parts = [
        ".st-key-lab_status",
        ".views",
        ".film",
        *(f".card >> nth={n}" for n in range(4)),
        ".st-key-lab_rail",
    ]
    boxes = {part: settled(page.locator(part)) for part in parts}
    for (one, a), (two, b) in itertools.combinations(boxes.items(), 2):
        apart = (
            a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
            or a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
        )  # fmt: skip
        assert apart, f"{one} and {two} overlap"
    for part, box in boxes.items():
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 390, part
    tops = [boxes[part]["y"] for part in (".views", ".film", ".card >> nth=0", ".st-key-lab_rail")]
    assert tops == sorted(tops)
    page.close()


SMALL = """() => {
  const found = [];
  const visit = (node) => {
    if (node.shadowRoot) visit(node.shadowRoot);
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) {
        const at = child.parentElement ?? node.host;
        const size = parseFloat(getComputedStyle(at).fontSize);
        if (at.checkVisibility() && size < 14) found.push(`${size} px: ${child.data.slice(0, 40)}`);
      } else if (child.nodeType === Node.ELEMENT_NODE && !/^S(TYLE|CRIPT)$/.test(child.tagName)) visit(child);
    }
  };
  visit(document.querySelector(".st-key-lab"));
  return found;
}"""


def test_no_text_is_small(page: Page, address: str) -> None:
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    assert page.evaluate(SMALL) == []


def test_full_screen_keeps_strength_switch_and_cards_and_is_large(page: Page, address: str) -> None:
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    page.locator(".view").click()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    assert settled(page.locator(".view"))["width"] >= 640
    for part in (".said", ".film", ".switch", *(f".card >> nth={n}" for n in range(4))):
        box = settled(page.locator(part))
        assert box["y"] + box["height"] <= 720, part
    sizes = {
        part: page.locator(part).first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        for part in (".card-title", ".lost", ".said", ".step", ".number")
    }
    assert min(sizes.values()) >= 20
    assert sizes[".number"] >= 32
    page.locator(".switch button", has_text="f alone").click()
    expect(page.locator(".said")).to_contain_text("nobody has attacked ĝ itself yet", timeout=30_000)
    assert page.evaluate("document.fullscreenElement !== null")


def test_a_card_is_compared_by_a_click_and_its_perturbation_is_shown(page: Page, address: str) -> None:
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    before = pngs(page)["perturbation"]
    card(page, "Adversarial").locator(".pick").click()
    expect(page.locator(".name.right")).to_contain_text("Adversarial training")
    page.wait_for_function("location.search.includes('b=adversarial')")
    page.wait_for_function(
        "([root, before]) => root.viewer.panel('perturbation').png !== before",
        arg=[page.locator(".viewer").element_handle(), before],
    )
    card(page, "Interpolation").locator(".pick").click(modifiers=["Shift"])
    expect(page.locator(".view .name.left")).to_contain_text("Interpolation")


def test_strengths_are_scrubbed_without_waiting_and_the_page_follows(page: Page, address: str) -> None:
    open_lab(page, address)
    wait_drawn(page, SCENARIO.key())
    quiet(page)
    page.locator(".tabs button", has_text="ε_rel 0.02").click()
    last = page.locator(".viewer").evaluate("root => root.viewer.data.exhibit.strength.labels.length - 1")
    frames = page.locator(".viewer").evaluate(
        """async (root, last) => {
            let drawn = 0;
            const began = performance.now();
            for (let round = 0; round < 3; round += 1) {
                for (let place = 0; place <= last; place += 1) {
                    root.viewer.scrub(place);
                    await new Promise(requestAnimationFrame);
                    drawn += 1;
                }
            }
            return drawn / ((performance.now() - began) / 1000);
        }""",
        last,
    )
    print(f"\nscrubbing at {frames:.0f} frames a second")
    assert frames >= 30 / PATIENCE
    assert number(page, "Standard") < 10
    page.locator(".film input").focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.search.includes('eps_rel=0&') || location.search.endsWith('eps_rel=0')")
    expect(verdict(page)).to_contain_text("Without an attack")

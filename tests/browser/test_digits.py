"""Drawing a digit as a person does, in a real browser."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.problems.digits.problem import DRAWN, DigitsScenario
from tests.browser.driver import IDLE, settled

pytestmark = pytest.mark.browser

PAGE = "handwritten-digits"
SEVEN = [(0.28, 0.25), (0.72, 0.22), (0.62, 0.5), (0.5, 0.86)]


def wait_done(page: Page, scenario: DigitsScenario) -> None:
    page.wait_for_selector(f".st-key-digits_done_{scenario.key()}")
    page.wait_for_selector(IDLE)
    page.wait_for_selector(".card")  # a new browser still loads what draws it


def in_url(page: Page) -> DigitsScenario:
    return DigitsScenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_draw_answer_certificate_and_link(page: Page, browser: Browser, address: str) -> None:
    outside: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else outside.append(r.url)
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/{PAGE}")
    wait_done(page, DigitsScenario())

    stroke(page, SEVEN)
    cards = page.locator(".card")
    expect(cards.nth(2)).to_contain_text("stays 7; certified to R =")
    expect(cards.nth(2)).to_contain_text("of 1,000 votes for “7”")
    page.wait_for_selector(IDLE)
    drawn = in_url(page)
    assert drawn.image.startswith(DRAWN)
    assert len(drawn.strokes or ()) == 1
    wait_done(page, drawn)

    # A second stroke joins the first; nothing of it is lost while the page computes.
    stroke(page, [(0.4, 0.52), (0.8, 0.5)])
    page.wait_for_function(
        "before => new URLSearchParams(location.search).get('image') !== before", arg=drawn.image
    )
    twice = in_url(page)
    assert (twice.strokes or ())[:1] == drawn.strokes
    assert len(twice.strokes or ()) == 2
    wait_done(page, twice)
    said = cards.all_inner_texts()

    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stPopoverBody").locator("code").first.inner_text()
    assert page.get_by_test_id("stPopoverBody").locator("code").nth(1).inner_text() == twice.to_command()
    elsewhere = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    elsewhere.goto(link)
    wait_done(elsewhere, twice)
    assert elsewhere.locator(".card").all_inner_texts() == said
    # The pad shows the drawing there, and goes on from a clean sheet.
    assert elsewhere.locator(".pad canvas").evaluate(
        """c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data
            .some((value, i) => i % 4 === 0 && value > 200)"""
    )
    elsewhere.context.close()
    assert outside == []
    assert problems == []


def test_clear_takes_the_answers_with_it(page: Page, address: str) -> None:
    page.goto(f"{address}/{PAGE}?n=100")
    wait_done(page, DigitsScenario(samples=100))
    clear = page.locator(".pad").get_by_role("button", name="Clear")
    for _ in range(2):  # what was drawn on the cleared pad is cleared too
        clear.click()
        expect(page.get_by_text("The pad is empty")).to_be_visible()
        expect(page.locator(".card")).to_have_count(0)
        expect(page.locator(".js-plotly-plot")).to_have_count(0)
        page.wait_for_function("location.search.includes('image=drawn-&')")
        stroke(page, SEVEN)
        expect(page.locator(".card").nth(2)).to_contain_text("stays 7; certified to R =")
        drawn = in_url(page)
        assert len(drawn.strokes or ()) == 1
        wait_done(page, drawn)
    page.get_by_role("radio", name="4", exact=True).click()
    wait_done(page, DigitsScenario(samples=100, image="sample-4"))


def test_on_a_phone_the_pad_is_on_the_page_and_nothing_overlaps(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/{PAGE}")
    wait_done(page, DigitsScenario())
    places = [settled(page.locator(".pad canvas")), *map(settled, page.locator(".card").all())]
    places.append(settled(page.get_by_test_id("stSlider").first))
    assert len(places) == 5
    for above, below in pairwise(places):
        assert above["y"] + above["height"] <= below["y"]
    for place in places:
        assert 0 <= place["x"] < place["x"] + place["width"] <= 390
    bars = page.locator(".card .bars").all()
    assert all(box["x"] + box["width"] <= 390 for box in map(settled, bars))
    page.close()

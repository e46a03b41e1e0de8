"""Denoising & sensing in a real browser: pictures drawn, curves clicked, views accessible and reopened."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.problems import problem_of
from core.problems.denoising import DenoisingScenario
from core.problems.linear import LinearInverse, LinearScenario
from tests.browser.driver import wait_drawn
from tests.browser.test_pages import visit, what_is_shown

pytestmark = pytest.mark.browser

WHERE = "denoising-sensing"


@pytest.mark.parametrize(("part", "scheme"), [("noise", "dark"), ("tables", "light")])
def test_every_view_is_accessible(browser: Browser, address: str, part: str, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    visit(page, f"{address}/{WHERE}?part={part}")
    assert page.locator("[data-testid=stException]").count() == 0
    violations = Axe().run(page).response["violations"]
    page.close()
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []


def test_a_click_on_the_curves_opens_the_live_view_there(page: Page, address: str) -> None:
    visit(page, f"{address}/{WHERE}?part=noise&setting=2&strength=5")
    figure = page.locator(".js-plotly-plot").first
    figure.wait_for()
    point = figure.evaluate(
        """node => {
            const drawn = node.calcdata.find(([{trace}]) => trace.name.startsWith('Ord'));
            const {xaxis, yaxis} = node._fullLayout;
            const box = node.getBoundingClientRect();
            return {x: box.x + xaxis._offset + xaxis.c2p(drawn[1].x),
                    y: box.y + yaxis._offset + yaxis.c2p(drawn[1].y), told: drawn[1].data};
        }"""
    )
    page.mouse.move(point["x"], point["y"])
    page.mouse.click(point["x"], point["y"])
    page.wait_for_url(re.compile("checkpoint=dn-ord"))
    wait_drawn(page)
    scenario = DenoisingScenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))
    network, eps, sigma = point["told"]
    assert (scenario.checkpoint, scenario.sigma_b, scenario.eps) == (network, 2, eps)
    assert (scenario.sigma, scenario.samples) == (sigma, 50)
    assert page.locator(f".viewer[data-drawn='{scenario.key()}']").count() == 1


def test_controls_address_and_results_agree_after_another_problem_or_crop(page: Page, address: str) -> None:
    """The labels of ε and of the crop change with both; the browser knows a choice by its label."""
    page.goto(f"{address}/{WHERE}?checkpoint=dn-ord&eps=3&samples=1&attack_steps=0&size=66")
    query = {"eps": "3", "samples": "1", "attack_steps": "0", "size": "66"}
    expected = DenoisingScenario.from_query({"checkpoint": "dn-ord", **query})
    agree(page, expected)
    for problem, network in (("Compressed sensing", "cs-ord"), ("Denoising", "dn-ord")):
        page.get_by_role("combobox", name="Problem").click()
        page.get_by_role("option", name=problem).click()
        expected = problem_of(network).scenario.from_query({"checkpoint": network, **query})
        agree(page, expected)
    page.get_by_text("More: networks, crop, attack, samples").click()
    page.get_by_role("combobox", name="Crop").scroll_into_view_if_needed()  # scrolling would close the list
    page.wait_for_timeout(500)
    page.get_by_role("combobox", name="Crop").click()
    page.get_by_role("option", name="96×96").click()
    agree(page, expected.replace(size=96))


def agree(page: Page, expected: LinearScenario) -> None:
    """The pictures, the address and the controls are all of this scenario."""
    wait_drawn(page, expected.key())
    assert type(expected).from_query(dict(parse_qsl(urlsplit(page.url).query))) == expected
    problem = expected.problem
    assert isinstance(problem, LinearInverse)
    side = problem.side(expected)
    strength = page.get_by_test_id("stSlider").filter(has_text="Attack strength")
    expect(strength).to_contain_text(f"{expected.eps:g} grey levels = L2 {side * expected.eps / 255:.3g}")
    crop = page.get_by_role("combobox", name="Crop", include_hidden=True)
    expect(crop).to_have_value(f"{side}×{side}")


def test_a_shared_link_reopens_the_table(page: Page, browser: Browser, address: str) -> None:
    visit(page, f"{address}/{WHERE}?part=tables")
    page.locator("[data-testid=stButtonGroup]").get_by_text("4a", exact=True).click()
    page.wait_for_function("location.search.includes('table=4a')")
    page.get_by_role("combobox", name="Measure").click()
    page.get_by_role("option", name="discrepancy").click()
    page.wait_for_function("location.search.includes('quality=discrepancy')")
    chosen = what_is_shown(page)
    page.get_by_role("button", name="Share").click()
    link = page.locator("[data-testid=stCode]").first.inner_text()
    other = browser.new_page(viewport={"width": 1280, "height": 720})
    visit(other, link)
    assert what_is_shown(other) == chosen
    assert "Table 4a" in chosen
    other.close()

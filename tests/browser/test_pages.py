"""Every page: reachable by its address, accessible, asking nothing of the outside; and what joins them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.pictures import render
from core.problems.super_resolution import SUPER_RESOLUTION
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import Scene, Talk
from core.results.points import scenario_at
from pages.widgets.talk import talk_stage
from pages.widgets.viewer import viewer_data
from pages.widgets.viewer.viewer_data import Panel
from tests.browser.driver import IDLE, quiet, wait_drawn

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = re.findall(r'url_path="([^"]+)"', (ROOT / "app.py").read_text())
PATIENCE = 180_000
"""Milliseconds; the stage prepares its scenes first."""


SMALL = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
        const {width, height} = parent.getBoundingClientRect();
        const {fontSize, fontFamily} = getComputedStyle(parent);
        if (!text || width < 2 || height < 2 || fontFamily.includes("Material")) continue;
        if (["STYLE", "SCRIPT", "NOSCRIPT"].includes(parent.tagName)) continue;
        if (parseFloat(fontSize) < 13.9) found.push(`${fontSize} ${text}`);
    }
    return found;
}"""
"""Texts smaller than 14 pixels; what a canvas draws has none."""


def visit(page: Page, where: str) -> list[str]:
    """Open an address and wait until it is done; returns every address that was asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(where)
    page.wait_for_selector(IDLE, timeout=PATIENCE)
    page.wait_for_selector(
        ".stMainBlockContainer :is(h3, h4, .talk[data-scene], .st-key-lab_status p)", timeout=PATIENCE
    )
    page.wait_for_selector(IDLE, timeout=PATIENCE)
    if page.locator(".viewer").count():
        page.wait_for_selector(".viewer[data-drawn]", timeout=PATIENCE)
    if page.locator("[class*=st-key-digits_done]").count():
        page.wait_for_selector(".card", timeout=PATIENCE)
    return asked


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_opens_by_its_address_accessible_and_local(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme="light")
    where = "" if name == ADDRESSES[0] else name
    asked = visit(page, f"{address}/{where}")
    assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    assert page.get_by_text("Page not found").count() == 0
    grave, papers = {}, {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)
        page.wait_for_selector(IDLE)
        papers[scheme] = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        grave[scheme] = [
            (violation["id"], violation["nodes"][0]["html"][:200])
            for violation in Axe().run(page).response["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
    small = page.evaluate(SMALL) if name != "stage" else []
    page.close()
    assert small == []
    assert [url for url in asked if not url.startswith((f"{address}/", "data:", f"blob:{address}/"))] == []
    assert grave == {"light": [], "dark": []}
    assert papers["light"] != papers["dark"], "the page follows the system's scheme while it is open"


@pytest.mark.parametrize(
    "query",
    [
        {"smoothing": "0.4", "adversarial": "", "standard": ""},
        {"chart": "Robustness–accuracy"},
        {"part": "noise", "network": "sr-x2-rs-0.40"},
        {"part": "map"},
    ],
)
def test_a_click_on_a_point_opens_the_live_lab_there(page: Page, address: str, query: dict[str, str]) -> None:
    visit(page, f"{address}/trade-off?{urlencode(query)}")
    page.locator(".js-plotly-plot .scatterlayer .point").first.wait_for(state="attached")
    point, before = place_of_a_point(page), None
    while point != before:  # it is drawn anew at its final size
        page.wait_for_timeout(500)
        point, before = place_of_a_point(page), point
    left, shown = page.url, what_is_shown(page)
    page.mouse.move(point["x"], point["y"])
    page.wait_for_timeout(500)  # Plotly looks for what is below the pointer at its leisure
    page.mouse.click(point["x"], point["y"])
    page.wait_for_url(re.compile("/lab"))
    page.wait_for_selector(".viewer[data-drawn]", timeout=PATIENCE)
    opened = Scenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))
    assert point["told"][0] == "sr-x2-rs-0.40"
    assert opened == scenario_at(SUPER_RESOLUTION, point["told"][0], 2, *point["told"][1:])
    page.go_back()
    page.wait_for_selector(".js-plotly-plot")
    assert what_is_shown(page) == shown
    assert page.url == left


@pytest.mark.parametrize(
    ("left", "button", "opened"),
    [
        ("networks?network=sr-x2-rs-0.40", "Open in the Lab", "lab?"),
        ("networks?network=dn-adv", "Open in the Lab", "lab?checkpoint=dn-adv"),
        ("networks?network=digits-adv-sign", "Open in Digits", "handwritten-digits?attack=sign"),
    ],
)
def test_back_from_a_page_that_a_button_opened_is_the_page_that_was_left(
    page: Page, address: str, left: str, button: str, opened: str
) -> None:
    visit(page, f"{address}/{left}")
    page.get_by_role("button", name=button).click()
    page.wait_for_function("where => location.href.includes(where)", arg=f"/{opened}")
    page.wait_for_selector(IDLE, timeout=PATIENCE)
    if opened.startswith("lab"):  # what the exhibit still computes writes the address when it is done
        wait_drawn(page)
        quiet(page)
    page.go_back()
    page.wait_for_url(f"{address}/{left}")
    page.get_by_role("button", name=button).wait_for()
    page.wait_for_selector(IDLE, timeout=PATIENCE)
    assert page.url == f"{address}/{left}"


def place_of_a_point(page: Page) -> dict[str, Any]:
    """Where the middle one of a network's points is, and what it tells Python."""
    found: dict[str, Any] = page.locator(".js-plotly-plot").evaluate(
        """node => {
            const drawn = node.calcdata.filter(([first]) => Array.isArray(first?.data)
                && first.trace.type === 'scatter').flat().filter(({data}) => data[0] === 'sr-x2-rs-0.40');
            const {x, y, data} = drawn[drawn.length >> 1];
            const {xaxis, yaxis} = node._fullLayout;
            const box = node.getBoundingClientRect();
            return {x: box.x + xaxis._offset + xaxis.c2p(x), y: box.y + yaxis._offset + yaxis.c2p(y),
                    told: data};
        }"""
    )
    return found


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("trade-off", {"Heat map": "part=map", "×4": "setting=4"}),
        ("trade-off", {"Smoothing noise": "part=noise"}),
        ("thesis-tables", {"A.2": "table=A.2"}),
        ("attacks", {"APGD": "by=apgd", "Effort": "part=effort"}),
        ("bounds?part=bounds", {"Change of the output": "bounded=displacement"}),
    ],
)
def test_a_shared_link_reopens_the_view(
    page: Page, browser: Browser, address: str, name: str, choices: dict[str, str]
) -> None:
    visit(page, f"{address}/{name}")
    before = what_is_shown(page)
    for choice, said in choices.items():
        page.locator("[data-testid=stButtonGroup]").get_by_text(choice, exact=True).click()
        page.wait_for_function("text => location.search.includes(text)", arg=said)
        page.wait_for_selector(IDLE)
    page.wait_for_function("before => document.querySelector('.stMainBlockContainer').innerText !== before",
                           arg=before)  # fmt: skip
    chosen = what_is_shown(page)
    page.get_by_role("button", name="Share").click()
    link = page.locator("[data-testid=stCode]").first.inner_text()
    other = browser.new_page(viewport={"width": 1280, "height": 720})
    visit(other, link)
    other.wait_for_function("text => document.querySelector('.stMainBlockContainer').innerText === text",
                            arg=chosen)  # fmt: skip
    other.close()


def what_is_shown(page: Page) -> str:
    """All words and numbers of the page, those of its figure included, once it stands still."""
    before, shown = None, ""
    while shown != before:
        before = shown
        page.wait_for_timeout(500)
        page.wait_for_selector(IDLE)
        shown = page.locator(".stMainBlockContainer").inner_text()
    return shown


# -- the stage -------------------------------------------------------------------------------


def offline_talk() -> tuple[str, list[bytes]]:
    """A talk of three scenes of noise pictures, and the pictures."""
    random = np.random.default_rng(0)
    pictures = [render.png(random.integers(0, 256, (40, 60, 3), np.uint8)) for _ in range(6)]
    scenes = []
    for number in range(3):
        panels = [Panel(f"P{n}", pictures[2 * number + n], "noise", f"p{n}") for n in range(2)]
        made = viewer_data.payload([("", panels)], version=f"v{number}", pair=("p0", "p1"))
        scenes.append(talk_stage.Ready(Scene(f"Scene {number}", "", Scenario()), "", "", made))
    return talk_stage.to_html(Talk("Noise", ()), scenes), pictures


def test_an_exported_talk_steps_through_all_scenes_with_the_network_off(
    browser: Browser, tmp_path: Path
) -> None:
    text, pictures = offline_talk()
    (tmp_path / "talk.html").write_text(text)
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "talk.html").as_uri())
    for number, key in ((1, ""), (2, "ArrowRight"), (3, "PageDown"), (3, "ArrowRight"), (1, "Home")):
        if key:
            page.keyboard.press(key)
        page.wait_for_selector(f".talk[data-scene='{number}']")
        page.wait_for_selector(f".viewer[data-drawn='v{number - 1}']")
        assert page.locator(".talk-title").inner_text() == f"Scene {number - 1}"
    held = page.evaluate(
        "JSON.parse(document.getElementById('talk').textContent).scenes"
        ".flatMap(({payload}) => payload.rows[0].panels.map(({png}) => png))"
    )
    assert held == [viewer_data._text(picture) for picture in pictures]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert problems == []
    context.close()


def test_a_talk_is_loaded_at_once_and_steps_by_keys_where_nobody_writes(page: Page, address: str) -> None:
    page.goto(f"{address}/stage")  # which prepares the thesis's talk: nobody has to wait for it
    title, count = page.locator(".talk-title"), page.locator(".talk-count")

    def load(*titles: str) -> None:
        scenario = Scenario(samples=1, attack_steps=0)
        scenes = tuple(Scene(each, "", scenario, panels=("truth", "base")) for each in titles)
        page.get_by_role("button", name="New").first.click()
        chooser = page.get_by_test_id("stFileUploader").filter(has_text="A talk saved here").locator("input")
        talk = Talk("Short", scenes).to_json().encode()
        chooser.set_input_files({"name": "talk.json", "mimeType": "application/json", "buffer": talk})
        expect(title).to_have_text(titles[0], timeout=60_000)
        expect(count).to_have_text(f"1 / {len(titles)}")
        page.wait_for_selector(IDLE)

    load("First", "Second", "Third")
    page.evaluate("document.activeElement.blur()")  # as on a page where nothing was clicked
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".talk[data-scene='2']")
    page.keyboard.press("PageUp")
    page.wait_for_selector(".talk[data-scene='1']")
    page.locator(".talk-step").last.focus()
    page.keyboard.press("End")
    page.wait_for_selector(".talk[data-scene='3']")
    page.wait_for_function("location.search === '?scene=3'")
    page.wait_for_selector(IDLE)

    # Whoever writes moves the cursor, not the stage.
    for written in (page.get_by_label("Title of the talk"), page.locator(".talk-note")):
        written.focus()
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    expect(count).to_have_text("3 / 3")

    load("Only one")
    page.wait_for_function("location.search === '?scene=1'")
    expect(title).to_have_count(1)
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_stage_steps_by_keys_and_its_address_says_where(page: Page, address: str) -> None:
    visit(page, f"{address}/stage?scene=2")
    page.wait_for_selector(".talk[data-scene='2']", timeout=PATIENCE)
    page.locator(".talk-step").last.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".talk[data-scene='3']")
    page.wait_for_function("location.search.includes('scene=3')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".talk[data-scene='2']")


@pytest.mark.parametrize("where", ["trade-off", "bounds?part=bounds"])
def test_on_a_phone_a_chart_has_the_width_and_its_legend_is_below(
    browser: Browser, address: str, where: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/{where}")
    page.wait_for_function(
        """() => {
            const [plot, legend] = [".nsewdrag", ".legend .bg"].map(
                (part) => document.querySelector(part)?.getBoundingClientRect());
            return plot && legend && plot.width > 390 / 2 && plot.bottom < legend.top;
        }""",
        timeout=PATIENCE,
    )
    page.close()


def test_the_longest_problem_is_readable_in_the_labs_rail(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/lab?checkpoint=lr-x2-rs-0.10&samples=1&attack=noise")
    chosen = page.locator(".st-key-lab_rail [data-testid=stSelectbox] input").first
    expect(chosen).to_have_value("Super-resolution, small picture")
    page.wait_for_function(
        "field => field.scrollWidth <= field.clientWidth", arg=chosen.element_handle(), timeout=PATIENCE
    )
    page.close()

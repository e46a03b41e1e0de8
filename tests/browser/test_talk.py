"""A speaker's work: scenes of a photo of one's own, put in order, taken along, shown with the keyboard."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.pictures import render
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import Figure, Scene, Talk
from tests.browser.driver import IDLE, quiet
from tests.browser.pictures import ask, pngs

QUICK = Scenario(compare=("sr-x2-std",), samples=2, attack_steps=2)
PATIENCE = 120_000


class Clicks:
    """Clicks, counted."""

    count = 0

    def __call__(self, where: Locator) -> None:
        where.click()
        self.count += 1


def photo(path: Path) -> Path:
    random = np.random.default_rng(3)
    small = Image.fromarray(random.integers(0, 256, (20, 30, 3), np.uint8))
    small.resize((300, 200), Image.Resampling.BICUBIC).save(path)
    return path


def test_a_speaker_makes_four_scenes_of_a_photo_and_shows_them_offline(
    page: Page, browser: Browser, address: str, tmp_path: Path
) -> None:
    click = Clicks()
    query = "&".join(f"{name}={value}" for name, value in QUICK.to_query().items())
    page.goto(f"{address}/lab?{query}")
    page.wait_for_selector(".viewer[data-drawn]")
    first = page.locator(".viewer").get_attribute("data-drawn")
    click(page.get_by_role("button", name="Your own photo"))
    page.locator("input[type=file]").set_input_files(photo(tmp_path / "mine.png"))
    click.count += 1  # in the window that chooses a file
    page.wait_for_selector(f".viewer[data-drawn]:not([data-drawn='{first}'])")
    quiet(page)
    add, seen = page.locator(".add-to-talk"), []
    said = page.get_by_text("Added to the talk as scene")

    def added() -> None:
        seen.append((ask(page, "viewer.view.mode"), pngs(page), ask(page, "[viewer.view.a, viewer.view.b]")))
        click(add)
        expect(said.last).to_contain_text(f"scene {len(seen)}")

    page.keyboard.press("Escape")
    added()
    click(page.locator(".viewer .tool[data-mode=flicker]"))
    page.wait_for_function("location.search.includes('view=flicker')")
    added()
    click(page.locator(".viewer .tool[data-mode=swipe]"))
    page.locator(".film input").press("Home")  # the film, at its first step
    page.wait_for_function("location.search.includes('step=0')")
    film = ask(page, "viewer.panel(viewer.view.a).frames.map(({png}) => png)")
    added()
    click(page.get_by_role("link", name="Talk", exact=True))
    page.wait_for_selector(".talk[data-scene='3']", timeout=PATIENCE)
    click(page.get_by_role("button", name="Curve"))
    page.wait_for_selector(".talk[data-scene='4']", timeout=PATIENCE)
    page.wait_for_selector(IDLE)
    click(page.get_by_role("button", name="Take along"))
    with page.expect_download() as download:
        click(page.get_by_role("button", name="Talk as one HTML file"))
    download.value.save_as(tmp_path / "talk.html")
    print(f"{click.count} clicks")
    assert click.count <= 20

    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    stage = context.new_page()
    asked: list[str] = []
    stage.on("request", lambda request: asked.append(request.url))
    stage.goto((tmp_path / "talk.html").as_uri())
    scenes = json.loads(stage.locator("#talk").inner_text() or stage.locator("#talk").text_content() or "")[
        "scenes"
    ]
    for place, (mode, pictures, pair) in enumerate(seen):
        stage.wait_for_selector(f".talk[data-scene='{place + 1}']")
        stage.wait_for_selector(".viewer.exhibit[data-drawn]")
        assert stage.locator(".viewer").get_attribute("data-mode") == mode
        shown = {panel["key"]: panel for row in scenes[place]["payload"]["rows"] for panel in row["panels"]}
        assert [shown[key]["png"] for key in pair] == [pictures[key] for key in pair]
        assert "mine.png" in scenes[place]["caption"]
        for words, least in ((".talk-note, .talk-caption, .name, .card-title, .step", 20), (".number", 32)):
            sizes = stage.locator(words).evaluate_all(
                "all => all.filter(({offsetParent}) => offsetParent)"
                ".map(one => parseFloat(getComputedStyle(one).fontSize))"
            )
            assert min(sizes) >= least, words
        stage.keyboard.press("PageDown")
    stage.wait_for_selector(".talk[data-scene='4']")
    figure = stage.locator(".talk-figure")
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.naturalWidth") > 1000
    frames = scenes[2]["payload"]["rows"][0]["panels"]
    assert [
        frame["png"] for frame in next(panel for panel in frames if panel["key"] == seen[2][2][0])["frames"]
    ] == film
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


def test_scenes_are_dragged_renamed_ticked_and_had_back(page: Page, address: str) -> None:
    page.goto(f"{address}/stage")
    names = page.locator(".talk-name")
    page.get_by_role("button", name="New").first.click()  # it need not wait for the talk that opens
    pixels = np.zeros((30, 50, 3), np.uint8)
    charts = tuple(Scene(name, "", Scenario(), figure=Figure(render.png(pixels + shade)))
                   for shade, name in ((90, "a"), (150, "b"), (220, "c")))  # fmt: skip
    chooser = page.get_by_test_id("stFileUploader").filter(has_text="A talk saved here").locator("input")
    chooser.set_input_files(
        {"name": "t.json", "mimeType": "application/json", "buffer": Talk("T", charts).to_json().encode()}
    )
    expect(names).to_have_text(["1. a", "2. b", "3. c"], timeout=PATIENCE)
    page.locator(".talk-rail li").nth(2).drag_to(page.locator(".talk-rail li").nth(0))
    expect(names).to_have_text(["1. c", "2. a", "3. b"], timeout=PATIENCE)
    page.locator(".talk-title").fill("see")
    page.keyboard.press("Enter")
    expect(names).to_have_text(["1. see", "2. a", "3. b"], timeout=PATIENCE)
    for place in (1, 2):
        page.locator(".talk-rail input").nth(place).check()
    page.get_by_role("button", name="Delete 2 scenes").click()
    expect(names).to_have_text(["1. see"], timeout=PATIENCE)
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(["1. see", "2. a", "3. b"], timeout=PATIENCE)

    with page.expect_popup() as opened:
        page.locator(".talk nav .tool").first.click()
    speaker = opened.value
    expect(speaker.locator("h1")).to_have_text("see", timeout=PATIENCE)
    expect(speaker.get_by_text("Next", exact=True)).to_be_visible()
    speaker.keyboard.press("PageDown")
    expect(speaker.locator("h1")).to_have_text("a", timeout=PATIENCE)
    page.wait_for_selector(".talk[data-scene='2']")
    speaker.close()


def test_a_pages_chart_becomes_a_scene_as_it_is_seen(page: Page, address: str) -> None:
    page.goto(f"{address}/bounds?part=bounds")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.wait_for_selector(IDLE)
    page.locator(".add-to-talk").click()
    expect(page.get_by_text("Added to the talk as scene 1")).to_be_visible()
    page.get_by_role("link", name="Talk", exact=True).click()
    source = page.locator(".talk-figure").get_attribute("src", timeout=PATIENCE) or ""
    figure = Figure(base64.b64decode(source.partition(",")[2])).open()
    assert figure.width > 1600
    colours = np.unique(np.asarray(figure).reshape(-1, 3), axis=0)
    assert len(colours) > 100  # lines and letters, not an empty card
    expect(page.locator(".talk-protocol")).to_contain_text("python -m core study certificates")

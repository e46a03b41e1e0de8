"""The viewer in the Lab: no pixel changes, all panels move together, the region comes back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.browser.driver import quiet, settled, wait_drawn
from tests.browser.pictures import (
    SETTLE,
    ask,
    decoded,
    drawn,
    enlarged,
    pngs,
    same_pixels,
    screen,
    source,
    tile,
)

pytestmark = pytest.mark.browser

SCENARIO = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"), samples=5)


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Iterator[Page]:
    """One Live lab for all tests of this file; whatever it asks for must come from its own server."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(60_000)
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/lab?{urlencode(SCENARIO.to_query())}")
    wait_drawn(page, SCENARIO.key())
    quiet(page)
    yield page
    page.close()
    assert asked
    assert [url for url in asked if not url.startswith((f"{address}/", "data:", f"blob:{address}/"))] == []
    assert problems == []


@pytest.fixture(autouse=True)
def _fresh_view(lab: Page) -> None:
    """Swiped, all pictures open, whole, no tool, no region, no film playing."""
    lab.keyboard.press("Escape")
    ask(lab, "(viewer.film.stop(), viewer.film.open(''), viewer.details.open = true)")
    ask(lab, "(viewer.loupe = null, viewer.clearRegion(), viewer.reset(), viewer.goTo(null))")
    ask(lab, "(viewer.divide(0.5), viewer.set({mode: 'swipe', a: 'standard', b: 'smoothed'}))")
    in_url(lab, region=False, zoom=False, view=True, a=False, b=False, divider=False, step=False, tab=False)


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def in_url(page: Page, **there: bool) -> None:
    """Wait until these parameters are there, or not; Python writes them once a gesture has ended."""
    page.wait_for_function(
        """there => {
            const query = new URLSearchParams(location.search);
            return Object.entries(there).every(([name, wanted]) => query.has(name) === wanted);
        }""",
        arg=there,
    )


def press(page: Page, *keys: str) -> None:
    ask(page, "viewer.stage.view.focus()")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(SETTLE)


def test_swipe_changes_no_pixel(lab: Page) -> None:
    press(lab, "s")
    a, b = source(lab, "standard"), source(lab, "smoothed")
    for fraction in (0.5, 0.31, 0.77):
        ask(lab, f"viewer.divide({fraction})")
        lab.wait_for_timeout(100)
        canvas, placed = drawn(lab, "viewer.stage.surface")
        height, width = canvas.shape[:2]
        border = math.floor(fraction * width + 0.5)
        expected = enlarged(a, placed, height, width)
        expected[:, border:] = enlarged(b, placed, height, width)[:, border:]
        inside = expected[..., 0] >= 0
        assert inside.sum() == pytest.approx(160 * 160 * placed["scale"] ** 2, rel=0.01)
        assert same_pixels(canvas[inside][:, :3], expected[inside])
        assert (canvas[..., 3] == np.where(inside, 255, 0)).all()
        # And what the screen shows of it, beside the divider and above the labels.
        inside[:, border - 30 : border + 30] = False
        inside[:60] = inside[-60:] = inside[:, :6] = inside[:, -6:] = False
        assert same_pixels(screen(lab, ".view", *inside.shape)[inside], expected[inside])


def test_flicker_changes_no_pixel(lab: Page) -> None:
    press(lab, "k")
    expect(lab.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    press(lab, " ")
    expect(lab.get_by_role("button", name="Play", exact=True)).to_be_visible()
    seen = set()
    for _ in range(4):
        press(lab, "t")
        shown = "smoothed" if ask(lab, "viewer.flipped") else "standard"
        seen.add(shown)
        canvas, placed = drawn(lab, "viewer.stage.surface")
        expected = enlarged(source(lab, shown), placed, *canvas.shape[:2])
        inside = expected[..., 0] >= 0
        assert same_pixels(canvas[inside][:, :3], expected[inside])
        inside[:150] = inside[-60:] = inside[:, :6] = inside[:, -6:] = False
        assert same_pixels(screen(lab, ".view", *inside.shape)[inside], expected[inside])
    assert seen == {"standard", "smoothed"}


def test_flicker_runs_at_the_chosen_rate(lab: Page) -> None:
    press(lab, "k")
    lab.get_by_label("Changes per second").select_option("4")
    changes = ask(
        lab,
        """new Promise(resolve => {
            let count = 0;
            const flip = viewer.flip;
            viewer.flip = function () { count += 1; flip.call(this); };
            setTimeout(() => { delete viewer.flip; resolve(count); }, 2100);
        })""",
    )
    assert 6 <= changes <= 9


def test_difference_is_signed_and_printed(lab: Page) -> None:
    press(lab, "d")
    lab.get_by_label("Where the colours end").select_option("16")
    lab.wait_for_timeout(100)
    expect(lab.locator(".options")).to_contain_text("amplified ×8")
    canvas, placed = drawn(lab, "viewer.stage.surface")
    scale, left, top = (placed[name] for name in ("scale", "left", "top"))
    change = (source(lab, "smoothed").astype(float) - source(lab, "standard")).mean(2)
    weight = (np.abs(change) / 16).clip(0, 1)[..., None]
    end = np.where((change < 0)[..., None], [0, 114, 178], [213, 94, 0])
    expected = 255 + (end - 255) * weight
    rows, columns = (np.floor(start + (np.arange(160) + 0.5) * scale).astype(int) for start in (top, left))
    shown = canvas[rows][:, columns, :3]
    assert np.abs(shown - expected).max() <= 0.5 + 1e-9
    assert (shown[change == 0] == 255).all()


def test_zoom_and_drag_move_all_panels_together(lab: Page) -> None:
    keys = list(pngs(lab))
    button = lab.locator("button.picture").nth(5)
    button.click()
    box = settled(button)
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"]
    lab.mouse.move(x, y)
    for _ in range(6):
        lab.mouse.wheel(0, -100)
        lab.wait_for_timeout(20)
    lab.wait_for_timeout(SETTLE)
    _, placed = drawn(lab, tile(keys[5]))
    under = (
        (x - box["x"] - placed["left"]) / placed["scale"],
        (y - box["y"] - placed["top"]) / placed["scale"],
    )
    # Where the pointer was, the same point of the picture is still, within the settling of the stage.
    assert under == pytest.approx((48, 96), abs=5)
    lab.mouse.down()
    lab.mouse.move(x + 31, y - 17, steps=4)
    lab.mouse.up()
    lab.wait_for_timeout(SETTLE)
    _, after = drawn(lab, tile(keys[5]))
    assert after["left"] - placed["left"] == pytest.approx(31, abs=2)
    assert after["top"] - placed["top"] == pytest.approx(-17, abs=2)
    seen = 0
    for key, png in pngs(lab).items():
        if not ask(lab, f"{tile(key)}.placed.scale && viewer.grid.tiles[{keys.index(key)}].visible"):
            continue  # outside the window: drawn when it is scrolled to
        canvas, there = drawn(lab, tile(key))
        assert there == after
        assert np.array_equal(canvas[..., :3], enlarged(decoded(png), there, *canvas.shape[:2]))
        seen += 1
    assert seen >= 8
    button.dblclick()
    lab.wait_for_timeout(SETTLE)
    assert ask(lab, "viewer.view.camera.zoom") == 1
    in_url(lab, zoom=False)


def test_loupe_values_are_the_pngs(lab: Page) -> None:
    press(lab, "l")
    sources = {key: decoded(png) for key, png in pngs(lab).items()}
    button = lab.locator("button.picture").nth(4)
    button.scroll_into_view_if_needed()
    box = settled(button)
    for across, down in ((0.11, 0.2), (0.5, 0.5), (0.98, 0.93)):
        lab.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        lab.wait_for_timeout(50)
        at = ask(lab, "viewer.loupe")
        assert (at["x"], at["y"]) == pytest.approx((160 * across, 160 * down), abs=1.5)
        shown = ask(lab, "Object.fromEntries(viewer.panels.map(({key}) => [key, viewer.values(key)]))")
        assert shown == {key: values[at["y"], at["x"]].tolist() for key, values in sources.items()}
    expect(lab.locator(".place")).to_have_text(f"x {at['x']}, y {at['y']}")
    # By keys, and read out.
    press(lab, "ArrowLeft", "Shift+ArrowUp")
    x, y = at["x"] - 1, at["y"] - 10
    expect(lab.locator(".place")).to_have_text(f"x {x}, y {y}")
    values = " ".join(map(str, sources["smoothed"][y, x]))
    expect(lab.locator("[aria-live=polite]", has_text="Smoothed")).to_contain_text(values)


def figures(page: Page, key: str) -> str:
    text: str = ask(page, f"viewer.panel('{key}').inside")
    return text


def test_region_comes_back_with_the_figures_of_the_crop(lab: Page) -> None:
    quiet(lab)  # what follows in the background changes the layout
    picture = lab.locator("button.picture").nth(6)
    picture.scroll_into_view_if_needed()
    box = settled(picture, looks=10)
    lab.keyboard.down("Shift")
    lab.mouse.move(box["x"] + 40, box["y"] + 50)
    lab.mouse.down()
    lab.mouse.move(box["x"] + 130, box["y"] + 110, steps=5)
    lab.mouse.up()
    lab.keyboard.up("Shift")
    in_url(lab, region=True)
    left, top, right, bottom = map(int, query(lab)["region"].split(","))
    assert (right - left, bottom - top) == pytest.approx(
        (90 / box["width"] * 160, 60 / box["height"] * 160), abs=2
    )
    caption = lab.locator("figure").nth(4).locator(".inside")
    expect(caption).to_be_visible()
    truth = source(lab, "truth")[top:bottom, left:right]
    for key in ("measurement", "attacked", "standard", "adversarial", "base", "smoothed", "base-clean"):
        crop = source(lab, key)[top:bottom, left:right]
        psnr, ssim, mse = map(float, re.findall(r"-?[\d.]+", figures(lab, key)))
        # The page's figures come from float pictures, these from their 8-bit PNGs.
        assert psnr == pytest.approx(peak_signal_noise_ratio(truth, crop), abs=0.02), key
        expected = structural_similarity(
            crop, truth, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=2
        )
        assert ssim == pytest.approx(expected, abs=0.0015), key
        assert mse == pytest.approx(mean_squared_error(truth / 255, crop / 255), abs=6e-5), key
    assert caption.inner_text().startswith(figures(lab, "standard").split(" · ")[0])
    lab.get_by_role("button", name="Remove the region").click()
    expect(lab.locator(".figure.inside")).to_have_count(0)
    in_url(lab, region=False)


def test_below_eleven_pixels_there_is_no_ssim(lab: Page) -> None:
    ask(lab, "(viewer.outline([20, 30, 30, 60]), viewer.outlined())")
    in_url(lab, region=True)
    expect(lab.locator("figure").nth(4).locator(".inside")).to_contain_text("SSIM needs 11×11 px")


def test_by_keyboard_alone(lab: Page) -> None:
    """Into the stage, compare, zoom, region, back."""
    ask(lab, "viewer.stage.view.focus()")
    view = lab.locator(".view")
    lab.keyboard.press("Tab")
    lab.keyboard.press("Shift+Tab")
    expect(view).to_be_focused()
    assert view.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    lab.keyboard.press("2")
    assert ask(lab, "viewer.view.b") == "adversarial"
    lab.keyboard.press("ArrowRight")
    assert ask(lab, "viewer.view.b") == "smoothed"
    lab.keyboard.press("ArrowLeft")
    lab.keyboard.press("Shift+Digit4")
    assert ask(lab, "[viewer.view.mode, viewer.view.a, viewer.view.b]") == ["swipe", "trivial", "adversarial"]
    lab.keyboard.press("g")
    assert ask(lab, "viewer.view.mode") == "side"
    expect(lab.locator(".twin")).to_be_visible()
    lab.keyboard.press("s")
    divider = lab.get_by_role("slider", name="Divider between A and B")
    divider.focus()
    for _ in range(5):
        lab.keyboard.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "45")
    for key in ("+", "+", "Shift+ArrowRight", "r", "ArrowDown", "Shift+ArrowRight", "Enter"):
        lab.keyboard.press(key)
    in_url(lab, region=True, zoom=True)
    expect(lab.locator(".card .lost", has_text="inside the region")).to_have_count(4)
    lab.keyboard.press("?")
    expect(lab.get_by_role("dialog", name="Keys of the picture viewer")).to_be_visible()
    lab.keyboard.press("Escape")
    lab.keyboard.press("Delete")
    lab.keyboard.press("0")
    in_url(lab, region=False, zoom=False)


def test_a_link_reopens_the_view(lab: Page, browser: Browser) -> None:
    ask(lab, "viewer.set({mode: 'swipe', a: 'truth', b: 'base'})")
    press(lab, "+", "+", "Shift+ArrowDown")
    ask(lab, "(viewer.outline([20, 30, 60, 80]), viewer.outlined())")
    in_url(lab, region=True)
    lab.get_by_role("button", name="Share").click()
    code = lab.get_by_test_id("stPopoverBody").locator("code").first
    expect(code).to_contain_text("region=20,30,60,80")
    link = code.inner_text()
    lab.keyboard.press("Escape")
    other = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    other.goto(link)
    wait_drawn(other, SCENARIO.key())
    quiet(other)
    here, there = (ask(page, "viewer.view") for page in (lab, other))
    assert there.pop("camera") == pytest.approx(here.pop("camera"), abs=1e-3)
    assert there == here
    assert figures(other, "base") == figures(lab, "base")
    (mine, mine_at), (yours, yours_at) = (drawn(page, "viewer.stage.surface") for page in (lab, other))
    assert mine_at == yours_at
    assert np.array_equal(mine, yours)
    other.context.close()


def test_films_play_and_end_in_the_result(lab: Page) -> None:
    result = pngs(lab)
    for key in ("standard", "smoothed"):
        frames = ask(lab, f"viewer.panel('{key}').frames.map(({{png}}) => png)")
        assert len(frames) > 5
        assert len(set(frames)) == len(frames)
        assert frames[-1] == result[key], "the attack's result is the very picture of the outcome"
    expect(lab.locator(".step")).to_contain_text("of 10")
    slider = lab.get_by_role("slider", name="Attack step")
    slider.focus()
    lab.keyboard.press("Home")
    assert ask(lab, "viewer.step") == 0
    in_url(lab, step=True)
    before = float(lab.locator(".card .number").first.inner_text().removesuffix(" dB"))
    lab.locator(".film > button").click()
    lab.wait_for_function(
        "root => root.viewer.step === null && !root.viewer.film.playing",
        arg=lab.locator(".viewer").element_handle(),
    )
    assert float(lab.locator(".card .number").first.inner_text().removesuffix(" dB")) < before - 5
    in_url(lab, step=False)
    lab.locator(".tabs button", has_text="Samples").click()
    expect(lab.locator(".step")).to_contain_text("5 of 5 samples", timeout=30_000)
    assert ask(lab, "viewer.data.film.labels.length") == 3  # 1, 2, 5
    in_url(lab, tab=True)
    last = ask(lab, "viewer.frame(viewer.panel('smoothed')).png")
    assert last == result["smoothed"]


@pytest.mark.parametrize(
    ("scheme", "modes"), [("light", ["", "k", "d", "gl"]), ("dark", ["", "g", "d", "?"])]
)
def test_accessible_in_every_mode(browser: Browser, address: str, scheme: str, modes: list[str]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    page.set_default_timeout(60_000)
    page.goto(f"{address}/lab?{urlencode(SCENARIO.to_query())}&region=20,30,60,80")
    wait_drawn(page, SCENARIO.key())
    for keys in modes:
        press(page, *keys)
        found = Axe().run(page).response["violations"]
        grave = [
            f"{violation['id']}: {node['html'][:150]}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        assert grave == [], keys
    page.close()

"""The very same viewer without Streamlit, from one string of HTML with the network off."""

from __future__ import annotations

import base64
import itertools

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from core.pictures import render
from pages.widgets.page.view_state import ViewState
from pages.widgets.viewer import viewer_data
from pages.widgets.viewer.viewer_data import Panel
from tests.browser.pictures import ask, decoded, drawn, enlarged, source, tile

pytestmark = pytest.mark.browser


def html(first: tuple[int, int] = (100, 160), **options: object) -> str:
    """A page with four noise pictures in two rows; the ``first`` may have its own height and width."""
    generator = np.random.default_rng(0)
    panels = [
        Panel(
            f"Noise {n}",
            render.png(generator.integers(0, 256, (*(first if n == 0 else (100, 160)), 3), np.uint8)),
            f"noise {n}",
            f"n{n}",
        )
        for n in range(4)
    ]
    data = viewer_data.payload(
        [("One", panels[:3]), ("Two", panels[3:])], version="v", pair=("n0", "n1"), **options
    )
    return viewer_data.document(data)


@pytest.fixture
def offline(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1000, "height": 700}, offline=True)
    return context.new_page()


def test_it_draws_offline(offline: Page) -> None:
    asked: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.set_content(html(view=ViewState(mode="large", b="n3", zoom=(4.0, 0.25, 0.5))))
    offline.wait_for_selector(".viewer[data-drawn=v]")
    canvas, placed = drawn(offline, "viewer.stage.surface")
    expected = enlarged(source(offline, "n3"), placed, *canvas.shape[:2])
    assert (expected >= 0).all()
    assert np.array_equal(canvas[..., :3], expected)
    # Apart from the colour bar inside a data address, nothing is asked for.
    assert [url for url in asked if not url.startswith("data:")] == []


def test_shrunk_pictures_and_odd_sizes(offline: Page) -> None:
    """A panel narrower than its picture shows all of it; side by side keeps the picture's shape."""
    offline.set_viewport_size({"width": 430, "height": 700})
    offline.set_content(html())
    offline.wait_for_selector(".viewer[data-drawn=v]")
    canvas, placed = drawn(offline, tile("n2"))
    assert canvas.shape[0] / canvas.shape[1] == pytest.approx(100 / 160, abs=0.02)
    assert placed["scale"] * 160 == pytest.approx(canvas.shape[1], abs=1.5)
    assert (canvas[..., 3] == 255).all()


def test_only_whole_settings_of_a_view_are_taken(offline: Page) -> None:
    """Panels that are not there, a step of no film and a region outside fall back."""
    view = ViewState.from_query(
        {"view": "swipe", "a": "gone", "b": "n2", "region": "150,90,400,400", "step": "9"}
    )
    offline.set_content(html(view=view))
    offline.wait_for_selector(".viewer[data-drawn=v]")
    state = ask(offline, "viewer.view")
    assert (state["mode"], state["a"], state["b"], state["region"]) == (
        "swipe",
        "n0",
        "n2",
        [150, 90, 160, 100],
    )
    assert ask(offline, "viewer.step") is None


def test_keys_do_nothing_where_there_is_no_difference_to_show(offline: Page) -> None:
    failed: list[str] = []
    offline.on("pageerror", lambda error: failed.append(error.message))
    offline.set_content(html(first=(50, 80), view=ViewState(mode="difference", a="n0", b="n1")))
    offline.wait_for_selector(".viewer[data-drawn=v]")
    assert "differ in size" in offline.locator(".options").inner_text()
    ask(offline, "viewer.stage.view.focus()")
    before = ask(offline, "viewer.view")
    for key in ("+", "-", "Shift+ArrowLeft", "l", "r", "ArrowLeft", "Escape"):
        offline.keyboard.press(key)
    assert (ask(offline, "viewer.view"), failed) == (before, [])


@pytest.mark.parametrize("ratio", [1.25, 2])
def test_exact_on_other_screens(browser: Browser, ratio: float) -> None:
    """With 1.25 or 2 screen pixels per CSS pixel, and at an odd place, the screen shows the PNG's pixels."""
    context = browser.new_context(viewport={"width": 1000, "height": 700}, device_scale_factor=ratio)
    page = context.new_page()
    page.set_content(
        html(view=ViewState(mode="large", b="n2")).replace(
            "class=viewer", "class=viewer style='margin:3.3px 0 0 5.7px'"
        )
    )
    page.wait_for_selector(".viewer[data-drawn=v]")
    canvas, placed = drawn(page, "viewer.stage.surface")
    expected = enlarged(source(page, "n2"), placed, *canvas.shape[:2])
    inside = expected[..., 0] >= 0
    inside[: round(50 * ratio)] = False  # the label
    box = page.locator(".view").bounding_box()
    assert box is not None
    shot = decoded(base64.b64encode(page.screenshot()).decode())
    assert inside.sum() > 100_000
    # Chromium puts a canvas at an odd place on the next whole pixel, this way or that.
    found = []
    for shift_x, shift_y in itertools.product((0, 1), repeat=2):
        left, top = (int(box[side] * ratio) + shift for side, shift in (("x", shift_x), ("y", shift_y)))
        shown = shot[top : top + canvas.shape[0], left : left + canvas.shape[1]]
        found.append(np.array_equal(shown[inside], expected[inside]))
    assert sum(found) == 1
    context.close()


def test_two_fingers_zoom_around_their_middle(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 700}, has_touch=True)
    page = context.new_page()
    page.set_content(html())
    page.wait_for_selector(".viewer[data-drawn=v]")
    box = page.locator("button.picture").first.bounding_box()
    assert box is not None
    middle = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"]
    session = context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [{"x": middle[0] + side * apart, "y": middle[1], "id": n} for n, side in enumerate((-1, 1))]
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else points}
        )

    touch("touchStart", 10)
    for apart in (12, 15, 20, 25, 30):
        touch("touchMove", apart)
    touch("touchEnd", 30)
    page.wait_for_timeout(300)
    _, placed = drawn(page, tile("n0"))
    scale = box["width"] / 160
    assert placed["scale"] == pytest.approx(3 * scale, abs=0.6)
    assert (middle[0] - box["x"] - placed["left"]) / placed["scale"] == pytest.approx(40, abs=2)
    assert (middle[1] - box["y"] - placed["top"]) / placed["scale"] == pytest.approx(50, abs=2)
    context.close()


def test_the_hint_about_the_wheel_is_seen_where_the_wheel_was_turned(offline: Page) -> None:
    offline.set_viewport_size({"width": 390, "height": 844})
    offline.set_content(f"<div style='height:900px'></div>{html()}")
    offline.wait_for_selector(".viewer[data-drawn=v]")
    picture = offline.locator("canvas:visible").first
    picture.scroll_into_view_if_needed()
    picture.dispatch_event("wheel", {"deltaY": 100, "clientY": 400, "clientX": 100})
    place = offline.locator(".wheel-hint.shown").bounding_box()
    assert place is not None
    assert 400 <= place["y"] <= place["y"] + place["height"] <= 500

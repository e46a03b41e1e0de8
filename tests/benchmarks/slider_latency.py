"""How long a slider's move takes to redraw the page, in a real browser.

Run it on an idle machine:  python -m tests.benchmarks.slider_latency

For each of the three sliders it presses an arrow key and waits until every picture of the new
scenario stands on the screen. A move goes to a setting that was not shown before, so nothing
comes from memory. It also reports whether progress was visible meanwhile.
"""

from __future__ import annotations

import statistics
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Page

from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.browser.driver import headless, served_app, wait_drawn

START = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"))
SLIDERS = {"Attack strength": 9, "Training noise": 1, "Smoothing noise": 9}
"""Label to number of moves; above sigma_f = 0.10 few levels are trained."""

_WATCH = """
() => {
    window.progressSeen = 0;
    new MutationObserver(() => {
        if (document.querySelector('[data-testid=stProgress]')) window.progressSeen += 1;
    }).observe(document.body, {subtree: true, childList: true});
}
"""


_CLOCK = """
viewer => {
    const before = viewer.dataset.drawn;
    let pressed;
    addEventListener('keydown', event => { pressed = performance.now(); }, {once: true, capture: true});
    const redrawn = new Promise(resolve => {
        new MutationObserver((_, observer) => {
            if (viewer.dataset.drawn === before) return;
            observer.disconnect();
            requestAnimationFrame(() => resolve(performance.now() - pressed));
        }).observe(viewer, {attributes: true});
    });
    return {redrawn};
}
"""


def _scenario(page: Page) -> Scenario:
    return Scenario.from_query(dict(parse_qsl(urlsplit(page.url).query)))


def _move(page: Page, label: str) -> float:
    """Seconds from the key press to the frame with the new scenario's last picture.

    Taken inside the browser: Playwright itself looks only every half second.
    """
    watch = page.locator(".viewer").evaluate_handle(_CLOCK)
    page.get_by_test_id("stSlider").filter(has_text=label).get_by_role("slider").press("ArrowRight")
    milliseconds: float = watch.evaluate("watch => watch.redrawn")
    wait_drawn(page, _scenario(page).key())
    page.wait_for_timeout(500)
    return milliseconds / 1000


def main() -> None:
    """Print one line per slider."""
    with served_app() as address, headless() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{address}/lab?{urlencode(START.to_query())}")
        wait_drawn(page)
        started = time.perf_counter()
        page.reload()
        wait_drawn(page)
        print(f"{'reopening the page, warm':<26}{time.perf_counter() - started:.2f} s")
        page.evaluate(_WATCH)
        for label, moves in SLIDERS.items():
            before = page.evaluate("window.progressSeen")
            seconds = [_move(page, label) for _ in range(moves)]
            seen = page.evaluate("window.progressSeen") > before
            print(
                f"{label:<26}median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s "
                f"over {moves} moves; progress visible: {'yes' if seen else 'no'}"
            )


if __name__ == "__main__":
    main()

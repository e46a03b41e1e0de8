"""How long a drawn stroke takes to its answer and to its certificate, in a real browser.

Run it on an idle machine:  python -m tests.benchmarks.digit_latency

Each of our sample digits is drawn on the pad, stroke by stroke; the clock runs from the end of
its last stroke until the cards say what the networks answer, and until all votes are counted.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from core.problems.digits.problem import DigitsScenario
from core.problems.digits.samples import SAMPLES
from tests.browser.driver import IDLE, headless, served_app

_CLOCK = """
() => {
    let ended;
    addEventListener('pointerup', () => { ended = performance.now(); window.seen = []; }, true);
    new MutationObserver(() => {
        const cards = [...document.querySelectorAll('.card')];
        if (!cards.length || ended === undefined) return;
        const votes = cards[2].innerText.match(/of ([0-9,]+) votes/);
        window.seen.push([(performance.now() - ended) / 1000, votes ? votes[1] : '0']);
    }).observe(document.body, {subtree: true, childList: true});
}
"""


def _draw(page: Page, number: int) -> tuple[float, float]:
    """Seconds to the answers and to the finished certificate."""
    page.get_by_role("button", name="Clear").click()
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    for stroke in SAMPLES[number]:
        places = [(box["x"] + x / 256 * box["width"], box["y"] + y / 256 * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
    page.wait_for_function("window.seen.some(([, votes]) => votes === '1,000')")
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(500)
    # Reports of an earlier stroke's run may still come in: the answers are the last before the votes.
    seen = page.evaluate("window.seen")
    first = max((at for at, votes in seen if votes == "0"), default=seen[0][0])
    return first, next(at for at, votes in seen if votes == "1,000" and at >= first)


def main() -> None:
    """Print one line for answers and one for certificates."""
    with served_app() as address, headless() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(60_000)
        page.goto(f"{address}/handwritten-digits")
        page.wait_for_selector(f".st-key-digits_done_{DigitsScenario().key()}")
        page.evaluate(_CLOCK)
        taken = [_draw(page, number) for number in range(len(SAMPLES))]
    for what, seconds in zip(("answer", "certificate, n = 1,000"), zip(*taken, strict=True), strict=True):
        print(f"{what:<24}median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")


if __name__ == "__main__":
    main()

"""Opening the app and changing pages, in seconds: ``python -m tests.benchmarks.page_times``.

The server is warm: every page was open once before. Each round is a new browser with an empty cache,
which visits every page twice and looks at each for two seconds. Results are made up, as large as the
real ones.
Run it on an idle machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tests.browser.driver import IDLE, headless, served_app
from tests.core import synthetic_results, synthetic_studies

ROUNDS = 3
LOOK = 2.0
"""Seconds on a page before the next click: nobody clicks within the same instant."""
CHART = ".js-plotly-plot .scatterlayer"
SHOWN = {
    "Lab": ".viewer[data-drawn]",
    "Findings": f"{{}}:has(h4:has-text('Trade-off')) {CHART}",
    "Guarantees": f"{{}}:has(h4:has-text('Certificates')) {CHART}",
    "Digits": ".pad canvas",
    "Talk": ".talk[data-scene]",
}
"""What has to be there before a page counts as usable; ``{}``: the page's own part of the screen."""


def timed(act: Callable[[], None], page: Page, name: str) -> float:
    """Seconds from the act until the page is usable and its script has ended."""
    started = time.perf_counter()
    act()
    page.wait_for_selector(SHOWN[name].format(".stMainBlockContainer"), timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    return time.perf_counter() - started


def main() -> None:
    """Print medians and longest."""
    times: dict[str, list[float]] = {}
    with TemporaryDirectory() as results, ExitStack() as stack:
        synthetic_results.fill(Path(results), factors=(2, 4), images=60)
        synthetic_studies.fill(Path(results))
        address = stack.enter_context(served_app(LAB_RESULTS=results))
        browser = stack.enter_context(headless())
        for number in range(ROUNDS + 1):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            seconds = {"opening the Lab": timed(lambda page=page: page.goto(address), page, "Lab")}
            for visit in ("first", "again"):
                for name in (*list(SHOWN)[1:], "Lab"):
                    time.sleep(LOOK)
                    link = page.get_by_test_id("stTopNavLink").filter(has_text=name)
                    seconds[f"to {name}, {visit}"] = timed(link.first.click, page, name)
            page.close()
            if number > 0:  # the first round warms up
                for what, value in seconds.items():
                    times.setdefault(what, []).append(value)
    for what, values in times.items():
        print(f"{what:<22} median {statistics.median(values):.2f} s, longest {max(values):.2f} s")


if __name__ == "__main__":
    main()

"""Opening the app and changing pages, in seconds: ``python -m tests.benchmarks.page_times``.

The server is warm: every page was open once before. Run it on an idle machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.driver import IDLE, headless, served_app

ROUNDS = 5
PAGES = ("Home", "Live lab", "Trade-off", "Tables", "Present")
SHOWN = {
    "Home": "text=See adversarial robustness",
    "Live lab": ".viewer[data-drawn]",
    "Trade-off": ".js-plotly-plot .xaxislayer-above",
    "Tables": "[data-testid=stDataFrame]",
    "Present": ".talk[data-scene]",
}
"""What has to be there before a page counts as usable."""


def timed(act: Callable[[], None], page: Page, name: str) -> float:
    """Seconds from the act until the page is usable and its script has ended."""
    started = time.perf_counter()
    act()
    page.wait_for_selector(SHOWN[name], timeout=180_000)
    page.wait_for_selector(IDLE, timeout=180_000)
    return time.perf_counter() - started


def main() -> None:
    """Print medians and longest."""
    times: dict[str, list[float]] = {"opening Home": []} | {f"to {name}": [] for name in PAGES}
    with served_app() as address, headless() as browser:
        for number in range(ROUNDS + 1):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            opening = timed(lambda page=page: page.goto(address), page, "Home")
            seconds = {"opening Home": opening}
            for name in (*PAGES[1:], "Home"):
                link = page.get_by_test_id("stTopNavLink").filter(has_text=name)
                seconds[f"to {name}"] = timed(link.first.click, page, name)
            page.close()
            if number > 0:  # the first round warms up
                for what, value in seconds.items():
                    times[what].append(value)
    for what, values in times.items():
        print(f"{what:<16} median {statistics.median(values):.2f} s, longest {max(values):.2f} s")


if __name__ == "__main__":
    main()

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driver import chromium, headless, served_app
from tests.core import synthetic_inverse, synthetic_results, synthetic_studies

expect.set_options(timeout=30_000)  # on a busy machine a network's check alone takes five seconds


LOG = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a results store whose numbers are known."""
    if chromium() is None:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the browser tests")
    results = tmp_path_factory.mktemp("results")
    synthetic_results.fill(results, factors=(2, 4))
    synthetic_studies.fill(results)
    synthetic_inverse.write(results)
    log = request.config.stash[LOG] = tmp_path_factory.mktemp("app") / "log.txt"
    with served_app(log, LAB_RESULTS=str(results)) as where:
        yield where


@pytest.fixture(scope="session")
def browser(address: str) -> Iterator[Browser]:
    with headless() as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report says what its page shows and what the app logged: elsewhere nothing else is
    left of it."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and isinstance(page, Page) and not page.is_closed():
        report.sections.append(("the page", page.url + "\n" + page.locator("body").aria_snapshot()))
        report.sections.append(("the app", item.config.stash[LOG].read_text()[-20_000:]))
    return report


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driver import chromium, headless, served_app
from tests.core import synthetic_inverse, synthetic_results, synthetic_studies

expect.set_options(timeout=30_000)  # on a busy machine a network's check alone takes five seconds


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a results store whose numbers are known."""
    if chromium() is None:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the browser tests")
    results = tmp_path_factory.mktemp("results")
    synthetic_results.fill(results, factors=(2, 4))
    synthetic_studies.fill(results)
    synthetic_inverse.write(results)
    with served_app(LAB_RESULTS=str(results)) as where:
        yield where


@pytest.fixture(scope="session")
def browser(address: str) -> Iterator[Browser]:
    with headless() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()

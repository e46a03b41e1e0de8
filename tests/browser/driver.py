"""A running app and a headless Chromium, for browser tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def chromium() -> str | None:
    """Path of a Chromium, or None."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def served_app(log: Path | None = None, **environment: str) -> Iterator[str]:
    """Start the app on a free port; yields its address. What it logs goes to a file, if one is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pages", "--server.port", str(port)]
    with (log or Path(os.devnull)).open("wb") as told:
        process = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=told,
            stderr=told,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the app did not start") from None
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # a busy machine; what was measured is not lost with it
            process.kill()


@contextmanager
def headless() -> Iterator[Browser]:
    """A headless Chromium that asks nothing of the outside on its own."""
    quiet = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=quiet)
        yield browser
        browser.close()


def wait_drawn(page: Page, key: str = "", timeout: float = 60_000) -> None:
    """Wait until the viewer shows the scenario with this key (any, if empty).

    The exhibit then goes on with its films and other strengths, which nobody has to wait for.
    """
    selector = f".viewer[data-drawn='{key}']" if key else ".viewer[data-drawn]"
    page.wait_for_selector(selector, timeout=timeout)
    if not page.locator(".viewer.exhibit").count():
        page.wait_for_selector(IDLE, timeout=timeout)


def quiet(page: Page, timeout: float = 120_000) -> None:
    """Wait until the exhibit has all there is of its films and strengths, and stands still."""
    page.wait_for_function(
        "root => !root.viewer.data.exhibit.more && !root.viewer.film.playing",
        arg=page.locator(".viewer").element_handle(),
        timeout=timeout,
    )


def settled(shown: Locator, looks: int = 1) -> FloatRect:
    """Where an element stays: its box once so many looks in a row agree with one before, for layouts change
    while they settle."""
    before, box, same = None, shown.bounding_box(), 0
    while box is None or same < looks:
        shown.page.wait_for_timeout(150)
        before, box = box, shown.bounding_box()
        same = same + 1 if box == before else 0
    return box

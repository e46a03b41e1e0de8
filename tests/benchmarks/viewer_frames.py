"""Frames per second while zooming and dragging, in headless Chromium.

Run it on an idle machine:  python -m tests.benchmarks.viewer_frames

The viewer stands alone on a page, with eight pictures of 160×160 and then with four of 1024×1024.
Once a frame the page gets one wheel or pointer event, and all panels are drawn anew; Chromium asks
for the next frame when it has done with this one, at most 60 times a second. Without a GPU it draws
in software on the same cores: a machine that does other work shows less.
"""

from __future__ import annotations

import json
import os
import statistics

import numpy as np
from playwright.sync_api import Page

from core.pictures import render
from pages.widgets.viewer import viewer_data
from pages.widgets.viewer.viewer_data import Panel
from tests.browser.driver import headless

REQUIRED = 30.0
EVENTS = 150
CASES = {"eight of 160×160": (8, 160), "four of 1024×1024": (4, 1024)}
SIZES = {"1280×720": (1280, 720), "1920×1080": (1920, 1080)}

_DRIVE = """
(root, [gesture, count]) => new Promise(resolve => {
    const {viewer} = root;
    const button = root.querySelector('button.picture');
    const box = button.getBoundingClientRect();
    const draw = viewer.draw;
    const frames = [], cost = [];
    viewer.draw = function (...all) {
        const started = performance.now();
        draw.apply(this, all);
        frames.push(started);
        cost.push(performance.now() - started);
    };
    const event = number => {
        const turn = 2 * Math.PI * number / 50;
        const at = {
            clientX: box.x + box.width * (0.5 + 0.25 * Math.cos(turn)),
            clientY: box.y + box.height * (0.5 + 0.25 * Math.sin(turn)),
            bubbles: true, cancelable: true,
        };
        return gesture === 'zoom'
            ? new WheelEvent('wheel', {...at, deltaY: number % 50 < 25 ? -60 : 60})
            : new PointerEvent('pointermove', {...at, pointerId: 1, pointerType: 'mouse'});
    };
    let number = 0;
    const step = () => {
        if (number === count) {
            delete viewer.draw;
            resolve({frames, cost});
            return;
        }
        button.dispatchEvent(event(number++));
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})
"""


def _html(count: int, side: int) -> str:
    """Smooth pictures with noise: neither flat nor hard to decode."""
    generator = np.random.default_rng(0)
    ramp = np.linspace(0, 200, side)[:, None, None] * np.ones((1, side, 3))
    panels = [
        Panel(
            f"Picture {n}",
            render.png((ramp + generator.integers(0, 55, ramp.shape)).astype(np.uint8)),
            f"Picture {n}",
            f"p{n}",
        )
        for n in range(count)
    ]
    rows = [("First", panels[:4]), ("Second", panels[4:])]
    data = viewer_data.payload([row for row in rows if row[1]], version="v", pair=("p0", "p1"))
    return (
        f"<!doctype html><meta charset=utf-8><style>{viewer_data.style()}</style><div class=viewer></div>"
        f"<script type=module>{viewer_data.script()}\nconst root = document.querySelector('.viewer');"
        f"root.viewer = new Viewer(root); root.viewer.update({json.dumps(data)});</script>"
    )


def measure(page: Page, case: tuple[int, int]) -> dict[str, tuple[float, float, float]]:
    """Frames per second, longest gap and median milliseconds of script a frame, by gesture."""
    page.set_content(_html(*case))
    page.wait_for_selector(".viewer[data-drawn=v]")
    picture = page.locator("button.picture").first
    root = page.locator(".viewer")
    picture.click()
    found = {}
    for gesture in ("zoom", "drag"):
        page.wait_for_timeout(500)
        if gesture == "drag":
            root.evaluate("root => root.viewer.zoomBy(3)")
            picture.hover()
            page.mouse.down()
        done = root.evaluate(_DRIVE, [gesture, EVENTS])
        page.mouse.up()
        gaps = np.diff(done["frames"])
        found[gesture] = 1000 / gaps.mean(), gaps.max(), statistics.median(done["cost"])
    return found


def main() -> None:
    """Print one line per case and gesture."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before the start; at least {REQUIRED:g} are required")
    with headless() as browser:
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            for name, case in CASES.items():
                for gesture, (rate, gap, cost) in measure(page, case).items():
                    verdict = "" if rate > REQUIRED else "  TOO SLOW"
                    print(
                        f"{size:>9}  {name:<18} {gesture}  {rate:5.1f} frames a second, "
                        f"longest gap {gap:4.0f} ms, script {cost:4.1f} ms a frame{verdict}"
                    )
            page.close()


if __name__ == "__main__":
    main()

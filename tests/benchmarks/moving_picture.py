"""The moving picture of the README, from the app: ``python -m tests.benchmarks.moving_picture FILE``.

``docs/live-lab.webp`` by default: a divider is drawn over standard training and the smoothed estimate, both
attacked; then the attack on standard training plays step by step.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page

from tests.benchmarks.screenshots import SCENE
from tests.browser.driver import headless, quiet, served_app, wait_drawn

FILE = Path(__file__).resolve().parents[2] / "docs" / "live-lab.webp"
WIDTH, QUALITY = 760, 60
STEPS = 10
"""Of the attack, as many as the scenario's."""

FIRST, LAST, STRIDE = 0.9, 0.1, 4
"""Where the divider starts and turns back, as shares of the width, and by how many hundredths it moves."""


def looked(page: Page) -> Image.Image:
    """The viewer's controls, pictures and figures, as they are now."""
    page.wait_for_timeout(80)
    box = page.locator(".viewer").bounding_box()
    assert box is not None
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], 620)}
    frame = Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]
    return frame.resize((WIDTH, round(WIDTH * frame.height / frame.width)), Image.Resampling.LANCZOS)


def recorded(page: Page, address: str) -> list[tuple[Image.Image, int]]:
    """Frames, and how long each stays, in milliseconds."""
    found = []
    swipe = {"view": "swipe", "divider": f"{FIRST}"}
    page.goto(f"{address}/lab?{urlencode({**SCENE.to_query(), **swipe})}")
    wait_drawn(page, SCENE.key())
    page.get_by_role("slider", name="Divider between A and B").focus()
    found.append((looked(page), 700))
    for key, moves in (("ArrowLeft", round(100 * (FIRST - LAST))), ("ArrowRight", 40)):
        for _ in range(moves // STRIDE):
            for _ in range(STRIDE):
                page.keyboard.press(key)
            found.append((looked(page), 90))
    found.append((found[-1][0], 900))
    page.goto(f"{address}/lab?{urlencode({**SCENE.to_query(), 'step': '0'})}")
    wait_drawn(page, SCENE.key())
    quiet(page, timeout=180_000)
    page.get_by_role("slider", name="Attack step").focus()
    found.append((looked(page), 700))
    for _ in range(STEPS):
        page.keyboard.press("ArrowRight")
        found.append((looked(page), 350))
    return [*found, (found[-1][0], 1500)]


def main(file: Path) -> None:
    """Record, write, and say how large it is."""
    with served_app() as address, headless() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme="light")
        frames = recorded(page, address)
    height = max(frame.height for frame, _ in frames)
    pictures = []
    for frame, _ in frames:
        whole = Image.new("RGB", (WIDTH, height), "white")
        whole.paste(frame)
        pictures.append(whole)
    pictures[0].save(
        file, save_all=True, append_images=pictures[1:], duration=[time for _, time in frames], loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip
    print(f"{file}: {file.stat().st_size / 2**20:.2f} MiB, {len(frames)} frames")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)

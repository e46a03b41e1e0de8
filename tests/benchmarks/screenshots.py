"""Screenshots of the pages for README and eyes: ``python -m tests.benchmarks.screenshots FOLDER``.

Into ``docs`` by default: every page in both schemes and sizes; some of them the README shows.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlencode

from core.problems.super_resolution import SuperResolutionScenario as Scenario
from tests.browser.driver import IDLE, headless, quiet, served_app, wait_drawn

SCENE = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.02"), eps_rel=0.03)
VIEWS = {"": {}, "-side": {"view": "side"}, "-attack": {"step": "4"}}
"""Suffix of the file to how the scene is looked at; all but the first only at the projector's size."""

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = re.findall(r'url_path="([^"]+)"', (ROOT / "app.py").read_text())
OTHERS = [name for name in ADDRESSES if name not in ("start", "lab")]
DONE = ".stMainBlockContainer :is(h3, h4, .talk[data-scene], .st-key-lab_status p)"
VIEW = {"denoising-sensing": "?part=noise", "bounds": "?part=bounds"}
"""Of pages whose first view shows less."""
PATIENCE, SETTLE = 180_000, 2_500

SIZES = {"": (1280, 720), "-wide": (1920, 1080)}


def main(folder: Path) -> None:
    """Light and dark, at the size of a projector and of a desk."""
    folder.mkdir(parents=True, exist_ok=True)
    with served_app() as address, headless() as browser:
        for scheme in ("light", "dark"):
            for suffix, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                for name, view in VIEWS.items():
                    if name and suffix:
                        continue
                    page.goto(f"{address}/lab?{urlencode({**SCENE.to_query(), **view})}")
                    wait_drawn(page, SCENE.key(), PATIENCE)
                    quiet(page, PATIENCE)
                    page.wait_for_timeout(500)
                    page.screenshot(path=folder / f"live-lab{name}-{scheme}{suffix}.png")
                for name in OTHERS:
                    page.goto(f"{address}/{name}{VIEW.get(name, '')}")
                    page.wait_for_selector(IDLE, timeout=PATIENCE)
                    page.wait_for_selector(DONE, timeout=PATIENCE)
                    page.wait_for_timeout(SETTLE)
                    page.screenshot(path=folder / f"{name}-{scheme}{suffix}.png")
                page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))

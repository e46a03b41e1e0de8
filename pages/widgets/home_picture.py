"""The one picture of the home page: a photo, its attacked measurement, broken and repaired.

Its panels are files, so that the page opens at once; ``python -m pages.widgets.home_picture``
computes them anew, and a test holds that their figures are what the Live lab shows.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core import units
from core.outcome import Outcome
from core.scenario import Scenario

FOLDER = Path(__file__).resolve().parent / "home_picture"
SCENARIO = Scenario(
    checkpoint="sr-x2-rs-0.10", compare=("sr-x2-std", "sr-x2-adv-0.02"), eps_rel=0.03, sigma_g=0.15
)

_CSS = """
<style>
.home { display: flex; gap: 18px; margin: 0.4rem 0 0.2rem; flex-wrap: wrap; }
.home figure { margin: 0; width: 280px; }
/* Whole multiples of the pixels where there is room, one and three quarters of them elsewhere. */
.home img { width: 280px; display: block; image-rendering: pixelated; border-radius: 4px; }
@media (min-width: 1500px) { .home figure, .home img { width: 320px; } }
@media (min-width: 1850px) { .home figure, .home img { width: 440px; } }
.home figcaption { font-size: 0.95rem; line-height: 1.35; padding-top: 0.35rem; }
.home b { display: block; }
</style>
"""


@dataclass(frozen=True)
class Panel:
    """One picture: file name without suffix, title, and what its caption says of it."""

    name: str
    title: str
    caption: str


def panels(figures: dict[str, float]) -> list[Panel]:
    """The four panels; ``figures`` has the PSNR in dB by panel name."""
    grey = units.grey_levels(SCENARIO.eps_rel)
    return [
        Panel("truth", "A photo", "measured at half its resolution"),
        Panel("attacked", "Its measurement, attacked", f"by {grey:.1f} grey levels of 255, hardly visible"),
        Panel("standard", "Standard training breaks", f"{figures['standard']:.1f} dB"),
        Panel("smoothed", "Randomized smoothing holds", f"{figures['smoothed']:.1f} dB"),
    ]


def figures() -> dict[str, float]:
    """PSNR in dB of the restored panels, as they were computed."""
    found: dict[str, float] = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
    return found


def show() -> None:
    """Draw the four panels."""
    parts = []
    for panel in panels(figures()):
        data = base64.b64encode((FOLDER / f"{panel.name}.png").read_bytes()).decode()
        parts.append(
            f'<figure><img src="data:image/png;base64,{data}" alt="{panel.title}: {panel.caption}">'
            f"<figcaption><b>{panel.title}</b>{panel.caption}</figcaption></figure>"
        )
    st.html(f'{_CSS}<div class="home">{"".join(parts)}</div>')


def quality(outcome: Outcome) -> dict[str, float]:
    """PSNR in dB by panel name."""
    return {
        "standard": outcome.networks["sr-x2-std"].attacked.quality.psnr,
        "smoothed": outcome.attacked_smoothed.estimate.quality.psnr,
    }


def compute() -> None:
    """Run the scenario and write the panels and their figures."""
    from core import render
    from core.lab import Lab
    from core.progress import finish
    from core.run import run

    outcome = finish(run(SCENARIO, Lab()))
    pictures = {
        "truth": outcome.truth,
        "attacked": outcome.attacked_measurement("sr-x2-std"),
        "standard": outcome.networks["sr-x2-std"].attacked.picture,
        "smoothed": outcome.attacked_smoothed.estimate.picture,
    }
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (FOLDER / f"{name}.png").write_bytes(render.png(render.pixels(picture)))
    (FOLDER / "figures.json").write_text(json.dumps(quality(outcome), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    compute()

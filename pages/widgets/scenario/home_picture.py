"""The one picture of the home page: an attacked measurement, and what each defence makes of its own.

Its panels are files, so that the page opens at once; ``python -m pages.widgets.scenario.home_picture``
computes them anew, and a test holds that their figures are what the Live lab shows.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.experiment.outcome import Outcome
from core.pictures import units
from core.problems.super_resolution import SuperResolutionScenario

FOLDER = Path(__file__).resolve().parent / "home_picture"
SCENARIO = SuperResolutionScenario(
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


def panels(figures: dict[str, dict[str, float]]) -> list[Panel]:
    """The panels and what is said of them; ``figures`` as :func:`quality` gives them."""
    grey = units.grey_levels(SCENARIO.eps_rel)
    defences = {
        "standard": "Standard training",
        "adversarial": "Adversarial training",
        "smoothed": "Randomized smoothing",
    }
    interpolation = figures["interpolation"]["attacked"]
    return [
        Panel("attacked", "A photo's measurement, attacked", f"by {grey:.1f} grey levels of 255"),
        *(
            Panel(name, title, _caption(figures[name]["attacked"], figures[name]["clean"], interpolation))
            for name, title in defences.items()
        ),
    ]


def _caption(attacked: float, clean: float, interpolation: float) -> str:
    """PSNR under its own attack and without one, and whether interpolation does better."""
    below = f"; below interpolation ({interpolation:.1f})" if attacked < interpolation else ""
    return f"{attacked:.1f} dB, clean {clean:.1f}{below}"


def figures() -> dict[str, dict[str, float]]:
    """PSNR in dB of what the panels show, as it was computed."""
    found: dict[str, dict[str, float]] = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
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


def quality(outcome: Outcome) -> dict[str, dict[str, float]]:
    """PSNR in dB by panel, ``clean`` and ``attacked``; interpolation is the better of the two."""
    pairs = {
        "standard": outcome.networks["sr-x2-std"],
        "adversarial": outcome.networks["sr-x2-adv-0.02"],
        "smoothed": outcome.chosen.pair,
        "interpolation": max(outcome.baselines.values(), key=lambda pair: pair.attacked.quality.psnr),
    }
    return {
        name: {"clean": pair.clean.quality.psnr, "attacked": pair.attacked.quality.psnr}
        for name, pair in pairs.items()
    }


def compute() -> None:
    """Run the scenario and write the panels and their figures."""
    from core.base.progress import finish
    from core.experiment.run import run
    from core.pictures import render
    from core.runtime.session import Lab

    outcome = finish(run(SCENARIO, Lab()))
    pictures = {
        "attacked": outcome.received["sr-x2-std"],
        "standard": outcome.networks["sr-x2-std"].attacked.picture,
        "adversarial": outcome.networks["sr-x2-adv-0.02"].attacked.picture,
        "smoothed": outcome.chosen.attacked.estimate.picture,
    }
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (FOLDER / f"{name}.png").write_bytes(render.png(render.pixels(picture)))
    (FOLDER / "figures.json").write_text(json.dumps(quality(outcome), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    compute()

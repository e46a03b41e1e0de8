"""The films of an outcome: the attack step by step, the average sample by sample."""

from __future__ import annotations

from collections.abc import Mapping

from core.experiment.outcome import Estimate, Outcome
from core.experiment.traces import AttackFilm, AverageFrame
from core.pictures import render
from core.pictures.regions import Region
from pages.widgets.page import figures_text
from pages.widgets.page.names import Name
from pages.widgets.scenario.outcome_panels import reaches
from pages.widgets.viewer.viewer_data import Film, Frame

Frames = dict[str, tuple[Frame, ...]]


def attack(
    films: Mapping[str, AttackFilm], outcome: Outcome, called: Mapping[str, Name], region: Region | None
) -> tuple[Frames, Film]:
    """What estimators make of the attacked measurement at each step of their attacks, up to the result.

    Args:
        films: by the panels' keys, at least one; the curve is of the first.
        outcome: whose they are.
        called: names of the estimators.
        region: where to score the pictures too.
    """
    kept = {key: [f for f in film.frames if f.step <= film.result] for key, film in films.items()}
    frames = {
        key: tuple(
            _frame(
                each.output, f"{called[films[key].network].full}, after {each.step} steps", outcome, region
            )
            for each in shown
        )
        for key, shown in kept.items()
    }
    longest = max(kept, key=lambda key: len(kept[key]))
    last = len(films[longest].losses) - 1
    labels = tuple(f"Attack step {each.step} of {last}" for each in kept[longest])
    values = tuple(each.output.quality.psnr for each in next(iter(kept.values())))
    return frames, Film("Attack step", labels, values)


def average(
    key: str, frames: tuple[AverageFrame, ...], outcome: Outcome, region: Region | None
) -> tuple[Frames, Film]:
    """The smoothed estimate of the attacked measurement as its samples come in; ``key`` is its panel's."""
    shown = tuple(
        _frame(each.estimate, f"Average of {each.count} samples", outcome, region) for each in frames
    )
    labels = tuple(f"Average of {each.count} of {frames[-1].count} samples" for each in frames)
    return {key: shown}, Film("Samples", labels, tuple(each.estimate.quality.psnr for each in frames))


def _frame(estimate: Estimate, said: str, outcome: Outcome, region: Region | None) -> Frame:
    region = region if region and reaches(region, outcome.truth) else None
    return Frame(
        render.png(render.pixels(estimate.picture)),
        figure=figures_text.whole(estimate.quality),
        inside=figures_text.inside(estimate.picture, outcome.truth, region),
        alt=f"{said}: {estimate.quality.psnr:.2f} dB",
    )

"""The films of an outcome as panels: the attack step by step, the average sample by sample."""

from __future__ import annotations

import math

from torch import Tensor

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Outcome
from core.experiment.traces import AttackFilm, AverageFrame
from core.pictures import render
from core.pictures.regions import Region
from core.problems.scenario import SMOOTHED
from pages.widgets.page import figures_text
from pages.widgets.page.names import Name, level
from pages.widgets.scenario.outcome_panels import reaches
from pages.widgets.viewer.viewer_data import Film, Frame, Panel, Row

PAIRS = {"attack": ("attacked", "output"), "average": ("truth", "average")}
"""What the viewer compares at first, by film."""


def attack(
    shown: AttackFilm, outcome: Outcome, called: dict[str, Name], region: Region | None
) -> tuple[list[Row], Film]:
    """What the attack does to measurement and output at each of its steps.

    The perturbation's amplification is the same at all steps.
    """
    region = region if region and reaches(region, outcome.truth) else None
    name = called[shown.network]
    pair = outcome.chosen.pair if shown.network == SMOOTHED else outcome.networks[shown.network]
    factor = render.amplification(pair.perturbation.values)
    measurements, perturbations, outputs, errors = [], [], [], []
    for frame in shown.frames:
        picture = frame.output.picture
        measurements.append(
            Frame(
                render.png(render.pixels(frame.measurement)),
                inside=figures_text.inside(frame.measurement, outcome.truth, region),
            )
        )
        perturbations.append(
            Frame(
                render.png(render.perturbation_picture(frame.perturbation, factor)),
                figure=f"‖e‖₂ = {frame.norm:.4f}",
            )
        )
        outputs.append(
            Frame(
                render.png(render.pixels(picture)),
                figure=figures_text.whole(frame.output.quality),
                inside=figures_text.inside(picture, outcome.truth, region),
                alt=f"{name.full}, attacked for {frame.step} steps: {frame.output.quality.psnr:.2f} dB",
            )
        )
        errors.append(_error(picture, outcome, region))
    attack = ATTACKS[outcome.scenario.attack]
    maker = f"{attack.title} takes no steps" if attack.blind else f"made on: {called[shown.made_on].title}"
    panels = [
        _panel(
            "Attacked measurement y + e", "attacked", "The measurement, attacked", measurements, note=maker
        ),
        _panel(
            f"Perturbation e, ×{factor}",
            "perturbation",
            f"The perturbation, amplified {factor} times around mid-grey",
            perturbations,
            note=f"shown ×{factor} around mid-grey",
        ),
        _panel(f"Output: {name.title}", "output", f"{name.full}, attacked", outputs, levels=name.levels),
        _panel("Its error, in grey levels", "error", "Error map", errors, scale=f"{render.ERROR_LIMIT:g}+"),
    ]
    labels = tuple(
        f"Step {frame.step} of {len(shown.losses) - 1} · loss {frame.loss:.4f}"
        + (" · result" if frame.step == shown.result and not attack.blind else "")
        for frame in shown.frames
    )
    film = Film(
        "Attack step",
        labels,
        tuple(frame.loss for frame in shown.frames),
        (
            "start",
            f"loss ‖{'ĝ' if shown.made_on == SMOOTHED else 'f'}(y + e) − x‖²/d, step by step",
        ),
    )
    title = name.title[0].lower() + name.title[1:]
    return [(f"The attack that {title} faces, step by step", panels)], film


def average(
    frames: tuple[AverageFrame, ...], outcome: Outcome, called: dict[str, Name], region: Region | None
) -> tuple[list[Row], Film]:
    """The smoothed estimate of the attacked measurement as its samples come in."""
    region = region if region and reaches(region, outcome.truth) else None
    name = called[SMOOTHED]
    averages, errors, spreads = [], [], []
    for frame in frames:
        picture = frame.estimate.picture
        standard_error = frame.deviation / math.sqrt(frame.count)
        averages.append(
            Frame(
                render.png(render.pixels(picture)),
                figure=figures_text.whole(frame.estimate.quality),
                inside=figures_text.inside(picture, outcome.truth, region),
                alt=f"Mean of {frame.count} predictions: {frame.estimate.quality.psnr:.2f} dB",
            )
        )
        errors.append(_error(picture, outcome, region))
        one = frame.count == 1
        spreads.append(
            Frame(
                render.png(render.spread_map(standard_error)),
                figure="one sample has no spread"
                if one
                else figures_text.rms_grey_levels(standard_error, "RMS"),
                inside=figures_text.rms_grey_levels(region.crop(standard_error), "RMS")
                if region and not one
                else "",
            )
        )
    truth = Panel(
        title="Ground truth x",
        png=render.png(render.pixels(outcome.truth)),
        alt="The photo's crop",
        key="truth",
    )
    panels = [
        truth,
        _panel("Running average ĝ", "average", f"{name.full}, attacked", averages, levels=name.levels),
        _panel("Its error, in grey levels", "error", "Error map", errors, scale=f"{render.ERROR_LIMIT:g}+"),
        _panel(
            "Standard error of the average",
            "spread",
            "Standard error map of the average",
            spreads,
            scale=f"{render.SPREAD_LIMIT:g}+",
        ),
    ]
    psnrs = tuple(frame.estimate.quality.psnr for frame in frames)
    labels = tuple(
        f"{frame.count} of {frames[-1].count} samples · {psnr:.2f} dB"
        for frame, psnr in zip(frames, psnrs, strict=True)
    )
    film = Film("Samples", labels, psnrs, ("1 sample", "PSNR as the samples come in"))
    noise = level("σ_g", outcome.scenario.sigma_level)
    heading = f"The smoothed estimate of the attacked measurement, {noise}"
    return [(heading, panels)], film


def _error(picture: Tensor, outcome: Outcome, region: Region | None) -> Frame:
    error = (picture - outcome.truth).abs()
    return Frame(
        render.png(render.error_map(picture, outcome.truth)),
        figure=figures_text.grey_levels(error, "mean"),
        inside=figures_text.grey_levels(region.crop(error), "mean") if region else "",
    )


def _panel(title: str, key: str, alt: str, frames: list[Frame], **words: str) -> Panel:
    return Panel(title=title, png=frames[0].png, alt=alt, key=key, frames=tuple(frames), **words)

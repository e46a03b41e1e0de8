"""The panels of one outcome: inputs, attacked outputs, their errors, clean outputs, spread."""

from __future__ import annotations

from core import render, units
from core.outcome import Estimate, Outcome
from pages.widgets.names import SMOOTHED, Name, level
from pages.widgets.numbers import signed
from pages.widgets.panels import Panel

Row = tuple[str, list[Panel]]


def rows(outcome: Outcome, called: dict[str, Name]) -> list[Row]:
    """All rows, the story first.

    Args:
        outcome: what to show.
        called: the networks' names, see :mod:`pages.widgets.names`.
    """
    shown = [(called[name], pair.clean, pair.attacked) for name, pair in outcome.networks.items()]
    shown.append((called[SMOOTHED], outcome.clean_smoothed.estimate, outcome.attacked_smoothed.estimate))
    return [
        ("What the networks get", _inputs(outcome, called)),
        ("What they make of it, attacked", [_output(*entry) for entry in shown]),
        (
            "Error of the pictures above, in grey levels",
            [_error(name, attacked, outcome) for name, _, attacked in shown],
        ),
        ("What they make of it, not attacked", [_clean_output(name, clean) for name, clean, _ in shown]),
        (
            f"Spread of the {outcome.scenario.samples} predictions: standard deviation in grey levels",
            _spreads(outcome),
        ),
    ]


def _inputs(outcome: Outcome, called: dict[str, Name]) -> list[Panel]:
    scenario = outcome.scenario
    e = outcome.base.perturbation
    factor = render.amplification(e.values)
    bilinear = outcome.baselines["bilinear"].clean.quality
    maker = "Gaussian noise" if e.made_on == "noise" else f"made on: {called[e.made_on].title}"
    return [
        Panel(
            "Ground truth x",
            render.png(render.pixels(outcome.truth)),
            "The photo's 160×160 crop",
            "160×160 pixels",
        ),
        Panel(
            "Measurement y",
            render.png(render.pixels(units.to_picture(outcome.measurement))),
            f"The photo shrunk {scenario.factor} times and enlarged bilinearly",
            f"÷{scenario.factor}, enlarged bilinearly",
            f"{bilinear.psnr:.2f} dB · SSIM {bilinear.ssim:.3f}",
        ),
        Panel(
            "Attacked measurement y + e",
            render.png(render.pixels(outcome.attacked_measurement(scenario.checkpoint))),
            "The measurement with the perturbation added",
            level("ε_rel", scenario.eps_rel),
            maker,
        ),
        Panel(
            f"Perturbation e, ×{factor}",
            render.png(render.perturbation_picture(e.values, factor)),
            f"The perturbation, amplified {factor} times around mid-grey",
            f"‖e‖₂ = {e.reached:.4f}",
            f"shown ×{factor} around mid-grey",
        ),
    ]


def _output(name: Name, clean: Estimate, attacked: Estimate) -> Panel:
    after, before = attacked.quality, clean.quality
    return Panel(
        name.title,
        render.png(render.pixels(attacked.picture)),
        f"{name.full}, attacked: {after.psnr:.2f} dB",
        figure=f"{after.psnr:.2f} dB · SSIM {after.ssim:.3f} · MSE {after.mse:.4f}",
        note=f"{signed(after.psnr - before.psnr, 2)} dB, SSIM {signed(after.ssim - before.ssim, 3)} to clean",
        levels=name.levels,
        tone="bad" if after.psnr < before.psnr else "good",
    )


def _clean_output(name: Name, clean: Estimate) -> Panel:
    quality = clean.quality
    return Panel(
        name.title,
        render.png(render.pixels(clean.picture)),
        f"{name.full}, not attacked: {quality.psnr:.2f} dB",
        levels=name.levels,
        figure=f"{quality.psnr:.2f} dB · SSIM {quality.ssim:.3f} · MSE {quality.mse:.4f}",
    )


def _error(name: Name, attacked: Estimate, outcome: Outcome) -> Panel:
    return Panel(
        name.title,
        render.png(render.error_map(attacked.picture, outcome.truth)),
        f"Error map: {name.full}, attacked",
        levels=name.levels,
        scale=f"{render.ERROR_LIMIT:g}+",
    )


def _spreads(outcome: Outcome) -> list[Panel]:
    samples = outcome.scenario.samples
    shown = {"attacked": outcome.attacked_smoothed, "not attacked": outcome.clean_smoothed}
    return [
        Panel(
            f"One prediction f(y + δ), {how}",
            render.png(render.spread_map(smoothed.deviation)),
            f"Standard deviation map of one prediction, {how}",
            f"of their average ĝ: ÷√{samples} = ÷{samples**0.5:.1f}",
            scale=f"{render.SPREAD_LIMIT:g}+",
        )
        for how, smoothed in shown.items()
    ]
